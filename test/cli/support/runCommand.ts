import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { commandFile } from '../../../buildCommand.ts';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The Node to run it; the pinned one if none is named. */
  node?: string;
  /** Told of the process as soon as it runs. */
  onStart?: (child: ChildProcess) => void;
}

export const key = 'a-function-key-that-nobody-may-see';

/** Runs the built command in an environment with no pipeline around it. */
export async function runCommand(
  args: readonly string[],
  { cwd, env = {}, node = process.execPath, onStart }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(node, [commandFile, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, GATEHOUSE_KEY: key, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => {
    out.stdout += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    out.stderr += piece.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...out };
}

/** The Nodes to test with: the pinned one and, where the machine has one, its own. */
export function nodes(): { name: string; path: string | undefined }[] {
  const system = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => `${folder}/node`)
    .concat('/usr/bin/node')
    .find((path) => spawnSync(path, ['--version']).status === 0 && realpathSync(path) !== process.execPath);
  return [
    { name: `Node ${process.versions.node}`, path: process.execPath },
    {
      name: system
        ? `the machine's Node ${spawnSync(system, ['--version']).stdout.toString().trim()}`
        : "the machine's Node (there is none: skipped)",
      path: system,
    },
  ];
}
