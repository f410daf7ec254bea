/** Token counting beside gpt-tokenizer and tiktoken: real source with cold caches and again, and a run of one letter. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TokenEncoding } from '../shared/config/audit.ts';
import {
  type ContenderName,
  type CountingOrder,
  type CountingResult,
  contenders,
} from './auditCountingWorker.ts';
import { type Judged, median, printTable, verdict } from './report.ts';

const corpusBytes = 10_000_000;
const million = 1_000_000;
/** All peers take quadratic time on a run of one letter: they get a shorter one. */
const peerLetters = { quick: 20_000, full: 50_000 };

/** About 10 MB of TypeScript and JavaScript, taken evenly from all installed packages. */
function corpus(): string[] {
  const root = fileURLToPath(new URL('../node_modules', import.meta.url));
  const found = globSync(`${root}/**/*.{ts,mts,cts,js,mjs,cjs}`, {
    exclude: ['**/gpt-tokenizer/**', '**/tiktoken/**'],
  })
    .map((path) => ({ path, stat: statSync(path) }))
    .filter(({ stat }) => stat.isFile() && stat.size > 0 && stat.size < 200_000)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const share = corpusBytes / found.reduce((sum, { stat }) => sum + stat.size, 0);
  return found.filter((_, i) => Math.floor((i + 1) * share) > Math.floor(i * share)).map(({ path }) => path);
}

async function run(order: CountingOrder): Promise<CountingResult> {
  const worker = fork(fileURLToPath(new URL('auditCountingWorker.ts', import.meta.url)));
  worker.send(order);
  const [result] = (await once(worker, 'message')) as [CountingResult];
  return result;
}

type Round = Record<ContenderName, CountingResult>;

/** Every contender once, each in a fresh process. @throws Error where Gatehouse and tiktoken count differently. */
async function countRound(encoding: TokenEncoding, files: readonly string[], quick: boolean): Promise<Round> {
  const shorter = quick ? peerLetters.quick : peerLetters.full;
  const round = {} as Round;
  for (const contender of contenders) {
    const letters = contender === 'gatehouse' ? million : shorter;
    round[contender] = await run({ contender, encoding, files, letters });
  }
  const [ours, theirs] = [round.gatehouse.tokens, round.tiktoken.tokens];
  if (ours !== theirs) throw new Error(`${encoding}: ${ours} tokens, by tiktoken ${theirs}`);
  return round;
}

const middle = (rounds: readonly Round[], of: (round: Round) => number) => median(rounds.map(of));

type Pass = 'first' | 'second' | 'both';

const timeOf = ({ first, second }: CountingResult, pass: Pass): number =>
  pass === 'both' ? first.wallMs + second.wallMs : { first, second }[pass].wallMs;

/** How many times faster Gatehouse is than a peer: the median of the ratios within each round. */
const timesFaster = (rounds: readonly Round[], peer: ContenderName, pass: Pass) =>
  middle(rounds, (round) => timeOf(round[peer], pass) / timeOf(round.gatehouse, pass));

/** Judged over both passes, cold and again; of an instance that has counted a file before neither is asked any more. */
function judge(encoding: TokenEncoding, rounds: readonly Round[]): Judged[] {
  const letters = middle(rounds, ({ gatehouse }) => gatehouse.letters.wallMs);
  return [
    {
      name: `${encoding}: gpt-tokenizer's time / Gatehouse's`,
      value: timesFaster(rounds, 'gpt-tokenizer', 'both'),
      is: '>=',
      goal: 3,
      unit: ' x',
    },
    { name: `${encoding}, 1 MB of one letter`, value: letters, is: '<=', goal: 1_000, unit: ' ms' },
  ];
}

function printRounds(
  encoding: TokenEncoding,
  rounds: readonly Round[],
  judged: readonly Judged[],
  quick: boolean,
) {
  const ms = (of: (round: Round) => number) => middle(rounds, of).toFixed(0);
  const both = (name: ContenderName, which: 'first' | 'second') =>
    `${ms((round) => round[name][which].wallMs)} (${ms((round) => round[name][which].cpuMs)})`;
  const shorter = (quick ? peerLetters.quick : peerLetters.full) / 1_000;
  const ratios = (pass: Pass) => contenders.map((name) => `${timesFaster(rounds, name, pass).toFixed(2)} x`);
  printTable(`counting in ${encoding}, ms of wall clock (CPU)`, [
    ['', ...contenders, ''],
    ['load', ...contenders.map((name) => ms((round) => round[name].loadMs)), '-'],
    ['10 MB of source, first', ...contenders.map((name) => both(name, 'first')), '-'],
    ['/ Gatehouse', ...ratios('first'), '-'],
    ['10 MB of source, second', ...contenders.map((name) => both(name, 'second')), '-'],
    ['/ Gatehouse', ...ratios('second'), '-'],
    ['both / Gatehouse', ...ratios('both'), verdict(judged[0])],
    [
      `one letter, 1 MB; peers ${shorter} KB`,
      ...contenders.map((name) => ms((round) => round[name].letters.wallMs)),
      verdict(judged[1]),
    ],
    ['tokens of the source', ...contenders.map((name) => ms((round) => round[name].tokens)), '-'],
  ]);
}

/** Measures and prints; gives what is judged. @throws Error where a count is not tiktoken's. */
export async function counting(quick: boolean): Promise<Judged[]> {
  const files = corpus();
  const all: Judged[] = [];
  for (const encoding of quick ? (['o200k_base'] as const) : (['o200k_base', 'cl100k_base'] as const)) {
    const rounds: Round[] = [];
    for (let i = 0; i < (quick ? 3 : 7); i++) rounds.push(await countRound(encoding, files, quick));
    const judged = judge(encoding, rounds);
    printRounds(encoding, rounds, judged, quick);
    all.push(...judged);
  }
  return all;
}
