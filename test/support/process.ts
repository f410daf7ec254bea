import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Running {
  /** `http://localhost:PORT` as the program printed it. */
  base: string;
  child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Ends it as Ctrl-C would; gives the milliseconds that took. */
  stop(): Promise<number>;
}

/** Starts a script of this project and waits for its `listening on http://localhost:PORT`. */
export async function run(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const listening = Promise.withResolvers<string>();
  const read = (piece: Buffer) => {
    printed += piece.toString();
    const found = /listening on (http:\/\/localhost:\d+)/.exec(printed)?.[1];
    if (found) listening.resolve(found);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('exit', (code) => listening.reject(new Error(`${script} ended with ${code}:\n${printed}`)));
  const base = await listening.promise;
  return {
    base,
    child,
    output: () => printed,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return 0;
      const started = performance.now();
      child.kill('SIGINT');
      await once(child, 'exit');
      return performance.now() - started;
    },
  };
}

/** Runs a script to its end. */
export async function runToEnd(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (piece: Buffer) => {
    printed += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    printed += piece.toString();
  });
  const [code] = await once(child, 'close');
  return { code: code as number, printed };
}

/** The environment without settings of this machine that the app would read. */
function cleanEnv(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(VAPI_|GATEHOUSE_|AZURE_|AzureWebJobs|PORT$|INIT_CWD$|npm_config_|npm_lifecycle_)/.test(name),
    ),
  );
}
