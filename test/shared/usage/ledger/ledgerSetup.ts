import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { Ledger, type LedgerOptions, usageQueue } from '../../../../shared/usage/ledger/ledger.ts';
import { usageStatistics } from '../../../../shared/usage/ledger/statistics.ts';

const now = new Date('2026-11-21T10:00:00Z');
export const today = '2026-11-21';
export const hang = () => new Promise<never>(() => {});
export const down = () => Promise.reject(new Error('down'));

export function setup(options: Partial<LedgerOptions> = {}) {
  const stores = createMemoryStores();
  const make = (instance: string) =>
    new Ledger({ stores, instance, now: () => now, patienceMs: 20, ...options });
  const totals = async () => (await usageStatistics(stores.tables, now, 30, [])).totals;
  const ledger = make('one');
  /** What the queue's worker does with all that waits. */
  const drain = (order = (messages: string[]) => messages) =>
    Array.fromAsync(order(stores.queues.drain(usageQueue)), (message) => ledger.apply(JSON.parse(message)));
  return { ...stores, make, ledger, totals, drain };
}
