import { fingerprintOf } from '../fingerprint.ts';
import type { ResultFinding } from '../gate/outcome.ts';
import { type Requirement, verdictsWorstFirst } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import { code, plain } from './markdownText.ts';
import { standingOf, worstGaps } from './order.ts';
import { clip, count, dollars, gateTitle, whole } from './text.ts';
import { findingNames, verdictNames } from './verdictNames.ts';
import { verdictSentence } from './verdictSentence.ts';

/** GitHub takes 65,536 characters; the rest is for what a pipeline adds of its own. */
const longestComment = 60_000;
const mostReasons = 20;

/** By this line a pipeline finds its comment on a pull request, to put the next one in its place. */
export const commentMarker = (project: string | null): string =>
  `<!-- gatehouse-audit:${project === null ? 'audit' : fingerprintOf('project', project)} -->`;

/** The result as a comment on a pull request: short, worst first, folded. */
export function toComment(result: AuditResult): string {
  const head = [commentMarker(result.project), title(result), reasons(result), counts(result)];
  const foot = footer(result);
  const room = longestComment - [...head, foot].join('\n\n').length;
  const sections = fill(sectionsOf(result), room);
  return `${[...head, ...sections, foot].filter(Boolean).join('\n\n')}\n`;
}

function title({ gate, project }: AuditResult): string {
  const mark = gate.fail_on === 'none' ? 'ℹ️' : gate.passed ? '✅' : '❌';
  return `## ${mark} Design audit${project === null ? '' : ` of ${plain(clip(project, 100))}`}: ${gateTitle(gate)}`;
}

const reasons = ({ gate }: AuditResult) =>
  gate.reasons
    .slice(0, mostReasons)
    .map((reason) => `- ${plain(reason)}`)
    .join('\n');

function counts({ counts: found, compared }: AuditResult): string {
  const verdicts = verdictsWorstFirst
    .filter((verdict) => found[verdict] > 0)
    .map((verdict) => `**${whole(found[verdict])}** ${verdictNames[verdict]}`);
  const against = (['baseline', 'previous'] as const).flatMap((what) => {
    const one = compared[what];
    if (!one) return [];
    const than = what === 'baseline' ? 'the baseline' : 'the last run';
    return [
      `Against ${than}: ${one.new.length} new, ${one.fixed.length} fixed, ${one.unchanged.length} unchanged, ${one.stale.length} stale.`,
    ];
  });
  return [verdicts.join(' · '), ...against].join('\n\n');
}

interface Section {
  heading: string;
  open: boolean;
  lines: readonly string[];
}

function sectionsOf({ requirements, findings }: AuditResult): Section[] {
  const gaps = worstGaps(requirements);
  const those = (standing: string) => gaps.filter((one) => standingOf(one) === standing).map(line);
  const open = findings.filter(({ accepted }) => !accepted);
  return [
    { heading: 'Open gaps', open: true, lines: those('open') },
    { heading: 'Findings', open: true, lines: open.map(findingLine) },
    { heading: 'Gaps that nobody confirmed', open: false, lines: those('unverified') },
    { heading: 'Accepted gaps', open: false, lines: those('accepted') },
  ];
}

function line(one: Requirement): string {
  const { severity, advice, accepted, state } = one;
  const mark = state === 'new' ? ' **new**' : '';
  const notes = [
    ...(accepted ? [`Accepted: ${plain(clip(accepted.reason, 300))}`] : []),
    ...(advice === null ? [] : [`Advice: ${plain(clip(advice, 300))}`]),
  ];
  return [`- **${severity}**${mark} ${plain(verdictSentence(one))}`, ...notes].join('<br>');
}

const findingLine = ({ kind, severity, message, file, line: at }: ResultFinding) =>
  `- **${severity}** ${findingNames[kind]}: ${plain(clip(message, 400))} (${code(`${file}:${at}`, 200)})`;

/** As many lines as there is room for, and how many were left out. */
function fill(sections: readonly Section[], room: number): string[] {
  let left = room;
  return sections.flatMap(({ heading, open, lines }) => {
    if (lines.length === 0) return [];
    const top = `<details${open ? ' open' : ''}>\n<summary><b>${heading}</b> (${whole(lines.length)})</summary>\n`;
    const rest = (n: number) =>
      n === 0 ? '' : `\n\n${count(n, 'more is', 'more are')} in the whole report.`;
    const end = '\n</details>';
    left -= top.length + end.length + rest(lines.length).length + 4;
    const shown = lines.slice(0, fitting(lines, left));
    left -= shown.join('\n').length;
    return left < 0 && shown.length === 0
      ? []
      : [`${top}\n${shown.join('\n')}${rest(lines.length - shown.length)}${end}`];
  });
}

function fitting(lines: readonly string[], room: number): number {
  let used = 0;
  const over = lines.findIndex((one) => {
    used += one.length + 1;
    return used > room;
  });
  return over < 0 ? lines.length : over;
}

function footer({ engine, token_report: tokens, gate }: AuditResult): string {
  const cost = tokens.model_called
    ? tokens.local_cache_hit
      ? 'answered from the cache, free'
      : `${whole(tokens.total_tokens_billed)} tokens billed, ${dollars(tokens.cost.billed_usd)}`
    : 'no model called';
  const by = engine.model ? `${engine.name} (${plain(clip(engine.model, 100))})` : engine.name;
  return `<sub>Gatehouse · ${by} · ${count(tokens.file_count, 'file')} · ${cost} · fails on ${code(gate.fail_on)}</sub>`;
}
