/** A blob as it stood, with the version a conditional read or write needs. */
export interface BlobVersion {
  bytes: Uint8Array;
  etag: string;
}

/** What a write is bound to: the version that is there, or that there is no blob yet. */
export type BlobCondition = { etag: string } | 'new';

/** Blobs by container and name. Containers are made when first written to. */
export interface BlobStore {
  /** The blob's bytes, the first `mostBytes` where that is given; undefined where there is none. */
  get(container: string, name: string, mostBytes?: number): Promise<Uint8Array | undefined>;
  /** The same with its version; `unchanged` where it still is the version `etag`. */
  getVersion(
    container: string,
    name: string,
    etag?: string,
    mostBytes?: number,
  ): Promise<BlobVersion | 'unchanged' | undefined>;
  /** Writes or replaces a blob. */
  put(container: string, name: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Writes a blob where the condition holds, and gives its new etag; undefined where it does not. */
  putIf(
    container: string,
    name: string,
    bytes: Uint8Array,
    contentType: string,
    condition: BlobCondition,
  ): Promise<string | undefined>;
  /**
   * Adds to the end of a blob that is only ever added to, and makes it where there is none: at most 4 MB at a time, 50,000
   * times in all.
   */
  append(container: string, name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Removes a blob; one that is not there is no error. One that is leased stays, and no error either, unless `lease` is
   * the one it is under.
   */
  delete(container: string, name: string, lease?: string): Promise<void>;
  /**
   * Takes a lease of a blob for `seconds`, 15 to 60, and makes the blob, empty, where there is none. Until it runs out
   * nobody else gets one, and only its holder can delete the blob. Gives the lease; undefined where somebody else has it.
   */
  lease(container: string, name: string, seconds: number): Promise<string | undefined>;
  /** Holds a lease for as long again. False where somebody else has it by now, or the blob is gone. */
  renew(container: string, name: string, lease: string): Promise<boolean>;
  /** Names that begin with `prefix`, in order; none where there is no such container. */
  list(container: string, prefix: string): AsyncIterable<string>;
  /** @throws when the service cannot be reached with these rights. */
  ping(): Promise<void>;
}
