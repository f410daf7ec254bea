import { odata, type TableClient, type TableServiceClient, type TransactionAction } from '@azure/data-tables';
import type { Entity, KeyRange, StoredEntity, TableOperation, TableStore } from '../tableStore.ts';
import { deadline } from './deadline.ts';
import { orCreate, storageCode, storageStatus, unavailable } from './storageError.ts';

/** Codes that say a row was there already, or is no longer the version that was read. */
const conflicts = new Set(['EntityAlreadyExists', 'UpdateConditionNotSatisfied', 'ConditionNotMet']);

/** The service gives no more rows in one answer. */
const mostAtOnce = 1_000;

/** The first key after all that begin with `prefix`. */
function endOf(prefix: string): string {
  return prefix && prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

export class AzureTableStore implements TableStore {
  readonly #service: TableServiceClient;
  readonly #clientFor: (table: string) => TableClient;
  readonly #clients = new Map<string, TableClient>();

  constructor(service: TableServiceClient, clientFor: (table: string) => TableClient) {
    this.#service = service;
    this.#clientFor = clientFor;
  }

  async get<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<StoredEntity<T> | undefined> {
    try {
      return toStored<T>(await this.#table(table).getEntity(partitionKey, rowKey, deadline()));
    } catch (error) {
      if (storageStatus(error) === 404) return undefined;
      throw unavailable(error);
    }
  }

  merge(table: string, entity: Entity): Promise<void> {
    return this.#upsert(table, entity, 'Merge');
  }

  replace(table: string, entity: Entity): Promise<void> {
    return this.#upsert(table, entity, 'Replace');
  }

  async write(table: string, { kind, entity, etag }: TableOperation): Promise<string | undefined> {
    const client = this.#table(table);
    const mode = kind === 'merge' ? 'Merge' : 'Replace';
    const work = () => {
      if (kind === 'insert') return client.createEntity(entity, deadline());
      if (etag === undefined) return client.upsertEntity(entity, mode, deadline());
      return client.updateEntity(entity, mode, { etag, ...deadline() });
    };
    try {
      // A row that must be there cannot be made by making its table.
      return (await (etag === undefined ? this.#creating(table, work) : work())).etag;
    } catch (error) {
      const gone = etag !== undefined && storageStatus(error) === 404;
      if (gone || conflicts.has(storageCode(error) ?? '')) return undefined;
      throw unavailable(error);
    }
  }

  async delete(table: string, partitionKey: string, rowKey: string, etag = '*'): Promise<void> {
    try {
      await this.#table(table).deleteEntity(partitionKey, rowKey, { etag, ...deadline() });
    } catch (error) {
      const changed = etag !== '*' && conflicts.has(storageCode(error) ?? '');
      if (!changed && storageStatus(error) !== 404) throw unavailable(error);
    }
  }

  async transact(table: string, operations: readonly TableOperation[]): Promise<'done' | 'conflict'> {
    const actions = operations.map(toAction);
    try {
      await this.#creating(table, () => this.#table(table).submitTransaction(actions, deadline()));
      return 'done';
    } catch (error) {
      if (conflicts.has(storageCode(error) ?? '')) return 'conflict';
      throw unavailable(error);
    }
  }

  async *list<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKeyPrefix = '',
    { from, to, atOnce }: KeyRange = {},
  ): AsyncIterable<StoredEntity<T>> {
    const conditions = [odata`PartitionKey eq ${partitionKey}`];
    for (const low of [rowKeyPrefix, from]) if (low) conditions.push(odata`RowKey ge ${low}`);
    for (const high of [endOf(rowKeyPrefix), to]) if (high) conditions.push(odata`RowKey lt ${high}`);
    yield* this.#query<T>(table, conditions.join(' and '), atOnce);
  }

  async *listKey<T extends Entity>(table: string, rowKey: string): AsyncIterable<StoredEntity<T>> {
    yield* this.#query<T>(table, odata`RowKey eq ${rowKey}`);
  }

  async *listBefore<T extends Entity>(
    table: string,
    property: string,
    before: Date,
  ): AsyncIterable<StoredEntity<T>> {
    yield* this.#query<T>(table, `${property} lt datetime'${before.toISOString()}'`);
  }

  async ping(): Promise<void> {
    await this.#service.listTables().byPage({ maxPageSize: 1 }).next();
  }

  async *#query<T extends Entity>(
    table: string,
    filter: string,
    atOnce = mostAtOnce,
  ): AsyncIterable<StoredEntity<T>> {
    const pages = this.#table(table).listEntities({ queryOptions: { filter } });
    try {
      for await (const page of pages.byPage({ maxPageSize: atOnce }))
        for (const entity of page) yield toStored<T>(entity);
    } catch (error) {
      if (storageCode(error) !== 'TableNotFound') throw unavailable(error);
    }
  }

  async #upsert(table: string, entity: Entity, mode: 'Merge' | 'Replace'): Promise<void> {
    try {
      await this.#creating(table, () => this.#table(table).upsertEntity(entity, mode, deadline()));
    } catch (error) {
      throw unavailable(error);
    }
  }

  #creating<T>(table: string, work: () => Promise<T>): Promise<T> {
    return orCreate(work, ['TableNotFound', 'ResourceNotFound'], () =>
      this.#table(table).createTable(deadline()),
    );
  }

  #table(name: string): TableClient {
    let client = this.#clients.get(name);
    if (!client) {
      client = this.#clientFor(name);
      this.#clients.set(name, client);
    }
    return client;
  }
}

function toAction({ kind, entity, etag }: TableOperation): TransactionAction {
  if (kind === 'insert') return ['create', entity];
  const mode = kind === 'merge' ? 'Merge' : 'Replace';
  return etag === undefined ? ['upsert', entity, mode] : ['update', entity, mode, { etag }];
}

function toStored<T extends Entity>(entity: Record<string, unknown>): StoredEntity<T> {
  const { timestamp: _, 'odata.metadata': __, ...rest } = entity;
  return rest as StoredEntity<T>;
}
