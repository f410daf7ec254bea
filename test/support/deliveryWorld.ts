import type { DeliveryEvent } from '../../shared/deliveries/event.ts';
import { enqueueDelivery } from '../../shared/deliveries/outbox.ts';
import { processDelivery } from '../../shared/deliveries/processDelivery.ts';
import { TenantSlots } from '../../shared/deliveries/tenantSlots.ts';
import { requeueOverdue } from '../../shared/deliveries/upkeep.ts';
import type { OutboundAnswer, SafeFetch } from '../../shared/net/safeFetch.ts';
import { MemoryBlobStore } from '../../shared/storage/memory/memoryBlobStore.ts';
import { MemoryTableStore } from '../../shared/storage/memory/memoryTableStore.ts';
import { delaySeconds, type QueueStore, type SendOptions } from '../../shared/storage/queueStore.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { secret, start } from './deliveries.ts';
import { memoryLog } from './http.ts';

interface Message {
  text: string;
  visibleAt: number;
  taken: number;
}

/** How the host treats a message: leased while it is processed, hidden after a failure, given up after five. */
const leaseMs = 600_000;
const retryMs = 10_000;
const mostTaken = 5;
const stepMs = 1_000;
const quarterMs = 900_000;

/** What goes wrong before or after the n-th thing that any process asks of the outside. */
export type Fate = 'fine' | 'crash-before' | 'crash-after' | 'fail-before' | 'fail-after' | 'stand-still';

export interface WorldOptions {
  fate: (operation: number) => Fate;
  /** Status of the n-th request to the endpoint. */
  status: (request: number) => number;
  random: () => number;
  /** Chance that a message is given to two workers. */
  twice: number;
}

class Crashed extends Error {}

/** Deliveries with their queue, workers that can be lost at any moment, and an endpoint that remembers. */
export class DeliveryWorld {
  readonly tables = new MemoryTableStore();
  readonly #blobs = new MemoryBlobStore();
  readonly #o: WorldOptions;
  readonly #slots = new TenantSlots();
  #messages: Message[] = [];
  now = start;
  operations = 0;
  crashes = 0;
  /** What reached the endpoint. */
  readonly requests: { id: string; body: string; status: number }[] = [];

  constructor(options: WorldOptions) {
    this.#o = options;
  }

  /** Tells an event in a process of its own; false where that did not come to its end. */
  async enqueue(event: DeliveryEvent): Promise<boolean> {
    return (await this.#inProcess((stores) => enqueueDelivery(stores, event, new Date(this.now)))) === 'done';
  }

  /** Lets time pass, workers work and the timer sweep, until nothing is left to do. */
  async runToEnd(): Promise<void> {
    let sweptAt = this.now;
    for (let round = 0; round < 20_000; round++) {
      if (this.now - sweptAt >= quarterMs) {
        sweptAt = this.now;
        await this.#inProcess((stores) => requeueOverdue(stores, new Date(this.now), 1_000));
      }
      await this.#takeBatch();
      const isPending = await this.isPending();
      if (!isPending && this.#messages.length === 0) return;
      const next = Math.min(...this.#messages.map(({ visibleAt }) => visibleAt), sweptAt + quarterMs);
      this.now = Math.max(this.now + stepMs, next);
    }
    throw new Error('the world does not come to rest');
  }

  async isPending(): Promise<boolean> {
    const rows = await Array.fromAsync(this.tables.list('deliveries', 'acme', 'd|'));
    return rows.some(({ state }) => state === 'pending');
  }

  /** Messages that can be read go to workers, all at once and in no order. */
  async #takeBatch(): Promise<void> {
    const ready = this.#messages.filter(({ visibleAt }) => visibleAt <= this.now);
    const mixed = ready.map((message) => ({ message, key: this.#o.random() })).sort((a, b) => a.key - b.key);
    const workers = mixed.flatMap(({ message }) => {
      message.visibleAt = this.now + leaseMs;
      message.taken++;
      return this.#o.random() < this.#o.twice ? [message, message] : [message];
    });
    await Promise.all(workers.map((message) => this.#work(message)));
  }

  async #work(message: Message): Promise<void> {
    const outcome = await this.#inProcess((stores, fetch) =>
      processDelivery(
        JSON.parse(message.text),
        {
          stores,
          fetch,
          endpointOf: async () => ({
            url: 'https://crm.example',
            secrets: [secret],
            events: ['lead.created'],
          }),
          slots: this.#slots,
          now: () => new Date(this.now),
          random: this.#o.random,
          report: () => {},
        },
        memoryLog().log,
      ),
    );
    if (outcome === 'crashed') return;
    if (outcome === 'done' || message.taken >= mostTaken)
      this.#messages = this.#messages.filter((other) => other !== message);
    else message.visibleAt = this.now + retryMs;
  }

  /** One process: what it asks of the outside may be its last. */
  async #inProcess(
    run: (stores: Stores, fetch: SafeFetch) => Promise<unknown>,
  ): Promise<'done' | 'failed' | 'crashed'> {
    const life = { isOver: false };
    const through = <T>(work: () => Promise<T>) => this.#through(life, work);
    const stores = {
      tables: behind(this.tables, through),
      blobs: behind(this.#blobs, through),
      queues: behind(this.#queues, through),
    };
    try {
      await run(stores, (request) => through(() => this.#endpoint(request)));
      return 'done';
    } catch {
      return life.isOver ? 'crashed' : 'failed';
    }
  }

  async #through<T>(life: { isOver: boolean }, work: () => Promise<T>): Promise<T> {
    if (life.isOver) throw new Crashed();
    const fate = this.#o.fate(this.operations++);
    for (let turns = Math.floor(this.#o.random() * 6); turns > 0; turns--) await Promise.resolve();
    if (fate === 'stand-still') this.now += 61_000;
    if (fate.startsWith('crash')) {
      this.crashes++;
      life.isOver = true;
    }
    if (fate.endsWith('-before')) throw new Crashed();
    const done = await work();
    if (fate.endsWith('-after')) throw new Crashed();
    return done;
  }

  readonly #queues: QueueStore = {
    send: async (_queue: string, text: string, options?: SendOptions) => {
      this.#messages.push({ text, visibleAt: this.now + delaySeconds(options) * 1000, taken: 0 });
    },
    ping: async () => {},
  };

  async #endpoint({ headers = {}, body }: Parameters<SafeFetch>[0]): Promise<OutboundAnswer> {
    const status = this.#o.status(this.requests.length);
    this.requests.push({ id: headers['webhook-id'] ?? '', body: String(body), status });
    return { kind: 'answered', status, headers: new Headers(), body: { text: '', truncated: false } };
  }
}

/** The store, each of its promised answers through the weather. Listings are left alone. */
function behind<T extends object>(store: T, through: <R>(work: () => Promise<R>) => Promise<R>): T {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (typeof name === 'string' && name.startsWith('list')) return member.bind(target);
      return (...given: unknown[]) => through(() => member.apply(target, given) as Promise<unknown>);
    },
  });
}
