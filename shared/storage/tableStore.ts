/**
 * Values a table property can hold. A `number` beyond 32 bits must have a fraction; whole ones go as `bigint`. Longer
 * texts than 32 K characters belong in a blob.
 */
export type Property = string | number | bigint | boolean | Date | undefined;

export interface Entity {
  partitionKey: string;
  rowKey: string;
  [property: string]: Property;
}

/** An entity as stored, with the version a conditional write needs. */
export type StoredEntity<T extends Entity = Entity> = T & { etag: string };

/**
 * One step of a transaction. `insert` fails where the row exists; `merge` and `replace` upsert, or with an etag fail
 * where the row is no longer that version.
 */
export interface TableOperation {
  kind: 'insert' | 'merge' | 'replace';
  entity: Entity;
  etag?: string;
}

/** Which rows of a partition to list. */
export interface KeyRange {
  /** Smallest row key, itself included. */
  from?: string | undefined;
  /** Row key before which the listing ends. */
  to?: string | undefined;
  /** Rows fetched at once, 1 to 1000: whoever wants a few fetches no more than these. */
  atOnce?: number | undefined;
}

/** Entities by table, partition and row. Tables are made when first written to. */
export interface TableStore {
  get<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<StoredEntity<T> | undefined>;
  /** Upserts: members given here are set, others stay. */
  merge(table: string, entity: Entity): Promise<void>;
  /** Upserts: the row holds exactly these members afterwards. */
  replace(table: string, entity: Entity): Promise<void>;
  /** One step alone, cheaper than a transaction. Gives the row's new etag; undefined where it could not be done as told. */
  write(table: string, operation: TableOperation): Promise<string | undefined>;
  /** Removes a row; one that is not there is no error. With an etag it stays where it is no longer that version. */
  delete(table: string, partitionKey: string, rowKey: string, etag?: string): Promise<void>;
  /** All of it or nothing, in one partition, at most 100 steps. Gives `conflict` where a step could not be done as told. */
  transact(table: string, operations: readonly TableOperation[]): Promise<'done' | 'conflict'>;
  /** Rows of a partition in row-key order, by prefix of the row key and within a range of it. */
  list<T extends Entity>(
    table: string,
    partitionKey: string,
    rowKeyPrefix?: string,
    range?: KeyRange,
  ): AsyncIterable<StoredEntity<T>>;
  /** Rows of this key in all partitions: a scan of the whole table, for what is done once. */
  listKey<T extends Entity>(table: string, rowKey: string): AsyncIterable<StoredEntity<T>>;
  /** Rows of all partitions whose time `property` lies before `before`: a scan of the whole table, for clean-up. */
  listBefore<T extends Entity>(table: string, property: string, before: Date): AsyncIterable<StoredEntity<T>>;
  /** @throws when the service cannot be reached with these rights. */
  ping(): Promise<void>;
}
