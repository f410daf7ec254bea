import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { tryJson } from '../../shared/tryJson.ts';
import { isAlive } from '../isAlive.ts';
import { processStart } from '../processStart.ts';

const stateSchema = z.object({
  pid: z.int().positive(),
  /** Absent where the system does not say. */
  start: z.string().optional(),
  folder: z.string(),
  /** Where it publishes. */
  target: z.string(),
  startedAt: z.string(),
  tracked: z.number(),
  new: z.number(),
  changed: z.number(),
  errors: z.number(),
});

/** A `tools dev` that runs, and what it has seen since it began. */
export type DevState = z.infer<typeof stateSchema>;

const file = fileURLToPath(new URL('../../.local/tools/dev.json', import.meta.url));
const turnFile = `${file}.turn`;
const turnLookMs = 20;
/** Who takes longer was killed meanwhile. */
const longestTurnMs = 5_000;

/** The state of this process, which has seen nothing yet. */
export const newDevState = (folder: string, target: string): DevState => ({
  pid: process.pid,
  start: processStart(process.pid),
  folder,
  target,
  startedAt: new Date().toISOString(),
  tracked: 0,
  new: 0,
  changed: 0,
  errors: 0,
});

/** The one that runs; undefined where none does, whatever a killed one left behind. */
export function readDevState(): DevState | undefined {
  const state = stored(file);
  return state && isRunning(state) ? state : undefined;
}

/** True until the process ends. */
export const isRunning = ({ pid, start }: DevState) => isAlive(pid) && processStart(pid) === start;

/** Makes the state the only one. Gives the one that is already, where one runs. */
export async function claimDevState(state: DevState): Promise<DevState | undefined> {
  mkdirSync(dirname(file), { recursive: true });
  while (!isTurnTaken()) await sleep(turnLookMs);
  try {
    const running = readDevState();
    if (!running) put(state);
    return running;
  } finally {
    rmSync(turnFile, { force: true });
  }
}

/** @throws Error where another one has taken its place: somebody has deleted the file. */
export function writeDevState(state: DevState): void {
  const other = stored(file);
  if (other && !isSame(other, state) && isRunning(other))
    throw new Error(`process ${other.pid} has taken over, it is looking at ${other.folder}`);
  put(state);
}

/** Takes the state away, unless another one has taken its place. */
export function clearDevState(state: DevState): void {
  const there = stored(file);
  if (there && isSame(there, state)) rmSync(file, { force: true });
}

/** What cannot be read is none. */
function stored(path: string): DevState | undefined {
  try {
    return stateSchema.safeParse(tryJson(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

const isSame = (one: DevState, other: DevState) => one.pid === other.pid && one.start === other.start;

/** Whoever reads it finds all of it. */
function put(state: DevState): void {
  const aside = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(aside, JSON.stringify(state));
  renameSync(aside, file);
}

/** Only one process at a time may take over what a killed one left: the next would take it from the first. */
function isTurnTaken(): boolean {
  try {
    writeFileSync(turnFile, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const began = statSync(turnFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - began > longestTurnMs) rmSync(turnFile, { force: true });
  return false;
}
