import type { Entity, KeyRange, StoredEntity, TableOperation, TableStore } from '../tableStore.ts';

export class MemoryTableStore implements TableStore {
  readonly #rows = new Map<string, StoredEntity>();
  #version = 0;

  async get<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<StoredEntity<T> | undefined> {
    const row = this.#rows.get(keyOf(table, partitionKey, rowKey));
    return row && ({ ...row } as StoredEntity<T>);
  }

  async merge(table: string, entity: Entity): Promise<void> {
    this.#write(table, { kind: 'merge', entity });
  }

  async replace(table: string, entity: Entity): Promise<void> {
    this.#write(table, { kind: 'replace', entity });
  }

  async write(table: string, operation: TableOperation): Promise<string | undefined> {
    if ((await this.transact(table, [operation])) === 'conflict') return undefined;
    const { partitionKey, rowKey } = operation.entity;
    return this.#rows.get(keyOf(table, partitionKey, rowKey))?.etag;
  }

  async delete(table: string, partitionKey: string, rowKey: string, etag?: string): Promise<void> {
    const key = keyOf(table, partitionKey, rowKey);
    if (etag === undefined || this.#rows.get(key)?.etag === etag) this.#rows.delete(key);
  }

  async transact(table: string, operations: readonly TableOperation[]): Promise<'done' | 'conflict'> {
    const refused = operations.some(({ kind, entity, etag }) => {
      const row = this.#rows.get(keyOf(table, entity.partitionKey, entity.rowKey));
      return kind === 'insert' ? row !== undefined : etag !== undefined && row?.etag !== etag;
    });
    if (refused) return 'conflict';
    for (const operation of operations) this.#write(table, operation);
    return 'done';
  }

  async *list<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKeyPrefix = '',
    { from = '', to }: KeyRange = {},
  ): AsyncIterable<StoredEntity<T>> {
    const start = keyOf(table, partitionKey, rowKeyPrefix);
    const first = keyOf(table, partitionKey, from);
    const end = to && keyOf(table, partitionKey, to);
    const isAsked = (key: string) => key.startsWith(start) && key >= first && (!end || key < end);
    for (const key of [...this.#rows.keys()].filter(isAsked).sort())
      if (this.#rows.has(key)) yield { ...this.#rows.get(key) } as StoredEntity<T>;
  }

  async *listKey<T extends Entity>(table: string, rowKey: string): AsyncIterable<StoredEntity<T>> {
    const start = keyOf(table, '');
    for (const [key, row] of [...this.#rows])
      if (key.startsWith(start) && row.rowKey === rowKey) yield { ...row } as StoredEntity<T>;
  }

  async *listBefore<T extends Entity>(
    table: string,
    property: string,
    before: Date,
  ): AsyncIterable<StoredEntity<T>> {
    const start = keyOf(table, '');
    for (const [key, row] of [...this.#rows]) {
      const time = row[property];
      if (key.startsWith(start) && time instanceof Date && time < before) yield { ...row } as StoredEntity<T>;
    }
  }

  async ping(): Promise<void> {}

  #write(table: string, { kind, entity }: TableOperation): void {
    const key = keyOf(table, entity.partitionKey, entity.rowKey);
    const given = Object.fromEntries(
      Object.entries(entity).filter(([, value]) => value !== undefined),
    ) as Entity;
    const before = kind === 'merge' ? this.#rows.get(key) : undefined;
    this.#rows.set(key, { ...before, ...given, etag: `W/"${++this.#version}"` });
  }
}

function keyOf(...parts: string[]): string {
  return parts.join('\u0000');
}
