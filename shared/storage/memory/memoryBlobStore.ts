import type { BlobCondition, BlobStore, BlobVersion } from '../blobStore.ts';

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #versions = new Map<string, string>();
  #writes = 0;

  async get(container: string, name: string): Promise<Uint8Array | undefined> {
    return this.#blobs.get(`${container}/${name}`)?.slice();
  }

  async getVersion(
    container: string,
    name: string,
    etag?: string,
  ): Promise<BlobVersion | 'unchanged' | undefined> {
    const bytes = this.#blobs.get(`${container}/${name}`)?.slice();
    const now = this.#versions.get(`${container}/${name}`);
    if (!bytes || now === undefined) return undefined;
    return now === etag ? 'unchanged' : { bytes, etag: now };
  }

  async put(container: string, name: string, bytes: Uint8Array): Promise<void> {
    this.#blobs.set(`${container}/${name}`, bytes.slice());
    this.#writes++;
    this.#versions.set(`${container}/${name}`, `"${this.#writes}"`);
  }

  async putIf(
    container: string,
    name: string,
    bytes: Uint8Array,
    _contentType: string,
    condition: BlobCondition,
  ): Promise<string | undefined> {
    const etag = this.#versions.get(`${container}/${name}`);
    if (etag !== (condition === 'new' ? undefined : condition.etag)) return undefined;
    await this.put(container, name, bytes);
    return this.#versions.get(`${container}/${name}`);
  }

  async append(container: string, name: string, bytes: Uint8Array): Promise<void> {
    const before = this.#blobs.get(`${container}/${name}`) ?? new Uint8Array();
    await this.put(container, name, Buffer.concat([before, bytes]));
  }

  async delete(container: string, name: string): Promise<void> {
    this.#blobs.delete(`${container}/${name}`);
    this.#versions.delete(`${container}/${name}`);
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
}
