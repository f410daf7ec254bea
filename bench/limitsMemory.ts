/**
 * How much memory an identifier costs that Gatehouse's limiter holds. A child process, to be run with `--expose-gc`: it
 * answers a number of identifiers with the bytes of heap each of them took.
 */
import { Limiter } from '../shared/limits/limiter.ts';
import { policyOf } from './limitsGatehouse.ts';

const settledHeap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

/** Checks each identifier once. The store takes every write and keeps nothing, so that only the limiter is weighed. */
async function bytesEach(identifiers: number): Promise<number> {
  let writes = 0;
  const limiter = new Limiter({
    policies: [policyOf({ quota: 1_000, windowS: 60 })],
    store: {
      read: async () => undefined,
      // As long as the versions Table Storage gives.
      write: async () => `W/"datetime'2026-11-20T12%3A00%3A00.${String(++writes).padStart(7, '0')}Z'"`,
    },
    instance: 'memory',
    mostIdentifiers: identifiers,
  });
  const check = (i: number) => limiter.check('audit', { caller: `+614${String(i).padStart(8, '0')}` });
  const before = settledHeap();
  for (let i = 0; i < identifiers; i++) await check(i);
  const bytes = (settledHeap() - before) / identifiers;
  // The limiter must live until it has been weighed.
  if ((await check(0)).kind !== 'allowed')
    throw new Error('an identifier was forgotten while it was weighed');
  return bytes;
}

process.on('message', ({ identifiers }: { identifiers: number }) => {
  void bytesEach(identifiers).then((bytes) => process.send?.(bytes));
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
