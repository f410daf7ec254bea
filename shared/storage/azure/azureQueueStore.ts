import type { QueueServiceClient } from '@azure/storage-queue';
import { delaySeconds, type QueueStore, type SendOptions } from '../queueStore.ts';
import { deadline } from './deadline.ts';
import { orCreate, unavailable } from './storageError.ts';

/** A message lives seven days unless told otherwise, and an app may stand still for longer. */
const forEver = -1;

export class AzureQueueStore implements QueueStore {
  readonly #service: QueueServiceClient;

  constructor(service: QueueServiceClient) {
    this.#service = service;
  }

  async send(queue: string, text: string, options?: SendOptions): Promise<void> {
    const client = this.#service.getQueueClient(queue);
    const encoded = Buffer.from(text).toString('base64');
    const visibilityTimeout = delaySeconds(options);
    const delay = visibilityTimeout > 0 ? { visibilityTimeout } : {};
    try {
      await orCreate(
        () => client.sendMessage(encoded, { messageTimeToLive: forEver, ...delay, ...deadline() }),
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
