import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Server {
  base: string;
  stop(): Promise<void>;
}

/** Starts a script of this project that prints `listening on http://localhost:PORT`; what it prints later is dropped. */
export async function startServer(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Server> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let printed = '';
  const base = await new Promise<string>((resolve, reject) => {
    // Once it listens its output is drained unread: looking at it would take a core from what is measured.
    const read = (piece: Buffer) => {
      printed += piece.toString();
      const found = /listening on http:\/\/localhost:(\d+)/.exec(printed)?.[1];
      if (!found) return;
      child.stdout.off('data', read).resume();
      resolve(`http://127.0.0.1:${found}`);
    };
    child.stdout.on('data', read);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}:\n${printed}`)));
  });
  return {
    base,
    async stop() {
      child.kill('SIGINT');
      await exited;
    },
  };
}
