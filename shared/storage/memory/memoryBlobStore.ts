import { randomUUID } from 'node:crypto';
import type { BlobCondition, BlobStore, BlobVersion } from '../blobStore.ts';

interface Lease {
  id: string;
  seconds: number;
  /** Milliseconds since the epoch. */
  until: number;
}

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, BlobVersion>();
  readonly #leases = new Map<string, Lease>();
  readonly #now: () => number;
  #writes = 0;

  /** `now` is what leases are counted by: milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async get(container: string, name: string, mostBytes?: number): Promise<Uint8Array | undefined> {
    return this.#blobs.get(`${container}/${name}`)?.bytes.slice(0, mostBytes);
  }

  async getVersion(
    container: string,
    name: string,
    etag?: string,
    mostBytes?: number,
  ): Promise<BlobVersion | 'unchanged' | undefined> {
    const found = this.#blobs.get(`${container}/${name}`);
    if (!found) return undefined;
    return found.etag === etag ? 'unchanged' : { ...found, bytes: found.bytes.slice(0, mostBytes) };
  }

  async put(container: string, name: string, bytes: Uint8Array): Promise<void> {
    this.#put(container, name, bytes);
  }

  async putIf(
    container: string,
    name: string,
    bytes: Uint8Array,
    _contentType: string,
    condition: BlobCondition,
  ): Promise<string | undefined> {
    const etag = this.#blobs.get(`${container}/${name}`)?.etag;
    return etag === (condition === 'new' ? undefined : condition.etag)
      ? this.#put(container, name, bytes)
      : undefined;
  }

  async append(container: string, name: string, bytes: Uint8Array): Promise<void> {
    const before = this.#blobs.get(`${container}/${name}`)?.bytes ?? new Uint8Array();
    this.#put(container, name, Buffer.concat([before, bytes]));
  }

  async delete(container: string, name: string, lease?: string): Promise<void> {
    const key = `${container}/${name}`;
    if (this.#held(key)?.id !== lease) return;
    this.#blobs.delete(key);
    this.#leases.delete(key);
  }

  async lease(container: string, name: string, seconds: number): Promise<string | undefined> {
    const key = `${container}/${name}`;
    if (this.#held(key)) return undefined;
    if (!this.#blobs.has(key)) this.#put(container, name, new Uint8Array());
    const id = randomUUID();
    this.#leases.set(key, { id, seconds, until: this.#now() + seconds * 1000 });
    return id;
  }

  async renew(container: string, name: string, lease: string): Promise<boolean> {
    const found = this.#leases.get(`${container}/${name}`);
    if (found?.id !== lease) return false;
    found.until = this.#now() + found.seconds * 1000;
    return true;
  }

  async *list(container: string, prefix: string): AsyncIterable<string> {
    yield* this.names(container).filter((name) => name.startsWith(prefix));
  }

  async ping(): Promise<void> {}

  /** Names in a container, in order. */
  names(container: string): string[] {
    return [...this.#blobs.keys()]
      .filter((k) => k.startsWith(`${container}/`))
      .map((k) => k.slice(container.length + 1))
      .sort();
  }

  /** The lease a blob is under now. */
  #held(key: string): Lease | undefined {
    const lease = this.#leases.get(key);
    return lease && lease.until > this.#now() ? lease : undefined;
  }

  #put(container: string, name: string, bytes: Uint8Array): string {
    this.#writes++;
    const etag = `"${this.#writes}"`;
    this.#blobs.set(`${container}/${name}`, { bytes: bytes.slice(), etag });
    return etag;
  }
}
