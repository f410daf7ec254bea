import type { BlobStore } from '../blobStore.ts';

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  async get(container: string, name: string): Promise<Uint8Array | undefined> {
    return this.#blobs.get(`${container}/${name}`)?.slice();
  }

  async put(container: string, name: string, bytes: Uint8Array): Promise<void> {
    this.#blobs.set(`${container}/${name}`, bytes.slice());
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
}
