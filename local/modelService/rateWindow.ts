import type { Quota } from './fault.ts';

/** Limits of one deployment; undefined is no limit. */
export interface RateLimits {
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
}

export type RateDecision =
  | { taken: true; left: RateLimits }
  | { taken: false; quota: Quota; waitMs: number; left: RateLimits };

const windowMs = 60_000;

interface Arrival {
  at: number;
  tokens: number;
}

/**
 * The last minute of one deployment. A request counts with its prompt and the output it allows, as Azure estimates it
 * on arrival; one that is turned away counts nothing.
 */
export class RateWindow {
  readonly #limits: RateLimits;
  #arrivals: Arrival[] = [];

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** `now` in milliseconds of a clock that never goes back. */
  take(tokens: number, now: number): RateDecision {
    const { requestsPerMinute = Infinity, tokensPerMinute = Infinity } = this.#limits;
    this.#arrivals = this.#arrivals.filter(({ at }) => now - at < windowMs);
    const waits = {
      requests: this.#waitMs(() => 1, requestsPerMinute - 1, now),
      tokens: this.#waitMs((arrival) => arrival.tokens, tokensPerMinute - tokens, now),
    };
    const quota: Quota = waits.requests >= waits.tokens ? 'requests' : 'tokens';
    if (waits[quota] > 0) return { taken: false, quota, waitMs: waits[quota], left: this.#left() };
    this.#arrivals.push({ at: now, tokens });
    return { taken: true, left: this.#left() };
  }

  /** Time until the arrivals still counted weigh no more than `room`; a whole window where they never will. */
  #waitMs(weigh: (arrival: Arrival) => number, room: number, now: number): number {
    let used = sum(this.#arrivals.map(weigh));
    if (used <= room) return 0;
    for (const arrival of this.#arrivals) {
      used -= weigh(arrival);
      if (used <= room) return arrival.at + windowMs - now;
    }
    return windowMs;
  }

  #left(): RateLimits {
    const { requestsPerMinute, tokensPerMinute } = this.#limits;
    const used = sum(this.#arrivals.map(({ tokens }) => tokens));
    return {
      requestsPerMinute:
        requestsPerMinute === undefined ? undefined : requestsPerMinute - this.#arrivals.length,
      tokensPerMinute: tokensPerMinute === undefined ? undefined : tokensPerMinute - used,
    };
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
