import type { StoredEntity } from '../../storage/tableStore.ts';
import { type KeyRow, type KeyStore, scopesOf } from './keyStore.ts';
import { isKeyOf, type KeyHolder, keyIdIn } from './mcpKey.ts';

/** Rows are believed for this long: a revoked key lets nobody in any more when it has passed. */
export const keyTtlMs = 30_000;
const mostEntries = 10_000;

interface Entry {
  row: Promise<StoredEntity<KeyRow> | undefined>;
  /** Milliseconds since 1970. */
  freshUntil: number;
  usedOn?: string;
}

/** Checks keys, from memory while that is fresh. Ids that do not exist are remembered as well. */
export class KeyRing {
  readonly #store: Pick<KeyStore, 'get' | 'noteUse'>;
  readonly #entries = new Map<string, Entry>();

  constructor(store: Pick<KeyStore, 'get' | 'noteUse'>) {
    this.#store = store;
  }

  /**
   * Whose key a text is; undefined where it is nobody's, or has been revoked. The first use of a day is noted.
   * @throws Error where storage cannot be read.
   */
  async holderOf(text: string, now: Date): Promise<KeyHolder | undefined> {
    const keyId = keyIdIn(text);
    if (keyId === undefined) return undefined;
    const entry = this.#entry(keyId, now.getTime());
    const row = await entry.row;
    if (!row || !isKeyOf(text, row.digest) || row.revokedAt !== undefined) return undefined;
    await this.#noteUse(entry, row, now.toISOString().slice(0, 10));
    return { keyId, tenantId: row.tenantId, scopes: scopesOf(row) };
  }

  #entry(keyId: string, now: number): Entry {
    const known = this.#entries.get(keyId);
    if (known && known.freshUntil > now) return known;
    const entry: Entry = { row: this.#store.get(keyId), freshUntil: now + keyTtlMs };
    entry.row.catch(() => {
      if (this.#entries.get(keyId) === entry) this.#entries.delete(keyId);
    });
    this.#entries.delete(keyId);
    this.#entries.set(keyId, entry);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > mostEntries && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  /** Nobody is refused because the day could not be written. */
  async #noteUse(entry: Entry, row: StoredEntity<KeyRow>, day: string): Promise<void> {
    if ((entry.usedOn ?? row.lastUsedDay) === day) return;
    entry.usedOn = day;
    await this.#store.noteUse(row, day).catch(() => {});
  }
}
