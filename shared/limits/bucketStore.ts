import { createHash } from 'node:crypto';
import type { Entity, TableStore } from '../storage/tableStore.ts';
import type { BucketState } from './bucket.ts';

/** A bucket as every instance sees it. */
export interface StoredBucket extends BucketState {
  /** Of the shape `level` was told in, micro-tokens; both 0 where a version of the app wrote it that did not say. */
  capacity: number;
  refill: number;
  /** Raised by a reset: tokens reserved in an earlier epoch are void. */
  epoch: number;
  /** Until then (ms since the epoch) nothing is given out, whatever the level: the service behind said so. */
  blockedUntil: number;
  /** The last write of each instance that wrote lately, so that it recognises one it thought lost. */
  writer: string;
  /** Micro-tokens that instances may still hold, at most, and until when. */
  outstanding: number;
  outstandingUntil: number;
  /** When the row may be deleted: a bucket that is not there is a full one. */
  idleAt: number;
}

/** A bucket with the version that the next conditional write must name. */
export type VersionedBucket = StoredBucket & { version: string };

/** Buckets by key. Every write is conditional on the version it was computed from. */
export interface BucketStore {
  read(key: string): Promise<VersionedBucket | undefined>;
  /**
   * Writes over `version`, or where that is undefined creates. Gives the new version; undefined where somebody else
   * was faster.
   */
  write(key: string, bucket: StoredBucket, version: string | undefined): Promise<string | undefined>;
}

export const bucketTable = 'buckets';

interface Row extends Entity {
  level: bigint;
  capacity?: bigint;
  refill?: bigint;
  at: Date;
  epoch: number;
  blockedUntil: Date;
  writer: string;
  outstanding: bigint;
  outstandingUntil: Date;
  idleAt: Date;
}

/** The partition of an identifier's bucket. The identifier may be a phone number, hence the digest. */
export function bucketKey(policy: string, window: string, identifier: string): string {
  return createHash('sha256')
    .update(JSON.stringify([policy, window, identifier]))
    .digest('hex')
    .slice(0, 40);
}

/**
 * Buckets in Table Storage, each in a partition of its own. Its row has the same key: Azurite, for one, looks through all
 * rows that share theirs.
 */
export class TableBucketStore implements BucketStore {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  async read(key: string): Promise<VersionedBucket | undefined> {
    const stored = await this.#tables.get<Row>(bucketTable, key, key);
    return (
      stored && {
        level: Number(stored.level),
        capacity: Number(stored.capacity ?? 0),
        refill: Number(stored.refill ?? 0),
        at: stored.at.getTime(),
        epoch: stored.epoch,
        blockedUntil: stored.blockedUntil.getTime(),
        writer: stored.writer,
        outstanding: Number(stored.outstanding),
        outstandingUntil: stored.outstandingUntil.getTime(),
        idleAt: stored.idleAt.getTime(),
        version: stored.etag,
      }
    );
  }

  write(key: string, bucket: StoredBucket, version: string | undefined): Promise<string | undefined> {
    const entity: Row = {
      partitionKey: key,
      rowKey: key,
      level: BigInt(bucket.level),
      capacity: BigInt(bucket.capacity),
      refill: BigInt(bucket.refill),
      at: new Date(bucket.at),
      epoch: bucket.epoch,
      blockedUntil: new Date(bucket.blockedUntil),
      writer: bucket.writer,
      outstanding: BigInt(bucket.outstanding),
      outstandingUntil: new Date(bucket.outstandingUntil),
      idleAt: new Date(bucket.idleAt),
    };
    return this.#tables.write(
      bucketTable,
      version === undefined ? { kind: 'insert', entity } : { kind: 'replace', entity, etag: version },
    );
  }
}
