import { appendFileSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { wakeGatehouse } from '../gatehouse.ts';
import { onStopSignal } from '../stopSignal.ts';
import { DevFolder, type Look } from './devFolder.ts';
import { type DevState, readDevState, writeDevState } from './devState.ts';
import type { Publisher } from './publisher.ts';
import { publishLook } from './publishLook.ts';
import { buildTool, toolFiles } from './toolSource.ts';

export interface DevelopOptions {
  intervalS: number;
  once: boolean;
}

/** An app on this machine that runs has the new tools within about a second. */
const settleMs = 5_000;

const logFolder = fileURLToPath(new URL('../../.local/logs', import.meta.url));

/** Publishes the tools of a folder to the running `npm start`, again whenever one of them changes, until it is stopped. */
export async function develop(given: string, publisher: Publisher, options: DevelopOptions): Promise<void> {
  const folder = resolve(process.env.INIT_CWD ?? '.', given);
  const running = readDevState();
  if (running) {
    console.log(`already looking at ${running.folder} (process ${running.pid})`);
    return;
  }
  const watched = new DevFolder({ files: () => toolFiles(folder), build: buildTool });
  const stopped = new AbortController();
  onStopSignal(async () => {
    stopped.abort();
    writeDevState(undefined);
  });
  const state: DevState = {
    pid: process.pid,
    folder,
    startedAt: new Date().toISOString(),
    tracked: 0,
    new: 0,
    changed: 0,
    errors: 0,
  };
  console.log(`looking at ${folder}`);
  try {
    while (!stopped.signal.aborted) {
      const look = await watched.look();
      const sequence = await publishLook(watched, look, publisher);
      if (sequence !== undefined) await publisher.settled(sequence, settleMs, wakeGatehouse);
      await tell(look, state, sequence);
      writeDevState(state);
      if (options.once) break;
      await sleep(options.intervalS * 1_000, undefined, { signal: stopped.signal }).catch(() => {});
    }
  } finally {
    writeDevState(undefined);
  }
}

async function tell(look: Look, state: DevState, sequence: number | undefined): Promise<void> {
  state.tracked = look.tracked;
  state.new += look.new.length;
  state.changed += look.changed.length;
  state.errors += look.errors.length;
  const at = new Date().toISOString();
  const events = [
    ...look.new.map((tool) => ({ at, event: 'new', tool, sequence })),
    ...look.changed.map((tool) => ({ at, event: 'changed', tool, sequence })),
    ...look.gone.map((tool) => ({ at, event: 'gone', tool, sequence })),
    ...look.errors.map((error) => ({ at, event: 'error', ...error })),
  ];
  if (events.length === 0) return;
  mkdirSync(logFolder, { recursive: true });
  appendFileSync(`${logFolder}/tools.jsonl`, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  for (const { at: _, ...event } of events) console.log(lineOf(event));
}

function lineOf(event: {
  event: string;
  tool?: string;
  sequence?: number | undefined;
  file?: string;
  problem?: string;
}) {
  if (event.event === 'error')
    return `error    ${event.file}\n         ${event.problem?.replaceAll('\n', '\n         ')}`;
  const live = event.sequence === undefined ? 'as published' : `sequence ${event.sequence}`;
  return `${event.event.padEnd(8)} ${event.tool} (${live})`;
}

/** What a `dev` that runs has seen; says so where none does. */
export function printDevState(): void {
  const state = readDevState();
  if (!state) return void console.log('stopped');
  const { pid, folder, startedAt, tracked, new: added, changed, errors } = state;
  console.log(`looking at ${folder} since ${startedAt} (process ${pid})`);
  console.log(`tracked ${tracked}, new ${added}, changed ${changed}, errors ${errors}`);
}

/** Ends the `dev` that runs, and waits until it has; none is no error. */
export async function stopDev(): Promise<void> {
  const state = readDevState();
  if (state) process.kill(state.pid, 'SIGTERM');
  while (readDevState()) await sleep(50);
  console.log(state ? `stopped (process ${state.pid})` : 'stopped already');
}
