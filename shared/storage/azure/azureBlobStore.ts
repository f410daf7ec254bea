import { buffer } from 'node:stream/consumers';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { BlobStore } from '../blobStore.ts';
import { deadline } from './deadline.ts';
import { orCreate, storageStatus, unavailable } from './storageError.ts';

export class AzureBlobStore implements BlobStore {
  readonly #service: BlobServiceClient;

  constructor(service: BlobServiceClient) {
    this.#service = service;
  }

  async get(container: string, name: string): Promise<Uint8Array | undefined> {
    try {
      const { readableStreamBody } = await this.#service
        .getContainerClient(container)
        .getBlockBlobClient(name)
        .download(0, undefined, deadline());
      return readableStreamBody ? await buffer(readableStreamBody) : new Uint8Array();
    } catch (error) {
      if (storageStatus(error) === 404) return undefined;
      throw unavailable(error);
    }
  }

  async put(container: string, name: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const client = this.#service.getContainerClient(container);
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const upload = () =>
      client
        .getBlockBlobClient(name)
        .uploadData(data, { blobHTTPHeaders: { blobContentType: contentType }, ...deadline() });
    try {
      await orCreate(upload, ['ContainerNotFound'], () => client.createIfNotExists(deadline()));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async delete(container: string, name: string): Promise<void> {
    try {
      await this.#service.getContainerClient(container).getBlockBlobClient(name).delete(deadline());
    } catch (error) {
      if (storageStatus(error) !== 404) throw unavailable(error);
    }
  }

  async *list(container: string, prefix: string): AsyncIterable<string> {
    try {
      for await (const { name } of this.#service.getContainerClient(container).listBlobsFlat({ prefix }))
        yield name;
    } catch (error) {
      if (storageStatus(error) !== 404) throw unavailable(error);
    }
  }

  async ping(): Promise<void> {
    await this.#service.listContainers().byPage({ maxPageSize: 1 }).next();
  }
}
