import { type BucketShape, type BucketState, fullBucket, msUntil, refilled } from './bucket.ts';

/** What one instance may admit of an identifier by itself: a bucket in its memory, a share of the real one. */
export class LocalShare {
  #shape: BucketShape | undefined;
  /** Before then nothing is admitted: what stood here before has used it. */
  #from: number;
  #state: BucketState | undefined;

  constructor(shape: BucketShape | undefined, from: number) {
    this.#shape = shape;
    this.#from = from;
  }

  take(amount: number, now: number): boolean {
    if (!this.#shape || now < this.#from) return false;
    const state = refilled(this.#state ?? fullBucket(this.#shape, now), this.#shape, now);
    if (state.level < amount) return false;
    this.#state = { level: state.level - amount, at: state.at };
    return true;
  }

  /** What turned out not to be used; below zero, what was used on top. */
  giveBack(amount: number): void {
    if (this.#state) this.#state = { level: this.#state.level + amount, at: this.#state.at };
  }

  /** Goes on in another shape, with no more in it than there is. */
  reshape(shape: BucketShape | undefined, now: number): void {
    if (this.#shape && this.#state) this.#state = refilled(this.#state, this.#shape, now);
    this.#shape = shape;
  }

  /** Admits nothing any more. Gives the time from which a successor may, having the whole share then. */
  retire(now: number): number {
    this.#from = Number.POSITIVE_INFINITY;
    if (!this.#shape || !this.#state) return now;
    return now + msUntil(this.#state, this.#shape, this.#shape.capacity, now);
  }
}
