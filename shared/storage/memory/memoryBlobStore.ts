import type { BlobCondition, BlobStore, BlobVersion } from '../blobStore.ts';

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, BlobVersion>();
  #writes = 0;

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

  async delete(container: string, name: string): Promise<void> {
    this.#blobs.delete(`${container}/${name}`);
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

  #put(container: string, name: string, bytes: Uint8Array): string {
    this.#writes++;
    const etag = `"${this.#writes}"`;
    this.#blobs.set(`${container}/${name}`, { bytes: bytes.slice(), etag });
    return etag;
  }
}
