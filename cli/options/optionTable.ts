interface Option {
  kind: 'flag' | 'value' | 'list';
  /** How the value is shown in the help; of flags none. */
  value?: string;
  short?: string;
  group: 'What is audited' | 'What is asked' | 'What comes out' | 'The service';
  help: string;
}

/** Every option of the command; its help and its checks are made of this. */
export const optionTable = {
  hld: {
    kind: 'list',
    value: 'FILE',
    group: 'What is audited',
    help: 'a High-Level Design, inside DIR or not; may be given several times',
  },
  baseline: {
    kind: 'value',
    value: 'FILE',
    group: 'What is audited',
    help: 'gaps that are accepted (make one with --report baseline)',
  },
  include: {
    kind: 'list',
    value: 'GLOB',
    group: 'What is audited',
    help: 'audit these files only, of whatever kind, by path in DIR; may be given several times',
  },
  exclude: {
    kind: 'list',
    value: 'GLOB',
    group: 'What is audited',
    help: 'leave these files out, by path in DIR; may be given several times',
  },
  'no-git': {
    kind: 'flag',
    group: 'What is audited',
    help: 'take DIR as a plain folder, with what git ignores',
  },
  project: {
    kind: 'value',
    value: 'NAME',
    group: 'What is asked',
    help: 'compare with the last run of this name',
  },
  question: { kind: 'value', value: 'TEXT', group: 'What is asked', help: 'asked beside the audit' },
  advice: { kind: 'flag', group: 'What is asked', help: 'say of each gap what could be done' },
  'fail-on': {
    kind: 'value',
    value: 'SPEC',
    group: 'What is asked',
    help: 'what fails the gate: high (default), medium, low, unverified, secrets, instructions, undocumented, each with an allowance like medium:5, by commas; or none',
  },
  'max-cost': {
    kind: 'value',
    value: 'USD',
    group: 'What is asked',
    help: 'refuse an audit estimated above this',
  },
  'max-tokens': {
    kind: 'value',
    value: 'N',
    group: 'What is asked',
    help: 'refuse an audit estimated above this',
  },
  estimate: {
    kind: 'flag',
    group: 'What is asked',
    help: 'only say what the audit would need; exit 0 without a verdict',
  },
  report: {
    kind: 'list',
    value: 'NAME[=FILE]',
    group: 'What comes out',
    help: 'write a report; may be given several times. FILE - is standard output. Default: tokens',
  },
  annotations: {
    kind: 'value',
    value: 'KIND',
    group: 'What comes out',
    help: 'print gaps for auto (default), github, azure or none',
  },
  json: {
    kind: 'flag',
    group: 'What comes out',
    help: 'print the result as JSON, and everything else on standard error',
  },
  quiet: { kind: 'flag', short: 'q', group: 'What comes out', help: 'print the gate and errors only' },
  verbose: {
    kind: 'flag',
    short: 'v',
    group: 'What comes out',
    help: 'print every gap and what was left out',
  },
  color: { kind: 'value', value: 'WHEN', group: 'What comes out', help: 'auto (default), always or never' },
  url: { kind: 'value', value: 'URL', group: 'The service', help: 'in place of GATEHOUSE_URL' },
  'allow-http': {
    kind: 'flag',
    group: 'The service',
    help: 'send the key in the clear to another machine over http',
  },
  async: { kind: 'flag', group: 'The service', help: 'ask for a job, with progress, however small the tree' },
  timeout: {
    kind: 'value',
    value: 'TIME',
    group: 'The service',
    help: 'give up, and cancel the audit, after 90s, 30m (default), 2h',
  },
  help: { kind: 'flag', short: 'h', group: 'What comes out', help: 'print this' },
  version: { kind: 'flag', short: 'V', group: 'What comes out', help: 'print the version' },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof optionTable;

/** Other names of options. */
export const aliases: Readonly<Record<string, OptionName>> = { format: 'report', 'no-color': 'color' };

export const options: readonly (readonly [OptionName, Option])[] = Object.entries(optionTable) as [
  OptionName,
  Option,
][];
