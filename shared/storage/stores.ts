import type { BlobStore } from './blobStore.ts';
import type { QueueStore } from './queueStore.ts';
import type { TableStore } from './tableStore.ts';

/** The three storage services as one; Azure's or the in-memory twins. */
export interface Stores {
  blobs: BlobStore;
  queues: QueueStore;
  tables: TableStore;
}
