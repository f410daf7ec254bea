import { MemoryBlobStore } from './memoryBlobStore.ts';
import { MemoryQueueStore } from './memoryQueueStore.ts';
import { MemoryTableStore } from './memoryTableStore.ts';

/** Twins of the Azure adapters that keep everything in this process; they pass the same contract tests. */
export function createMemoryStores() {
  return { blobs: new MemoryBlobStore(), queues: new MemoryQueueStore(), tables: new MemoryTableStore() };
}
