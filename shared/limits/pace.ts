/** Half of what a caller waits. */
const longestGapMs = 50;
/**
 * Part of what is wanted in a lease life that one reservation takes: little where tokens are scarce and nobody else writes,
 * more where many do. The largest is still used up, fetched at half, within its lease.
 */
const [smallestPart, largestPart] = [1 / 5, 3 / 5];

/**
 * How much an instance reserves at a time, and how often. A batch is a part of what was wanted within about one lease
 * life, so that little outlives its lease; conflicts make batches larger and the gap between them longer, successes the
 * reverse. Pure: time comes in. Amounts are micro-tokens.
 */
export class Pace {
  readonly #unit: number;
  readonly #most: number;
  readonly #leaseLifeMs: number;
  #batch: number;
  #part = smallestPart;
  #gapMs = 0;
  /** Wanted lately, weighted by age. */
  #wanted = 0;
  #wantedSince = 0;
  #weighedAt: number | undefined;

  /** `most` bounds a batch: a twentieth of the bucket. */
  constructor(unit: number, most: number, leaseLifeMs: number) {
    this.#unit = unit;
    this.#most = Math.max(unit, most);
    this.#leaseLifeMs = leaseLifeMs;
    this.#batch = unit;
  }

  /** As last planned. */
  get batch(): number {
    return this.#batch;
  }

  /** Milliseconds to keep between reservations, before jitter. */
  get gapMs(): number {
    return this.#gapMs;
  }

  wanted(amount: number): void {
    this.#wantedSince += amount;
  }

  /** The batch for a reservation now. Where there is plenty, what one instance holds is missed by no other. */
  plan(now: number, isPlenty = false): number {
    const aged = Math.exp(-Math.max(0, now - (this.#weighedAt ?? now)) / this.#leaseLifeMs);
    this.#wanted = this.#wanted * aged + this.#wantedSince;
    this.#wantedSince = 0;
    this.#weighedAt = now;
    const part = isPlenty ? largestPart : this.#part;
    const whole = Math.floor((this.#wanted * part) / this.#unit) * this.#unit;
    this.#batch = Math.min(Math.max(this.#unit, whole), this.#most);
    return this.#batch;
  }

  succeeded(): void {
    this.#part = Math.max(smallestPart, this.#part * 0.6);
    this.#gapMs = this.#gapMs < 1 ? 0 : this.#gapMs * 0.7;
  }

  /** Another instance was faster. */
  conflicted(): void {
    this.#part = Math.min(largestPart, this.#part * 1.5);
    this.#gapMs = Math.min(Math.max(1, this.#gapMs * 1.5), longestGapMs);
  }
}
