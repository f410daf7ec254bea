import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd } from '../support/process.ts';
import type { Fleet } from './fleet.ts';
import type { Leases } from './leases.ts';
import type { StorageView } from './storageView.ts';

export interface SettleOptions {
  storage: StorageView;
  leases: Leases;
  fleet: Fleet;
  connectionString: string;
  /** Lets storage's clock, and with it the app's, go ahead. */
  advance: (ms: number) => void;
  /** Milliseconds after which what is not settled never will be. */
  patienceMs: number;
}

export interface Settled {
  isSettled: boolean;
  /** Messages that an operator had to send back from a poison queue. */
  replayed: number;
  /** How often a quarter of an hour was let pass for deliveries that wait for their next try. */
  quarters: number;
}

const queues = ['end-of-call', 'usage', 'deliveries'];
const pollMs = 250;
/** With nothing in anyone's hands for so long, all that is left waits for its time. */
const soonMs = 1_500;
const overdueMs = 16 * 60_000;

/**
 * Waits until every queue is empty and every delivery has ended, as an operator and the clock would bring it about:
 * leases of the dead run out, poison queues are sent back, and what waits for its next try is taken up by the timer.
 */
export async function settle(options: SettleOptions): Promise<Settled> {
  const { storage, leases, patienceMs } = options;
  const settled: Settled = { isSettled: false, replayed: 0, quarters: 0 };
  let stillSince = Date.now();
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(pollMs)) {
    await leases.lapse(({ state }) => state === 'lost');
    const poisoned = await replay(options);
    settled.replayed += poisoned;
    const waiting = await Promise.all(queues.map(storage.waiting));
    const pending = await storage.pending();
    if (poisoned === 0 && pending === 0 && waiting.every((count) => count === 0)) {
      settled.isSettled = true;
      return settled;
    }
    const isStill = queues.every((queue) => leases.taken(queue) === 0);
    if (!isStill) stillSince = Date.now();
    if (pending === 0 && isStill) await leases.lapse(({ state }) => state === 'waiting');
    if (Date.now() - stillSince < soonMs) continue;
    await passQuarter(options);
    settled.quarters++;
    stillSince = Date.now();
  }
  return settled;
}

/** A quarter of an hour on: the timer finds deliveries that are overdue, and messages that were put off are back. */
async function passQuarter({ advance, fleet, leases }: SettleOptions): Promise<void> {
  advance(overdueMs);
  const [base = ''] = fleet.bases;
  // Its clock is storage's, and it learns the time from the next answer.
  await fetch(`${base}/api/readyz`);
  await leases.lapse(({ state }) => state === 'waiting');
  await fetch(`${base}/admin/functions/deliveryUpkeep`, { method: 'POST', body: '{}' });
}

async function replay({ storage, connectionString }: SettleOptions): Promise<number> {
  let replayed = 0;
  for (const queue of queues) {
    const count = await storage.waiting(`${queue}-poison`);
    if (count === 0) continue;
    await runToEnd('local/replay.ts', [queue], { AzureWebJobsStorage: connectionString });
    replayed += count;
  }
  return replayed;
}
