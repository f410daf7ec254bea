/** A wait that can be called off. */
export interface Wait {
  done: Promise<void>;
  cancel(): void;
}

/** Time and chance as the limiter sees them; the simulation brings its own. */
export interface Clock {
  /** Whole milliseconds since the epoch, by the store's clock as far as it is known. */
  now(): number;
  wait(ms: number): Wait;
  /** 0 up to 1. */
  random(): number;
}

/** The machine's clock, or `now` where a better one is known. */
export function systemClock(now: () => number = Date.now): Clock {
  return {
    now,
    wait(ms) {
      const { promise: done, resolve } = Promise.withResolvers<void>();
      // After a busy spell timers run before answers that arrived meanwhile are read: those are not late.
      const handle = setTimeout(() => setImmediate(resolve), Math.max(0, ms));
      return { done, cancel: () => clearTimeout(handle) };
    },
    random: Math.random,
  };
}
