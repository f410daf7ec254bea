import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ContenderName, Places } from './limitsContender.ts';
import type { Answer, Order } from './limitsWorker.ts';

/** A child process that answers each order with one message. */
export interface Hand<O, A> {
  /** @throws Error where the process ends instead of answering. */
  ask(order: O): Promise<A>;
  dismiss(): Promise<void>;
}

export type Worker = Hand<Order, Answer>;

export async function startWorker(name: ContenderName, places: Places): Promise<Worker> {
  const hand = startHand<Order, Answer>('limitsWorker.ts', [name, JSON.stringify(places)]);
  await hand.ready;
  return hand;
}

/** Starts a script of this folder that sends a message when it is ready. */
export function startHand<O extends object, A>(
  script: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): Hand<O, A> & { ready: Promise<unknown> } {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...args], { execArgv: [...execArgv] });
  const exited = once(child, 'exit');
  const ready = nextMessage(child, exited);
  return {
    ready,
    async ask(order) {
      child.send(order);
      return (await nextMessage(child, exited)) as A;
    },
    async dismiss() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

async function nextMessage(child: ChildProcess, exited: Promise<unknown[]>): Promise<unknown> {
  const ended = exited.then(([code]) => {
    throw new Error(`a process of the benchmark ended with ${code}; its message is above`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as unknown[];
  return message;
}
