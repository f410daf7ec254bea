import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { BlobLeaseClient, BlobServiceClient } from '@azure/storage-blob';
import { AppError } from '../../errors.ts';
import type { BlobCondition, BlobStore, BlobVersion } from '../blobStore.ts';
import { deadline } from './deadline.ts';
import { orCreate, storageStatus, unavailable } from './storageError.ts';

/** Not there, held under another lease, or no longer ours. */
const heldByOthers = new Set([404, 409, 412]);

export class AzureBlobStore implements BlobStore {
  readonly #service: BlobServiceClient;

  constructor(service: BlobServiceClient) {
    this.#service = service;
  }

  async get(container: string, name: string, mostBytes?: number): Promise<Uint8Array | undefined> {
    const found = await this.getVersion(container, name, undefined, mostBytes);
    return found === 'unchanged' ? undefined : found?.bytes;
  }

  async getVersion(
    container: string,
    name: string,
    etag?: string,
    mostBytes?: number,
  ): Promise<BlobVersion | 'unchanged' | undefined> {
    const conditions = etag === undefined ? {} : { ifNoneMatch: etag };
    try {
      const found = await this.#service
        .getContainerClient(container)
        .getBlockBlobClient(name)
        .download(0, mostBytes, { conditions, ...deadline() });
      const { readableStreamBody: body, etag: now = '' } = found;
      return { bytes: body ? await buffer(body) : new Uint8Array(), etag: now };
    } catch (error) {
      if (storageStatus(error) === 304) return 'unchanged';
      // Of an empty blob there is no range.
      if (storageStatus(error) === 416) return this.getVersion(container, name, etag);
      if (storageStatus(error) === 404) return undefined;
      throw unavailable(error);
    }
  }

  async put(container: string, name: string, bytes: Uint8Array, contentType: string): Promise<void> {
    await this.#upload(container, name, bytes, contentType);
  }

  async putIf(
    container: string,
    name: string,
    bytes: Uint8Array,
    contentType: string,
    condition: BlobCondition,
  ): Promise<string | undefined> {
    const conditions = condition === 'new' ? { ifNoneMatch: '*' } : { ifMatch: condition.etag };
    return this.#upload(container, name, bytes, contentType, conditions);
  }

  async append(container: string, name: string, bytes: Uint8Array): Promise<void> {
    const client = this.#service.getContainerClient(container);
    const blob = client.getAppendBlobClient(name);
    const add = () => blob.appendBlock(bytes, bytes.byteLength, deadline());
    const create = async () => {
      await orCreate(
        () => blob.createIfNotExists(deadline()),
        ['ContainerNotFound'],
        () => client.createIfNotExists(deadline()),
      );
    };
    try {
      await orCreate(add, ['ContainerNotFound', 'BlobNotFound'], create);
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Gives the new etag; undefined where the conditions do not hold. */
  async #upload(
    container: string,
    name: string,
    bytes: Uint8Array,
    contentType: string,
    conditions?: { ifMatch: string } | { ifNoneMatch: string },
  ): Promise<string | undefined> {
    const client = this.#service.getContainerClient(container);
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const options = {
      blobHTTPHeaders: { blobContentType: contentType },
      ...(conditions ? { conditions } : {}),
      ...deadline(),
    };
    const upload = () => client.getBlockBlobClient(name).uploadData(data, options);
    try {
      const { etag } = await orCreate(upload, ['ContainerNotFound'], () =>
        client.createIfNotExists(deadline()),
      );
      return etag;
    } catch (error) {
      if (conditions && [409, 412].includes(storageStatus(error) ?? 0)) return undefined;
      throw unavailable(error);
    }
  }

  async delete(container: string, name: string, lease?: string): Promise<void> {
    const conditions = lease === undefined ? {} : { leaseId: lease };
    try {
      await this.#service
        .getContainerClient(container)
        .getBlockBlobClient(name)
        .delete({ conditions, ...deadline() });
    } catch (error) {
      if (![404, 412].includes(storageStatus(error) ?? 0)) throw unavailable(error);
    }
  }

  async lease(container: string, name: string, seconds: number): Promise<string | undefined> {
    // The id is ours, so that a try which was made twice takes the lease once.
    const lease = randomUUID();
    const take = () => this.#leaseClient(container, name, lease).acquireLease(seconds, deadline());
    try {
      await orCreate(take, ['ContainerNotFound', 'BlobNotFound'], () =>
        this.putIf(container, name, new Uint8Array(), 'application/octet-stream', 'new'),
      );
      return lease;
    } catch (error) {
      // Somebody else made the blob and has its lease, or has just deleted it: to be tried again.
      if (heldByOthers.has(storageStatus(error) ?? 0)) return undefined;
      throw error instanceof AppError ? error : unavailable(error);
    }
  }

  async renew(container: string, name: string, lease: string): Promise<boolean> {
    try {
      await this.#leaseClient(container, name, lease).renewLease(deadline());
      return true;
    } catch (error) {
      if (heldByOthers.has(storageStatus(error) ?? 0)) return false;
      throw unavailable(error);
    }
  }

  #leaseClient(container: string, name: string, lease: string): BlobLeaseClient {
    return this.#service.getContainerClient(container).getBlobClient(name).getBlobLeaseClient(lease);
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
