/** Goals that are measured on a running system. */
const measured =
  /\b(?:uptime|availab(?:le|ility)\b[^.]*\d|(?:latency|throughput|response times?|load times?)\b[^.]*\b(?:below|under|within|less|low|fast|at most|\d)|p\d\d\b|percentile|scal(?:es?|able|ability)|performan(?:ce|t)|requests per second|concurrent users|RTO|RPO|recovery (?:time|point)|MTTR)\b|\b(?:memory|CPU|RAM)\b[^.]*\b(?:less|at most|below|under|more than)\b|\b(?:less|at most|below|under|more) than\b[^.]*\b(?:memory|CPU|RAM)\b|(?:%|\bpercent)\s+of\b|\b(?:answer|respond|load|render|complete|serve)\w*\b[^.]*\b(?:within|under|in less than|faster than|below)\s+(?:[\d.,]+|one|two|three|five|ten)\s*(?:ms|milliseconds?|s|seconds?)\b/i;
const who =
  '(?:teams?|staff|maintainers?|contributors?|volunteers?|employees|personnel|auditors?|reviewers?|developers?|engineers?|management|stakeholders?|operations|on[- ]?call|support)';
/** What people do, and what papers say. */
const people = new RegExp(
  `^(?:\\S+\\s+){0,4}${who}\\b|\\bby (?:\\S+\\s+){0,3}${who}\\b|\\b(?:(?:review|inspect|rehears|train|audit)\\w*\\b[^.]*\\b(?:every|each|once a) (?:week|month|quarter|year)|code reviews?|pull requests?|training|trained|sign(?:ed)?[- ]off|SLAs?|penetration tests?|certifi(?:ed|cation)|GDPR|HIPAA|SOC ?2|runbooks?|weekdays?|(?:working|business|office|support) (?:days|hours)|(?:is|are|be) (?:well )?documented|documentation)\\b`,
  'i',
);
/** What is arranged where the program runs. */
const surroundings =
  /\b(?:at rest|data ?cent(?:er|re)s?|availability zones?|geo-?redundan\w*|replicated|replicas?|backups?|backed up|restor(?:e|ed|es) from|disaster|firewall|VPN|load balancers?|kubernetes|cluster|hosted|hardware|deployed (?:to|in|on|as)|blue[- ]green|canary|containeri[sz]ed|auto-?scal\w*|DNS|CDN|TLS 1\.\d|keys? (?:is|are|that is) rotated|key vault|CI\/CD)\b/i;
/** Qualities without a measure. */
const vague =
  /\b(?:user[- ]friendly|intuitive|easy to|easily|simple to|robust|reliable|maintainable|readable|clean|modern|flexible|extensible|elegant|well[- ](?:tested|structured|documented)|high[- ]quality|best practices?|seamless|future[- ]proof|state of the art|as (?:fast|simple|small|soon) as possible|cost[- ]effective|slow(?:er|s)?|fast enough|speed|noticeabl[ey])\b/i;

/** Why source code cannot show a statement, in a sentence; undefined where it may. */
export function unassessable(text: string): { why: string; isFirm: boolean } | undefined {
  if (measured.test(text)) return { why: 'It is a goal to be measured on the running system.', isFirm: true };
  if (people.test(text))
    return { why: 'It is about people, papers or routine, which source code does not show.', isFirm: false };
  if (surroundings.test(text))
    return { why: 'It is arranged where the program runs, which source code need not show.', isFirm: false };
  if (vague.test(text)) return { why: 'It names a quality without a measure.', isFirm: true };
  return undefined;
}
