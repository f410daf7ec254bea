/**
 * One instance of the ledger over Azure storage in a process of its own, for tests of several. It gets one order over
 * IPC and notes in a file, which survives a kill, when an entry begins (`i`) and when it was answered (`a`).
 */
import { openSync, writeSync } from 'node:fs';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { Ledger } from '../../shared/usage/ledger/ledger.ts';
import { entryOf, isCall, ledgerNow } from '../shared/usage/ledger/entries.ts';

export interface LedgerOrder {
  connectionString: string;
  instance: string;
  patienceMs: number;
  journal: string;
  ids: readonly number[];
  atOnce: number;
}

async function work({
  connectionString,
  instance,
  patienceMs,
  journal,
  ids,
  atOnce,
}: LedgerOrder): Promise<void> {
  const stores = await createAzureStores({ connectionString });
  const ledger = new Ledger({ stores, instance, now: () => ledgerNow, patienceMs });
  const file = openSync(journal, 'a');
  const waiting = ids.values();
  const lane = async () => {
    for (const id of waiting) {
      writeSync(file, `i ${id}\n`);
      for (let isTaken = false; !isTaken; ) {
        isTaken = await ledger.record(entryOf(id)).then(
          () => true,
          () => false,
        );
        if (!isTaken && !isCall(id)) throw new Error(`entry ${id} was taken by neither table nor queue`);
      }
      writeSync(file, `a ${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

process.once('message', (order: LedgerOrder) => {
  void work(order).then(() => process.exit(0));
});
process.once('disconnect', () => process.exit(1));
