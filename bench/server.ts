import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Server {
  base: string;
  stop(): Promise<void>;
}

const startMs = 60_000;

/**
 * Starts a script of this project that prints `listening on http://localhost:PORT`. It prints to a file: whoever read a pipe
 * would be woken by every line, and take a core from what is measured.
 */
export async function startServer(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
  /** False where what it says of its troubles is expected. */
  isHeard = true,
): Promise<Server> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const printed = join(folder, 'stdout');
  const fd = openSync(printed, 'w');
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', fd, isHeard ? 'inherit' : 'ignore'],
  });
  closeSync(fd);
  // A bench that fails leaves nothing running.
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const portIn = () => /listening on http:\/\/localhost:(\d+)/.exec(readFileSync(printed, 'utf8'))?.[1];
  const end = performance.now() + startMs;
  let port = portIn();
  while (port === undefined) {
    if (child.exitCode !== null || performance.now() > end) {
      child.kill('SIGKILL');
      const text = readFileSync(printed, 'utf8');
      rmSync(folder, { recursive: true });
      throw new Error(`${script} does not start:\n${text}`);
    }
    await sleep(50);
    port = portIn();
  }
  return {
    base: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}
