import type { Entity, StoredEntity, TableStore } from '../../storage/tableStore.ts';
import { createKey, type NewKey, type Scope, scopes } from './mcpKey.ts';

/** A key as stored: all but the key. */
export interface KeyRow extends Entity {
  digest: string;
  tenantId?: string;
  label?: string;
  /** Parted by blanks. */
  scopes: string;
  /** ISO time. */
  createdAt: string;
  /** ISO time from which on the key lets nobody in. */
  revokedAt?: string;
  /** UTC day. */
  lastUsedDay?: string;
}

/** What a key is made for. One without a tenant has the scope `audit` alone. */
export interface KeyOrder {
  tenantId?: string | undefined;
  label?: string | undefined;
  scopes: readonly Scope[];
}

const table = 'mcpkeys';
const rowKey = 'key';

/** Keys of MCP clients, each in a partition of its own, so that one read tells whose it is. */
export class KeyStore {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  /** Makes and stores a key. Its text is given here and never again. */
  async create({ tenantId, label, scopes: granted }: KeyOrder, now: Date): Promise<NewKey> {
    const key = createKey();
    const entity: KeyRow = {
      partitionKey: key.keyId,
      rowKey,
      digest: key.digest,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(label === undefined ? {} : { label }),
      scopes: granted.join(' '),
      createdAt: now.toISOString(),
    };
    const etag = await this.#tables.write(table, { kind: 'insert', entity });
    if (etag === undefined) throw new Error('a key of this id is there already');
    return key;
  }

  get(keyId: string): Promise<StoredEntity<KeyRow> | undefined> {
    return this.#tables.get<KeyRow>(table, keyId, rowKey);
  }

  /** All keys, revoked ones included, in no order. */
  list(): AsyncIterable<StoredEntity<KeyRow>> {
    return this.#tables.listKey<KeyRow>(table, rowKey);
  }

  /** Gives whether there is such a key. One that was revoked before keeps its time. */
  async revoke(keyId: string, now: Date): Promise<boolean> {
    const row = await this.get(keyId);
    if (!row) return false;
    if (row.revokedAt === undefined)
      await this.#tables.merge(table, { partitionKey: keyId, rowKey, revokedAt: now.toISOString() });
    return true;
  }

  /** Revokes all keys of a tenant. Gives how many there were. */
  async revokeOf(tenantId: string, now: Date): Promise<number> {
    let revoked = 0;
    for await (const row of this.list()) {
      if (row.tenantId !== tenantId || row.revokedAt !== undefined) continue;
      await this.revoke(row.partitionKey, now);
      revoked++;
    }
    return revoked;
  }

  /** Notes the day of use, unless the row has changed since it was read. */
  async noteUse({ partitionKey, etag }: StoredEntity<KeyRow>, day: string): Promise<void> {
    const entity = { partitionKey, rowKey, lastUsedDay: day };
    await this.#tables.write(table, { kind: 'merge', entity, etag });
  }
}

/** The scopes of a row; words that are none are left out. */
export function scopesOf({ scopes: words }: Pick<KeyRow, 'scopes'>): ReadonlySet<Scope> {
  const given = words.split(' ');
  return new Set(scopes.filter((scope) => given.includes(scope)));
}
