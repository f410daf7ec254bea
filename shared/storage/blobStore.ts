/** Blobs by container and name. Containers are made when first written to. */
export interface BlobStore {
  /** The blob's bytes, or undefined where there is none. */
  get(container: string, name: string): Promise<Uint8Array | undefined>;
  /** Writes or replaces a blob. */
  put(container: string, name: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Removes a blob; one that is not there is no error. */
  delete(container: string, name: string): Promise<void>;
  /** Names that begin with `prefix`, in order; none where there is no such container. */
  list(container: string, prefix: string): AsyncIterable<string>;
  /** @throws when the service cannot be reached with these rights. */
  ping(): Promise<void>;
}
