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

  async ping(): Promise<void> {}

  /** Names in a container, for tests. */
  names(container: string): string[] {
    return [...this.#blobs.keys()]
      .filter((k) => k.startsWith(`${container}/`))
      .map((k) => k.slice(container.length + 1))
      .sort();
  }
}
