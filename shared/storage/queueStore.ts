/** Storage queues, written with the encoding that Functions queue triggers read (base64). */
export interface QueueStore {
  /** Adds a message, making the queue when it is not there. `text` must fit 48 KiB. */
  send(queue: string, text: string): Promise<void>;
  /** @throws when the service cannot be reached with these rights. */
  ping(): Promise<void>;
}
