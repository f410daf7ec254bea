/** The longest that a queue message can be hidden: seven days, in milliseconds. */
export const longestDelayMs = 7 * 86_400_000;

export interface SendOptions {
  /**
   * Milliseconds before the message can be read, rounded up to whole seconds; 0 unless given, at most
   * {@link longestDelayMs}.
   */
  delayMs?: number;
}

/** Storage queues, written with the encoding that Functions queue triggers read (base64). */
export interface QueueStore {
  /** Adds a message, making the queue when it is not there. `text` must fit 48 KiB. */
  send(queue: string, text: string, options?: SendOptions): Promise<void>;
  /** @throws when the service cannot be reached with these rights. */
  ping(): Promise<void>;
}

/** A delay as the service takes it. */
export function delaySeconds({ delayMs = 0 }: SendOptions = {}): number {
  return Math.ceil(Math.min(Math.max(0, delayMs), longestDelayMs) / 1000);
}
