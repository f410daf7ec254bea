import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { QueueOptions } from './hostJson.ts';
import type { TriggerInput } from './invoke.ts';
import { decodeMessage, queueMetadata } from './queueMessage.ts';

/** A message stays hidden this long while its function runs; the lease is renewed half-way. */
const leaseSeconds = 600;
const shortestPollMs = 100;

export interface QueueListenerOptions {
  queue: QueueClient;
  poison: QueueClient;
  options: QueueOptions;
  /** Name of the trigger binding. */
  binding: string;
  run(invocationId: string, input: TriggerInput): Promise<void>;
  warn(message: string): void;
}

/** Polls one queue and runs its function; at most `batchSize + newBatchThreshold` messages are in flight. */
export class QueueListener {
  readonly #o: QueueListenerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: QueueListenerOptions) {
    this.#o = options;
  }

  start(): void {
    this.#loop = this.#poll();
  }

  /** Takes no more messages and waits for those in flight. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.allSettled(this.#running);
  }

  async #poll(): Promise<void> {
    const { options } = this.#o;
    let delay = shortestPollMs;
    while (!this.#stopping.signal.aborted) {
      const found = this.#running.size <= options.newBatchThreshold ? await this.#takeBatch() : 0;
      delay = found > 0 ? shortestPollMs : Math.min(delay * 1.5, options.maxPollingInterval);
      if (found < options.batchSize) await this.#idle(delay);
    }
  }

  /** Waits for the poll delay, or for a free place, or for the end. */
  async #idle(delay: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(this.#running.size > this.#o.options.newBatchThreshold ? shortestPollMs : delay, undefined, {
      signal,
    }).catch(() => {});
  }

  async #takeBatch(): Promise<number> {
    const { queue, options } = this.#o;
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: options.batchSize,
        visibilityTimeout: leaseSeconds,
      });
      for (const message of receivedMessageItems) {
        const work = this.#process(message).finally(() => this.#running.delete(work));
        this.#running.add(work);
      }
      return receivedMessageItems.length;
    } catch (error) {
      await this.#missed(error);
      return 0;
    }
  }

  /** A queue nobody has written to yet is made: it is cheaper to read an empty one than to be told of none. */
  async #missed(error: unknown): Promise<void> {
    const { queue, warn } = this.#o;
    const told = (reason: unknown) => warn(`cannot read queue "${queue.name}": ${String(reason)}`);
    if ((error as { statusCode?: number }).statusCode !== 404) told(error);
    else await queue.createIfNotExists().then(() => {}, told);
  }

  async #process(message: DequeuedMessageItem): Promise<void> {
    const { queue, options, binding, run, warn } = this.#o;
    const text = decodeMessage(message.messageText, options.messageEncoding);
    let receipt = message.popReceipt;
    const renewal = setInterval(() => {
      queue
        .updateMessage(message.messageId, receipt, message.messageText, leaseSeconds)
        .then((renewed) => {
          receipt = renewed.popReceipt ?? receipt;
        })
        .catch((error) => warn(`cannot renew a message of "${queue.name}": ${String(error)}`));
    }, leaseSeconds * 500);
    try {
      if (text === undefined) {
        warn(`a message of "${queue.name}" is not base64 and goes to "${queue.name}-poison"`);
        await this.#toPoison(message, receipt);
        return;
      }
      const ok = await run(randomUUID(), {
        inputData: [{ name: binding, data: { string: text } }],
        triggerMetadata: queueMetadata(message, text),
      }).then(
        () => true,
        () => false,
      );
      if (ok) await queue.deleteMessage(message.messageId, receipt);
      else if (message.dequeueCount >= options.maxDequeueCount) {
        warn(
          `a message of "${queue.name}" failed ${message.dequeueCount} times and goes to "${queue.name}-poison"`,
        );
        await this.#toPoison(message, receipt);
      } else
        await queue.updateMessage(
          message.messageId,
          receipt,
          message.messageText,
          Math.ceil(options.visibilityTimeout / 1000),
        );
    } catch (error) {
      warn(`cannot settle a message of "${queue.name}": ${String(error)}`);
    } finally {
      clearInterval(renewal);
    }
  }

  async #toPoison(message: DequeuedMessageItem, receipt: string): Promise<void> {
    await this.#o.poison.createIfNotExists();
    await this.#o.poison.sendMessage(message.messageText);
    await this.#o.queue.deleteMessage(message.messageId, receipt);
  }
}
