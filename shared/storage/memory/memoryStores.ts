import { MemoryBlobStore } from './memoryBlobStore.ts';
import { MemoryQueueStore } from './memoryQueueStore.ts';
import { MemoryTableStore } from './memoryTableStore.ts';

/**
 * Twins of the Azure adapters that keep everything in this process; they pass the same contract tests. `now` is what delays
 * and leases are counted by: milliseconds since the epoch.
 */
export function createMemoryStores(now?: () => number) {
  return {
    blobs: new MemoryBlobStore(now),
    queues: new MemoryQueueStore(now),
    tables: new MemoryTableStore(),
  };
}
