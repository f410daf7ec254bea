import { parseArgs } from 'node:util';
import { Failure } from '../failure.ts';
import { readChoice, readCount, readDollars, readDuration } from './amounts.ts';
import { aliases, type OptionName, optionTable } from './optionTable.ts';
import { readReports, type WantedReport } from './reports.ts';
import { didYouMean } from './suggest.ts';

/** What the command was told. */
export interface Options {
  directory: string;
  designs: readonly string[];
  baseline: string | undefined;
  include: readonly string[];
  exclude: readonly string[];
  git: boolean;
  project: string | undefined;
  question: string | undefined;
  advice: boolean;
  failOn: string | undefined;
  /** US dollars. */
  maxCost: string | undefined;
  maxTokens: string | undefined;
  estimate: boolean;
  reports: readonly WantedReport[];
  annotations: 'auto' | 'github' | 'azure' | 'none';
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: 'auto' | 'always' | 'never';
  url: string | undefined;
  allowHttp: boolean;
  async: boolean;
  timeoutMs: number;
}

export type CommandLine = { wants: 'help' | 'version' } | { wants: 'audit'; options: Options };

const known: Readonly<Record<string, (typeof optionTable)[OptionName]>> = optionTable;
const isFlag = (name: string) => known[name]?.kind === 'flag' || name === 'no-color';

/** @throws Failure that says which argument is wrong and what was probably meant. */
export function readOptions(args: readonly string[]): CommandLine {
  const { given, rest } = readArguments(args);
  if (given.has('help')) return { wants: 'help' };
  if (given.has('version')) return { wants: 'version' };
  const one = (name: OptionName) => given.get(name)?.at(-1);
  const many = (name: OptionName) => given.get(name) ?? [];
  if (rest.length > 1)
    throw new Failure(`One folder can be audited at a time, and ${rest.length} are named: ${rest.join(' ')}`);
  const options: Options = {
    directory: rest[0] ?? '.',
    designs: many('hld'),
    baseline: one('baseline'),
    include: many('include'),
    exclude: many('exclude'),
    git: !given.has('no-git'),
    project: one('project'),
    question: one('question'),
    advice: given.has('advice'),
    failOn: one('fail-on'),
    maxCost: map(one('max-cost'), readDollars),
    maxTokens: map(one('max-tokens'), readCount),
    estimate: given.has('estimate'),
    reports: readReports(many('report')),
    annotations: readChoice('annotations', one('annotations') ?? 'auto', ['auto', 'github', 'azure', 'none']),
    json: given.has('json'),
    quiet: given.has('quiet'),
    verbose: given.has('verbose'),
    color: readChoice('color', one('color') ?? 'auto', ['auto', 'always', 'never']),
    url: one('url'),
    allowHttp: given.has('allow-http'),
    async: given.has('async'),
    timeoutMs: map(one('timeout'), readDuration) ?? 30 * 60_000,
  };
  checkTogether(options);
  return { wants: 'audit', options };
}

function map<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

function checkTogether({ quiet, verbose, json, reports, estimate }: Options): void {
  if (quiet && verbose) throw new Failure('--quiet and --verbose exclude each other.');
  if (json && reports.some(({ file }) => file === '-'))
    throw new Failure(
      '--json and a report to standard output exclude each other. Name a file for the report.',
    );
  if (estimate && reports.some(({ file }) => file === '-'))
    throw new Failure('An estimate has no reports. Leave --report or --estimate out.');
}

/** Options by name, an alias under the name it stands for, and what is no option. */
function readArguments(args: readonly string[]): { given: Map<string, string[]>; rest: string[] } {
  const config = Object.fromEntries(
    [...Object.keys(known), ...Object.keys(aliases)].map((name) => {
      const option = known[name];
      return [
        name,
        {
          type: isFlag(name) ? ('boolean' as const) : ('string' as const),
          ...(option && 'short' in option ? { short: option.short } : {}),
        },
      ];
    }),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, value } = readOption(token);
    const values = given.get(name) ?? [];
    if (values.length > 0 && known[name]?.kind === 'value')
      throw new Failure(`--${name} is given twice. Give it once.`);
    given.set(name, [...values, value]);
  }
  return { given, rest };
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function readOption({ name, rawName, value, inlineValue }: OptionToken): { name: string; value: string } {
  const names = [...Object.keys(known), ...Object.keys(aliases)];
  const real = aliases[name] ?? name;
  const option = known[real];
  if (!option || !names.includes(name))
    throw new Failure(
      `There is no option ${rawName}.${didYouMean(name, names, '--')} See gatehouse-audit --help.`,
    );
  if (isFlag(name)) {
    if (value !== undefined) throw new Failure(`${rawName} takes no value.`);
    return { name: real, value: name === 'no-color' ? 'never' : '' };
  }
  const isNextOption = !inlineValue && value !== undefined && /^-./.test(value);
  if (value === undefined || isNextOption)
    throw new Failure(
      `${rawName} needs a value: ${rawName} ${'value' in option ? option.value : 'VALUE'}${isNextOption ? `. If ${value} is meant: ${rawName}=${value}` : ''}.`,
    );
  if (value.trim() === '')
    throw new Failure(`${rawName} is empty. Give it a value${inlineValue ? '' : ' or leave it out'}.`);
  return { name: real, value };
}
