import { appendFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Look } from './look.ts';

const logFolder = fileURLToPath(new URL('../../.local/logs', import.meta.url));

/** What a look at a folder led to. */
interface DevEvent {
  event: 'new' | 'changed' | 'gone' | 'error';
  tool?: string;
  sequence?: number | undefined;
  file?: string;
  problem?: string;
}

export const publishedIn = (look: Look, sequence: number | undefined): DevEvent[] =>
  (['new', 'changed', 'gone'] as const).flatMap((event) =>
    look[event].map((tool) => ({ event, tool, sequence })),
  );

export const faultsIn = ({ errors }: Look): DevEvent[] =>
  errors.map((error) => ({ event: 'error', ...error }));

/** Shows what happened, and keeps it as JSON lines. */
export function tellDevEvents(events: readonly DevEvent[]): void {
  if (events.length === 0) return;
  const at = new Date().toISOString();
  mkdirSync(logFolder, { recursive: true });
  const lines = events.map((event) => `${JSON.stringify({ at, ...event })}\n`);
  appendFileSync(`${logFolder}/tools.jsonl`, lines.join(''));
  for (const event of events) console.log(lineOf(event));
}

function lineOf({ event, tool, sequence, file, problem }: DevEvent): string {
  if (event === 'error') return `error    ${file}\n         ${problem?.replaceAll('\n', '\n         ')}`;
  const live = sequence === undefined ? 'as published' : `sequence ${sequence}`;
  return `${event.padEnd(8)} ${tool} (${live})`;
}
