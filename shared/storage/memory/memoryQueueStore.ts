import { delaySeconds, type QueueStore, type SendOptions } from '../queueStore.ts';

interface Waiting {
  text: string;
  /** Milliseconds since the epoch from which it can be read. */
  visibleAt: number;
}

export class MemoryQueueStore implements QueueStore {
  readonly #messages = new Map<string, Waiting[]>();
  readonly #now: () => number;

  /** `now` is what delays are counted by: milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async send(queue: string, text: string, options?: SendOptions): Promise<void> {
    const message = { text, visibleAt: this.#now() + delaySeconds(options) * 1000 };
    this.#messages.set(queue, [...(this.#messages.get(queue) ?? []), message]);
  }

  async ping(): Promise<void> {}

  /** Takes all messages that can be read by now, for tests. */
  drain(queue: string): string[] {
    const now = this.#now();
    const { ready = [], hidden = [] } = Object.groupBy(this.#messages.get(queue) ?? [], ({ visibleAt }) =>
      visibleAt <= now ? 'ready' : 'hidden',
    );
    this.#messages.set(queue, hidden);
    return ready.map(({ text }) => text);
  }

  /** When the next message can be read, in milliseconds since the epoch; undefined where none waits. For tests. */
  nextVisibleAt(queue: string): number | undefined {
    const times = (this.#messages.get(queue) ?? []).map(({ visibleAt }) => visibleAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }
}
