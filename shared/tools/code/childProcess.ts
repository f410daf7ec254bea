import { type ChildProcess, spawn } from 'node:child_process';
import { bootText } from './child/bootText.ts';
import { type FromChild, readFrame, type ToChild } from './frames.ts';
import type { CodeLimits } from './limits.ts';

/** A process with nothing loaded into it yet. */
export interface Child {
  /** 0 where it could not be started. */
  readonly pid: number;
  send(frame: ToChild): void;
  /** At once, whatever it is doing. */
  kill(): void;
}

/** What a child does that others must know of. */
export interface ChildEvents {
  frame(frame: FromChild): void;
  /** Once, also where it never started. */
  ended(): void;
}

const alive = new Set<ChildProcess>();

/** A process that hangs would not see that its parent ends. */
function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** The arguments of a process for code that is not trusted. */
export const childArguments = (limits: CodeLimits): string[] => [
  // Denies files, processes, threads, addons, the inspector; on this Node not the network, which the boot script does.
  '--permission',
  '--disallow-code-generation-from-strings',
  '--frozen-intrinsics',
  `--max-old-space-size=${limits.heapMb}`,
  '-e',
  bootText(limits),
];

/** Starts a process without environment, files, standard streams. It does not keep this one alive, nor outlives it. */
export function startChild(limits: CodeLimits, events: ChildEvents): Child {
  const child = spawn(process.execPath, childArguments(limits), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {},
    cwd: '/',
  });
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
  child.unref();
  child.channel?.unref();
  const kill = () => void child.kill('SIGKILL');
  const ended = Promise.withResolvers<void>();
  child.once('exit', () => ended.resolve());
  child.on('error', () => ended.resolve());
  child.once('disconnect', kill);
  child.on('message', (message) => {
    const frame = readFrame(message);
    if (frame) events.frame(frame);
    else kill();
  });
  void ended.promise.then(() => {
    alive.delete(child);
    if (alive.size === 0) process.off('exit', killAll);
    events.ended();
  });
  return {
    pid: child.pid ?? 0,
    // What cannot be sent is answered by the child's end.
    send: (frame) => void child.send(JSON.stringify(frame), () => {}),
    kill,
  };
}
