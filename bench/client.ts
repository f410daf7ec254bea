import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.ts';

/** The process that sends requests; one order at a time. */
export class Client {
  readonly #process: ChildProcess = fork(fileURLToPath(new URL('load.ts', import.meta.url)));

  /** The results for each address of an order. @throws Error where a request failed. */
  async ask(order: LoadOrder): Promise<LoadResult[]> {
    this.#process.send(order);
    const [results] = (await once(this.#process, 'message')) as [LoadResult[]];
    for (const [i, { failures, requests }] of results.entries())
      if (failures > 0) throw new Error(`${failures} of ${requests} requests to ${order.urls[i]} failed`);
    return results;
  }

  stop(): void {
    this.#process.disconnect();
  }
}
