/**
 * Token buckets in whole micro-tokens and whole milliseconds: no float, no drift. A bucket refills evenly over its
 * window, or all at once when a UTC day or month begins (`calendar`), as budgets do.
 */
export interface BucketShape {
  /** Most micro-tokens the bucket holds; the largest burst. */
  capacity: number;
  /** Micro-tokens that come back in one window. */
  refill: number;
  windowMs: number;
  calendar?: 'day' | 'month' | undefined;
}

/** `level` was true at `at` (ms since the epoch; of a calendar bucket, the start of its period). Debt is a level below 0. */
export interface BucketState {
  level: number;
  at: number;
}

/** a·b/c of non-negative integers, rounded as told; exact beyond 2^53 as well. */
function mulDiv(a: number, b: number, c: number, up: boolean): number {
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) return up ? Math.ceil(product / c) : Math.floor(product / c);
  const [exact, by] = [BigInt(a) * BigInt(b), BigInt(c)];
  return Number(up ? (exact + by - 1n) / by : exact / by);
}

/** Start of the UTC day or month that `now` lies in. */
export function periodStart(calendar: 'day' | 'month', now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), calendar === 'day' ? date.getUTCDate() : 1);
}

export function periodEnd(calendar: 'day' | 'month', now: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return calendar === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
}

export function fullBucket(shape: BucketShape, now: number): BucketState {
  return { level: shape.capacity, at: shape.calendar ? periodStart(shape.calendar, now) : now };
}

/**
 * The bucket as it stands at `now`. Time never runs backwards: an earlier `now` changes nothing. What is less than a
 * micro-token stays on the clock for the next time, so that frequent reading loses nothing.
 */
export function refilled(state: BucketState, shape: BucketShape, now: number): BucketState {
  if (now <= state.at) return state;
  if (shape.calendar) {
    const start = periodStart(shape.calendar, now);
    return start > state.at ? { level: shape.capacity, at: start } : state;
  }
  const gained = mulDiv(now - state.at, shape.refill, shape.windowMs, false);
  if (gained >= shape.capacity - state.level)
    return { level: Math.max(state.level, shape.capacity), at: now };
  return { level: state.level + gained, at: state.at + mulDiv(gained, shape.windowMs, shape.refill, true) };
}

/** Milliseconds from `now` until the bucket holds `amount`; `Infinity` where it never can. */
export function msUntil(state: BucketState, shape: BucketShape, amount: number, now: number): number {
  if (amount > shape.capacity) return Number.POSITIVE_INFINITY;
  const { level, at } = refilled(state, shape, now);
  if (level >= amount) return 0;
  if (shape.calendar) return Math.max(1, periodEnd(shape.calendar, Math.max(now, at)) - now);
  return Math.max(1, at + mulDiv(amount - level, shape.windowMs, shape.refill, true) - now);
}

/** Tokens that were reserved at `reservedAt` and not used come back; those of a calendar period that is over do not. */
export function givenBack(
  state: BucketState,
  shape: BucketShape,
  amount: number,
  reservedAt: number,
): BucketState {
  if (shape.calendar && reservedAt < state.at) return state;
  return { level: Math.min(Math.max(shape.capacity, state.level), state.level + amount), at: state.at };
}
