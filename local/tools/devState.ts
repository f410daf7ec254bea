import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../isAlive.ts';

/** A `tools dev` that runs, and what it has seen since it began. */
export interface DevState {
  pid: number;
  folder: string;
  startedAt: string;
  tracked: number;
  new: number;
  changed: number;
  errors: number;
}

const file = fileURLToPath(new URL('../../.local/tools/dev.json', import.meta.url));

/** The one that runs; undefined where none does, whatever a killed one left behind. */
export function readDevState(): DevState | undefined {
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, 'utf8')) as DevState;
  return isAlive(state.pid) ? state : undefined;
}

export function writeDevState(state: DevState | undefined): void {
  mkdirSync(dirname(file), { recursive: true });
  if (state) writeFileSync(file, JSON.stringify(state));
  else rmSync(file, { force: true });
}
