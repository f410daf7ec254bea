import type { MemoryQueueStore } from '../../../../shared/storage/memory/memoryQueueStore.ts';
import type { MemoryTableStore } from '../../../../shared/storage/memory/memoryTableStore.ts';
import type { QueueStore } from '../../../../shared/storage/queueStore.ts';
import type {
  Entity,
  StoredEntity,
  TableOperation,
  TableStore,
} from '../../../../shared/storage/tableStore.ts';

/** Chances are from 0 to 1, times milliseconds. */
export interface Weather {
  /** One way takes up to so long. */
  latencyMs: number;
  /** Chance that an operation fails without having been done. */
  failing: number;
  /** Chance that it fails after it was done. */
  lost: number;
  /** Chance that it is held up on its way in, and as large a one that its answer is, by up to `lateMs`. */
  late: number;
  lateMs: number;
  /** Chance that a write is repeated below us after it landed, and so comes back as a conflict. */
  repeated: number;
}

export const calm: Weather = { latencyMs: 2, failing: 0, lost: 0, late: 0, lateMs: 0, repeated: 0 };

/** A service behind a network. */
export class Network {
  weather: Weather;
  isDown = false;
  /** Operations that were asked for. */
  operations = 0;
  readonly #random: () => number;

  constructor(random: () => number, weather: Weather = calm) {
    this.#random = random;
    this.weather = weather;
  }

  async carry<T>(work: () => Promise<T>, repeated?: T): Promise<T> {
    this.operations++;
    const { latencyMs, late, lateMs, failing, lost } = this.weather;
    await wait(latencyMs * this.#random());
    const heldUp = () => (this.#random() < late ? lateMs * this.#random() : 0);
    await wait(heldUp());
    if (this.isDown || this.#random() < failing) throw new Error('the service cannot be reached');
    const done = await work();
    if (this.#random() < lost) throw new Error('the answer was lost');
    await wait(heldUp() + latencyMs * this.#random());
    return repeated !== undefined && this.#random() < this.weather.repeated ? repeated : done;
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The in-memory twin behind a network. As the service does, it refuses a transaction that names a row twice. */
export class UnreliableTables implements TableStore {
  readonly #inner: MemoryTableStore;
  readonly #network: Network;

  constructor(inner: MemoryTableStore, network: Network) {
    this.#inner = inner;
    this.#network = network;
  }

  get<T extends Entity>(table: string, partition: string, row: string): Promise<StoredEntity<T> | undefined> {
    return this.#network.carry(() => this.#inner.get<T>(table, partition, row));
  }

  merge(table: string, entity: Entity): Promise<void> {
    return this.#network.carry(() => this.#inner.merge(table, entity));
  }

  replace(table: string, entity: Entity): Promise<void> {
    return this.#network.carry(() => this.#inner.replace(table, entity));
  }

  async write(table: string, operation: TableOperation): Promise<string | undefined> {
    const conflict = '';
    const work = async () => (await this.#inner.write(table, operation)) ?? conflict;
    return (await this.#network.carry(work, conflict)) || undefined;
  }

  delete(table: string, partition: string, row: string, etag?: string): Promise<void> {
    return this.#network.carry(() => this.#inner.delete(table, partition, row, etag));
  }

  async transact(table: string, operations: readonly TableOperation[]): Promise<'done' | 'conflict'> {
    const rows = new Set(operations.map(({ entity }) => entity.rowKey));
    return this.#network.carry(async () => {
      if (rows.size < operations.length || operations.length > 100) throw new Error('InvalidDuplicateRow');
      return this.#inner.transact(table, operations);
    }, 'conflict' as const);
  }

  list<T extends Entity>(table: string, partition: string, prefix?: string): AsyncIterable<StoredEntity<T>> {
    return this.#inner.list<T>(table, partition, prefix);
  }

  listKey<T extends Entity>(table: string, row: string): AsyncIterable<StoredEntity<T>> {
    return this.#inner.listKey<T>(table, row);
  }

  listBefore<T extends Entity>(
    table: string,
    property: string,
    before: Date,
  ): AsyncIterable<StoredEntity<T>> {
    return this.#inner.listBefore<T>(table, property, before);
  }

  ping(): Promise<void> {
    return this.#network.carry(() => this.#inner.ping());
  }
}

export class UnreliableQueues implements QueueStore {
  readonly #inner: MemoryQueueStore;
  readonly #network: Network;

  constructor(inner: MemoryQueueStore, network: Network) {
    this.#inner = inner;
    this.#network = network;
  }

  send(queue: string, text: string): Promise<void> {
    return this.#network.carry(() => this.#inner.send(queue, text));
  }

  ping(): Promise<void> {
    return this.#network.carry(() => this.#inner.ping());
  }
}
