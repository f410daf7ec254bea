import type { QueueServiceClient } from '@azure/storage-queue';

/** `taken`: hidden while its worker is at it. `waiting`: hidden because it was put off. `lost`: nobody learnt of it. */
export type LeaseState = 'taken' | 'waiting' | 'lost';

interface Lease {
  queue: string;
  popReceipt: string;
  state: LeaseState;
  /** Which instance has it. */
  holder: string;
}

/** One request to the queue service and its answer, as the proxy has seen them. */
export interface QueueExchange {
  method: string;
  url: URL;
  status: number;
  popReceipt: string | undefined;
  body: string;
  /** Whether the answer reached the app. */
  isHeard: boolean;
  holder: string;
}

/**
 * Queue messages that nobody can see for now. A message whose worker was killed stays hidden for ten minutes, and one
 * that was put off for up to hours; here that time passes at once, by the same receipts.
 */
export class Leases {
  readonly #leases = new Map<string, Lease>();
  readonly #queues: QueueServiceClient;

  /** @param queues of the emulator itself, past all faults. */
  constructor(queues: QueueServiceClient) {
    this.#queues = queues;
  }

  /** Messages in the hands of workers that live. */
  taken(queue: string): number {
    return [...this.#leases.values()].filter((lease) => lease.queue === queue && lease.state === 'taken')
      .length;
  }

  note({ method, url, status, popReceipt, body, isHeard, holder }: QueueExchange): void {
    const [, , queue = '', , id] = url.pathname.split('/');
    if (status >= 300) return;
    if (method === 'DELETE' && id) this.#leases.delete(id);
    if (method === 'PUT' && id && popReceipt !== undefined)
      this.#leases.set(id, { queue, popReceipt, state: 'waiting', holder });
    if (method === 'PUT' || method === 'DELETE' || url.searchParams.has('peekonly')) return;
    const state = method === 'POST' ? 'waiting' : isHeard ? 'taken' : 'lost';
    if (method === 'POST' && !Number(url.searchParams.get('visibilitytimeout') ?? 0)) return;
    for (const [, messageId = '', receipt = ''] of body.matchAll(
      /<MessageId>([^<]+)<\/MessageId>.*?<PopReceipt>([^<]+)<\/PopReceipt>/gs,
    ))
      this.#leases.set(messageId, { queue, popReceipt: receipt, state, holder });
  }

  /** Makes messages visible that are hidden for these reasons. Gives how many. */
  async lapse(isMeant: (lease: Readonly<Pick<Lease, 'state' | 'holder'>>) => boolean): Promise<number> {
    const meant = [...this.#leases].filter(([, lease]) => isMeant(lease));
    for (const [id] of meant) this.#leases.delete(id);
    const done = await Promise.all(
      meant.map(([id, { queue, popReceipt }]) =>
        this.#queues
          .getQueueClient(queue)
          .updateMessage(id, popReceipt, undefined, 0)
          .then(
            () => 1,
            // Somebody else has it by now, or it is gone.
            () => 0,
          ),
      ),
    );
    return done.reduce((sum: number, one) => sum + one, 0);
  }
}
