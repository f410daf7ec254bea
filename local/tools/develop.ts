import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localSettings, wakeGatehouse } from '../gatehouse.ts';
import { onStopSignal } from '../stopSignal.ts';
import { faultsIn, publishedIn, tellDevEvents } from './devEvents.ts';
import { DevFolder } from './devFolder.ts';
import {
  claimDevState,
  clearDevState,
  type DevState,
  isRunning,
  newDevState,
  readDevState,
  writeDevState,
} from './devState.ts';
import { bothLooks, type Look, noLook } from './look.ts';
import type { Publisher } from './publisher.ts';
import { publishLook } from './publishLook.ts';
import { publishTarget } from './publishTarget.ts';
import { buildTool, toolFiles } from './toolSource.ts';

export interface DevelopOptions {
  intervalS: number;
  once: boolean;
}

/** An app on this machine that runs has the new tools within about a second. */
const settleMs = 5_000;

/**
 * Publishes the tools of a folder, again whenever one of them changes, until it is stopped. Says where.
 * @throws Error where the folder is none.
 */
export async function develop(given: string, publisher: Publisher, options: DevelopOptions): Promise<void> {
  const folder = folderAt(resolve(process.env.INIT_CWD ?? '.', given));
  const state = newDevState(folder, publishTarget(localSettings()));
  const running = await claimDevState(state);
  if (running) {
    console.log(`already looking at ${running.folder} (process ${running.pid})`);
    return;
  }
  const watched = new DevFolder({ files: () => toolFiles(folderAt(folder)), build: buildTool });
  const stopped = new AbortController();
  onStopSignal(async () => {
    stopped.abort();
    clearDevState(state);
  });
  console.log(`looking at ${folder}, publishing to ${state.target}`);
  let unpublished = noLook;
  try {
    for await (const _ of looks(options, stopped.signal)) {
      try {
        const look = await watched.look();
        count(state, look);
        writeDevState(state);
        tellDevEvents(faultsIn(look));
        unpublished = bothLooks(unpublished, look);
        const { sequence, expected } = await publishLook(watched, unpublished, publisher);
        const told = publishedIn(unpublished, sequence);
        unpublished = noLook;
        const { refused } =
          sequence === undefined
            ? { refused: [] }
            : await publisher.settled(sequence, settleMs, wakeGatehouse, expected);
        tellDevEvents([...told, ...refused.map(toFault(folder))]);
      } catch (error) {
        if (options.once) throw error;
        console.error(`not published, tried again: ${error instanceof Error ? error.message : error}`);
      }
    }
  } finally {
    clearDevState(state);
  }
}

/** When to look: at once, and again until it is stopped. */
async function* looks({ intervalS, once }: DevelopOptions, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield;
    if (once) return;
    await sleep(intervalS * 1_000, undefined, { signal }).catch(() => {});
  }
}

const toFault = (file: string) => (problem: string) => ({ event: 'error' as const, file, problem });

function folderAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`${path} is not there.`);
  if (!found.isDirectory()) throw new Error(`${path} is no folder.`);
  return path;
}

function count(state: DevState, look: Look): void {
  state.tracked = look.tracked;
  state.new += look.new.length;
  state.changed += look.changed.length;
  state.errors += look.errors.length;
}

/** What a `dev` that runs has seen; says so where none does. */
export function printDevState(): void {
  const state = readDevState();
  if (!state) return void console.log('stopped');
  const { pid, folder, target, startedAt, tracked, new: added, changed, errors } = state;
  console.log(`looking at ${folder}, publishing to ${target}, since ${startedAt} (process ${pid})`);
  console.log(`tracked ${tracked}, new ${added}, changed ${changed}, errors ${errors}`);
}

/** Ends the `dev` that runs, and waits until it has; none is no error. */
export async function stopDev(): Promise<void> {
  const state = readDevState();
  if (!state) return void console.log('stopped already');
  process.kill(state.pid, 'SIGTERM');
  while (isRunning(state)) await sleep(50);
  console.log(`stopped (process ${state.pid})`);
}
