import type { QueueServiceClient } from '@azure/storage-queue';
import type { QueueStore } from '../queueStore.ts';
import { deadline } from './deadline.ts';
import { orCreate, unavailable } from './storageError.ts';

export class AzureQueueStore implements QueueStore {
  readonly #service: QueueServiceClient;

  constructor(service: QueueServiceClient) {
    this.#service = service;
  }

  async send(queue: string, text: string): Promise<void> {
    const client = this.#service.getQueueClient(queue);
    const encoded = Buffer.from(text).toString('base64');
    try {
      await orCreate(
        () => client.sendMessage(encoded, deadline()),
        ['QueueNotFound'],
        () => client.createIfNotExists(deadline()),
      );
    } catch (error) {
      throw unavailable(error);
    }
  }

  async ping(): Promise<void> {
    await this.#service.listQueues().byPage({ maxPageSize: 1 }).next();
  }
}
