import { type BucketShape, type BucketState, msUntil, refilled } from './bucket.ts';
import type { StoredBucket } from './bucketStore.ts';

/** As deep as the largest quota is high, so that every sum stays an exact integer. */
export const deepestDebt = -4_000_000_000_000_000;

/** The shape a row was written in: the limit may have been raised or lowered since. */
function writtenIn({ capacity, refill }: StoredBucket, shape: BucketShape): BucketShape {
  const isSame = refill === 0 || (capacity === shape.capacity && refill === shape.refill);
  return isSame ? shape : { ...shape, capacity, refill };
}

/**
 * A row as it stands at `now`, told in `shape`. What was used stays used, whatever the quota was then and is now: so a
 * raised limit is there at once, a lowered one admits nothing until what was used fits in it, and instances that know
 * different quotas of it for a while gain nothing by taking turns. Until somebody writes, it refills as it was written.
 */
export function standing(row: StoredBucket, shape: BucketShape, now: number): BucketState {
  const written = writtenIn(row, shape);
  const { level, at } = refilled(row, written, now);
  return { level: Math.max(deepestDebt, level + shape.capacity - written.capacity), at };
}

/** Milliseconds from `now` until the row, told in `shape`, holds `amount`; `Infinity` where it never can. */
export function msUntilStanding(row: StoredBucket, shape: BucketShape, amount: number, now: number): number {
  const written = writtenIn(row, shape);
  return msUntil(row, written, amount + written.capacity - shape.capacity, now);
}
