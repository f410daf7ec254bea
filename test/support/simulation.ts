import type { BucketStore, StoredBucket, VersionedBucket } from '../../shared/limits/bucketStore.ts';
import type { Clock } from '../../shared/limits/clock.ts';

/** A small, well-mixed generator: the same seed gives the same run. Gives 0 up to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Virtual time: what is due runs in order, and nothing takes longer than it says. */
export class Scheduler {
  now = 1_800_000_000_000;
  #events: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  at(delayMs: number, run: () => void): () => void {
    const event = { at: this.now + Math.max(0, delayMs), order: this.#order++, run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((e) => e !== event);
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(ms, resolve));
  }

  /** Runs until `until`, letting promises settle after each event. */
  async run(until: number): Promise<void> {
    for (;;) {
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events[0];
      if (!next || next.at > until) break;
      this.#events.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
    this.now = until;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An instance's clock: virtual time, wrong by `skewMs`. */
export function skewedClock(scheduler: Scheduler, skewMs: number, random: () => number): Clock {
  return {
    now: () => Math.floor(scheduler.now + skewMs),
    random,
    wait(ms) {
      const { promise: done, resolve } = Promise.withResolvers<void>();
      return { done, cancel: scheduler.at(ms, resolve) };
    },
  };
}

export interface Weather {
  latencyMs: () => number;
  /** Chance that an operation fails without having been done. */
  failing: () => number;
  /** Chance that a write is done but its answer comes only after `lateMs`. */
  late: () => number;
  lateMs: number;
  /** Chance that a write is repeated below us after it landed, and so comes back as a conflict. */
  repeated: () => number;
}

/** The table as a service: conditional writes, with the weather of a network in between. */
export class SimulatedBuckets {
  readonly rows = new Map<string, VersionedBucket>();
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  readonly #weather: Weather;
  #version = 0;
  operations = 0;

  constructor(scheduler: Scheduler, random: () => number, weather: Weather) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#weather = weather;
  }

  store(): BucketStore {
    return { read: (key) => this.#read(key), write: (key, b, version) => this.#write(key, b, version) };
  }

  async #read(key: string): Promise<VersionedBucket | undefined> {
    this.operations++;
    await this.#scheduler.wait(this.#weather.latencyMs());
    if (this.#random() < this.#weather.failing()) throw new Error('the store is gone');
    const row = this.rows.get(key);
    await this.#scheduler.wait(this.#weather.latencyMs());
    return row && { ...row };
  }

  async #write(key: string, bucket: StoredBucket, version: string | undefined): Promise<string | undefined> {
    this.operations++;
    await this.#scheduler.wait(this.#weather.latencyMs());
    if (this.#random() < this.#weather.failing()) throw new Error('the store is gone');
    // A request can be held up on its way in, and land when its sender has long given up.
    if (this.#random() < this.#weather.late())
      await this.#scheduler.wait(this.#weather.lateMs * this.#random());
    const done = this.#apply(key, bucket, version);
    if (done !== undefined && this.#random() < this.#weather.late())
      await this.#scheduler.wait(this.#weather.lateMs);
    if (done !== undefined && this.#random() < this.#weather.repeated()) return undefined;
    await this.#scheduler.wait(this.#weather.latencyMs());
    return done;
  }

  #apply(key: string, bucket: StoredBucket, version: string | undefined): string | undefined {
    if (this.rows.get(key)?.version !== version) return undefined;
    const next = `v${++this.#version}`;
    this.rows.set(key, { ...bucket, version: next });
    return next;
  }
}
