import { type BucketState, fullBucket, givenBack, msUntil, periodEnd } from './bucket.ts';
import type { StoredBucket } from './bucketStore.ts';
import type { Piece } from './lots.ts';
import type { Window } from './policy.ts';
import { deepestDebt, standing } from './standing.ts';

/** A correction that goes with the next write. */
export interface Change {
  /** Micro-tokens to give back, or below zero to charge. */
  amount: number;
  /** When they were reserved. */
  reservedAt: number;
  /** Of what is given back: the epoch it was reserved in. Nothing comes back into another. */
  epoch?: number;
  /** Nothing is given out until then. */
  blockUntil?: number;
}

/** What one reservation would write, and what it would bring. */
export interface Reservation {
  row: StoredBucket;
  lot: Piece;
}

/** The last day a table can name. */
const lastDay = Date.UTC(9999, 11, 31);

/** The row of a bucket nobody has used yet. */
export function freshRow({ shape }: Window, now: number): StoredBucket {
  const never = { epoch: 0, blockedUntil: 0, writer: '', outstanding: 0, outstandingUntil: 0, idleAt: 0 };
  const { capacity, refill } = shape;
  return { ...never, ...fullBucket(shape, now), capacity, refill };
}

/** The row as it stands at `now` in the shape of the window, with corrections made. */
export function corrected(
  row: StoredBucket,
  { shape }: Window,
  changes: readonly Change[],
  now: number,
): StoredBucket {
  const { capacity, refill } = shape;
  let next: StoredBucket = { ...row, ...standing(row, shape, now), capacity, refill };
  for (const change of changes) {
    const blockedUntil = Math.max(next.blockedUntil, change.blockUntil ?? 0);
    next = { ...next, ...changed(next, shape, change), blockedUntil };
  }
  return next;
}

function changed(row: StoredBucket, shape: Window['shape'], change: Change): BucketState {
  const { amount, reservedAt, epoch = row.epoch } = change;
  if (amount <= 0) return { level: Math.max(deepestDebt, row.level + amount), at: row.at };
  return epoch === row.epoch ? givenBack(row, shape, amount, reservedAt) : row;
}

/** Takes `amount` out of a corrected row. The lease counts from `now`, which lies before the write. */
export function reserve(
  row: StoredBucket,
  window: Window,
  amount: number,
  now: number,
  writer: string,
): Reservation {
  const { shape, leaseLifeMs } = window;
  const end = shape.calendar ? periodEnd(shape.calendar, now) : Number.POSITIVE_INFINITY;
  const lot = {
    left: amount,
    reservedAt: now,
    expiresAt: Math.min(now + leaseLifeMs, end),
    epoch: row.epoch,
  };
  const level = row.level - amount;
  const { at, capacity, refill, epoch, blockedUntil } = row;
  const before = row.outstandingUntil > now ? row.outstanding : 0;
  const most = shape.capacity + Math.ceil((shape.refill / shape.windowMs) * leaseLifeMs);
  const outstanding = Math.min(before + amount, most);
  const outstandingUntil = Math.max(row.outstandingUntil, lot.expiresAt);
  const idleAt = idleFrom({ level, at }, shape, Math.max(now, blockedUntil));
  const written = { level, capacity, refill, at, epoch, blockedUntil, writer };
  return { lot, row: { ...written, outstanding, outstandingUntil, idleAt } };
}

/** A window after the bucket will be full; of a calendar bucket, a window after its period. */
function idleFrom(state: BucketState, shape: Window['shape'], now: number): number {
  if (shape.calendar) return periodEnd(shape.calendar, now) + shape.windowMs;
  const drained = { ...state, level: Math.min(state.level, 0) };
  return Math.min(now + msUntil(drained, shape, shape.capacity, now) + shape.windowMs, lastDay);
}
