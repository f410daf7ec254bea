/** Intake beside repomix: a real tree read, searched for secrets, packed and counted, from a cold process and again. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from '../build.ts';
import { type BenchTree, largeTree, realTree, workFolder } from './auditTree.ts';
import { installPackages } from './peerPackages.ts';
import { type Judged, median, printTable, verdict } from './report.ts';

export interface IntakeResult {
  files: number;
  secrets: number;
  tokens: number;
  /** Of the packed text. */
  bytes: number;
  /** Milliseconds: from the start of the process, then again in the same one. */
  times: number[];
  /** Most memory of the process. */
  peakBytes: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const worker = join(workFolder, 'worker/auditIntakeWorker.js');

/** As what is deployed is built. */
async function buildWorker(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/auditIntakeWorker.ts'],
    outdir: join(workFolder, 'worker'),
    ...bundleOptions,
    logLevel: 'warning',
  });
  cpSync(`${root}shared/audit/tokens/vocabulary`, join(workFolder, 'worker/vocabulary'), { recursive: true });
}

/** In a fresh process with an empty folder for temporary files, so that nothing on disk is warm but the files themselves. */
async function inProcess(script: string, args: readonly string[]): Promise<IntakeResult> {
  const child = fork(script, args, {
    env: { ...process.env, TMPDIR: mkdtempSync(join(tmpdir(), 'bench-')) },
  });
  const [[result]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [IntakeResult],
    unknown,
  ];
  return result;
}

type TimeOf = (result: IntakeResult) => number;

const cold: TimeOf = ({ times }) => times[0] ?? 0;
/** The middle one of those that followed. */
const warm: TimeOf = ({ times }) => median(times.slice(1));

interface Round {
  ours: IntakeResult;
  repomix: IntakeResult;
}

async function measureRound({ folder, archive }: BenchTree): Promise<Round> {
  const repomixWorker = fileURLToPath(new URL('auditRepomixWorker.ts', import.meta.url));
  const ours = await inProcess(worker, [archive]);
  const repomix = await inProcess(repomixWorker, [folder, join(workFolder, 'repomix.xml')]);
  return { ours, repomix };
}

const peakMegabytes = 300;
const largeBytes = 50_000_000;

export async function intake(quick: boolean): Promise<Judged[]> {
  if (!installPackages(['repomix']))
    throw new Error('`npm ci` in bench/ could not install repomix, which intake is measured beside');
  mkdirSync(workFolder, { recursive: true });
  await buildWorker();
  const tree = await realTree();
  const rounds: Round[] = [];
  for (let n = 0; n < (quick ? 3 : 9); n++) rounds.push(await measureRound(tree));
  const ratio = (of: TimeOf) => median(rounds.map(({ ours, repomix }) => of(repomix) / of(ours)));
  const judged: Judged[] = [
    { name: "intake, cold: repomix's time / Gatehouse's", value: ratio(cold), is: '>=', goal: 2, unit: ' x' },
    { name: "intake, warm: repomix's time / Gatehouse's", value: ratio(warm), is: '>=', goal: 5, unit: ' x' },
  ];
  const ms = (who: keyof Round, of: TimeOf) => median(rounds.map((round) => of(round[who]))).toFixed(0);
  const first = rounds[0];
  printTable(
    `intake of ${tree.files} files, ${(tree.bytes / 1e6).toFixed(1)} MB: read, redact, pack, count; ms`,
    [
      ['', 'gatehouse', 'repomix', 'ratio', ''],
      [
        'cold, from the start of the process',
        ms('ours', cold),
        ms('repomix', cold),
        `${ratio(cold).toFixed(2)} x`,
        verdict(judged[0]),
      ],
      [
        'warm, again in the same process',
        ms('ours', warm),
        ms('repomix', warm),
        `${ratio(warm).toFixed(2)} x`,
        verdict(judged[1]),
      ],
      ['files', String(first?.ours.files), String(first?.repomix.files), '', '-'],
      ['tokens, o200k_base', String(first?.ours.tokens), String(first?.repomix.tokens), '', '-'],
    ],
  );
  return [...judged, ...(await memory())];
}

/** With the count of the JSON baseline, which is part of an answer. */
async function memory(): Promise<Judged[]> {
  const tree = await largeTree(largeBytes);
  const { peakBytes, files, times } = await inProcess(worker, [tree.archive, '1', 'baseline']);
  const peak: Judged = {
    name: 'peak memory of the process, 50 MB tree',
    value: peakBytes / 1024 / 1024,
    is: '<=',
    goal: peakMegabytes,
    unit: ' MB',
  };
  printTable(`intake of ${files} files, ${(tree.bytes / 1e6).toFixed(1)} MB`, [
    ['seconds', ((times[0] ?? 0) / 1000).toFixed(1), '-'],
    ['peak memory, MB', peak.value.toFixed(0), verdict(peak)],
  ]);
  return [peak];
}
