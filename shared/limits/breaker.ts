/** Failures in a row after which the store is left alone. */
const patience = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

/**
 * A circuit breaker in front of the store: after three failures in a row nobody asks it for a while, then one probe
 * goes through; each failed probe doubles the pause. Pure: time comes in.
 */
export class Breaker {
  #failures = 0;
  #pauseMs = firstPauseMs;
  #openUntil = 0;
  #probing = false;

  /** True where the store may be asked now. The first to hear it after a pause is the probe and must report back. */
  mayAsk(now: number): boolean {
    if (this.#failures < patience) return true;
    const leftMs = this.#openUntil - now;
    // More left than the pause is long: the clock has been set back.
    if ((leftMs > 0 && leftMs <= this.#pauseMs) || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  /** Open: the store counts as gone. */
  get isOpen(): boolean {
    return this.#failures >= patience;
  }

  /** Whoever was let through never asked: the next may be the probe. */
  unused(): void {
    this.#probing = false;
  }

  /** Gives true where this closed the breaker. */
  succeeded(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    this.#probing = false;
    this.#pauseMs = firstPauseMs;
    return wasOpen;
  }

  /** Gives true where this opened the breaker. */
  failed(now: number): boolean {
    const wasOpen = this.isOpen;
    this.#failures++;
    if (!this.isOpen) return false;
    if (wasOpen && this.#probing) this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    this.#probing = false;
    this.#openUntil = now + this.#pauseMs;
    return !wasOpen;
  }
}
