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

/** Whole micro-tokens that came since the window's last beginning, windows counted from the epoch. */
function partOfWindow({ refill, windowMs }: BucketShape, at: number): number {
  return mulDiv(at % windowMs, refill, windowMs, false);
}

/**
 * The bucket as it stands at `now`. Time never runs backwards: an earlier `now` refills nothing. Micro-tokens arrive at
 * moments fixed since the epoch, so that it makes no difference how often a bucket is read. What lies above the
 * capacity, because a limit was lowered, is gone.
 */
export function refilled(state: BucketState, shape: BucketShape, now: number): BucketState {
  const { capacity, refill, windowMs, calendar } = shape;
  const level = Math.min(state.level, capacity);
  if (now <= state.at) return { level, at: state.at };
  if (calendar) {
    const start = periodStart(calendar, now);
    return start > state.at ? { level: capacity, at: start } : { level, at: state.at };
  }
  const windows = Math.floor(now / windowMs) - Math.floor(state.at / windowMs);
  // In this order no sum on the way is larger than what is gained, and all are exact.
  const rest = (windows > 0 ? refill : 0) - partOfWindow(shape, state.at);
  const gained = Math.max(0, windows - 1) * refill + (rest + partOfWindow(shape, now));
  return { level: Math.min(capacity, level + gained), at: now };
}

/** Milliseconds from `now` until the bucket holds `amount`; `Infinity` where it never can. */
export function msUntil(state: BucketState, shape: BucketShape, amount: number, now: number): number {
  if (amount > shape.capacity) return Number.POSITIVE_INFINITY;
  const { level, at } = refilled(state, shape, now);
  if (level >= amount) return 0;
  if (shape.calendar) return Math.max(1, periodEnd(shape.calendar, Math.max(now, at)) - now);
  const { windowMs, refill } = shape;
  const whole = Math.floor((amount - level) / refill);
  const part = partOfWindow(shape, at) + ((amount - level) % refill);
  return at - (at % windowMs) + whole * windowMs + mulDiv(part, windowMs, refill, true) - now;
}

/** Tokens that were reserved at `reservedAt` and not used come back; those of a calendar period that is over do not. */
export function givenBack(
  state: BucketState,
  shape: BucketShape,
  amount: number,
  reservedAt: number,
): BucketState {
  if (shape.calendar && reservedAt < state.at) return state;
  return { level: Math.min(shape.capacity, state.level + amount), at: state.at };
}
