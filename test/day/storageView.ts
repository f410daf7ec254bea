import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';

const future = new Date('2200-01-01T00:00:00Z');

/** Storage as an operator sees it, past all faults. */
export interface StorageView {
  queues: QueueServiceClient;
  /** Messages of a queue, hidden ones as well. */
  waiting(queue: string): Promise<number>;
  /** Deliveries that have not ended. */
  pending(): Promise<number>;
  /** Bodies that were received and are not processed, or never will be. */
  inbox(): Promise<number>;
}

export async function openStorage(connectionString: string): Promise<StorageView> {
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  const stores = await createAzureStores({ connectionString });
  return {
    queues,
    async waiting(queue) {
      const client = queues.getQueueClient(queue);
      if (!(await client.exists())) return 0;
      return (await client.getProperties()).approximateMessagesCount ?? 0;
    },
    pending: () => countPending(stores),
    async inbox() {
      const container = blobs.getContainerClient('inbox');
      if (!(await container.exists())) return 0;
      return (await Array.fromAsync(container.listBlobsFlat())).length;
    },
  };
}

async function countPending({ tables }: Pick<Stores, 'tables'>): Promise<number> {
  let count = 0;
  for await (const _ of tables.listBefore('deliveries', 'nextAttemptAt', future)) count++;
  return count;
}
