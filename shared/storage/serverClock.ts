/** Oscillators of ordinary machines drift less than this: milliseconds for each millisecond. */
const drift = 200e-6;

/**
 * This machine's clock, corrected by the store's. Each answer's `Date` header, which has whole seconds, tells that the
 * store's clock lay within a second at some moment between sending and receiving; many together narrow the offset down.
 * A machine whose clock agrees with what is known is left alone. Times are milliseconds.
 */
export class ServerClock {
  readonly #local: () => number;
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #seenAt: number | undefined;
  #offset = 0;

  constructor(local: () => number = Date.now) {
    this.#local = local;
  }

  /** What to add to the machine's clock. */
  get offsetMs(): number {
    return this.#offset;
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    return Math.floor(this.#local() + this.#offset);
  }

  /** A header's `date` was written between `sentAt` and `receivedAt`, both by the machine's clock. */
  observe(date: number, sentAt: number, receivedAt: number): void {
    const spread = drift * (receivedAt - (this.#seenAt ?? receivedAt));
    const [low, high] = [date - receivedAt, date + 999 - sentAt];
    this.#seenAt = receivedAt;
    this.#low = Math.max(this.#low - spread, low);
    this.#high = Math.min(this.#high + spread, high);
    // The clock has been set: what was known before does not hold any more.
    if (this.#low > this.#high) [this.#low, this.#high] = [low, high];
    this.#offset = Math.round(Math.min(Math.max(this.#offset, this.#low), this.#high));
  }
}
