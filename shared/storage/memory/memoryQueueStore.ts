import type { QueueStore } from '../queueStore.ts';

export class MemoryQueueStore implements QueueStore {
  readonly #messages = new Map<string, string[]>();

  async send(queue: string, text: string): Promise<void> {
    this.#messages.set(queue, [...(this.#messages.get(queue) ?? []), text]);
  }

  async ping(): Promise<void> {}

  /** Takes all waiting messages, for tests. */
  drain(queue: string): string[] {
    const waiting = this.#messages.get(queue) ?? [];
    this.#messages.delete(queue);
    return waiting;
  }
}
