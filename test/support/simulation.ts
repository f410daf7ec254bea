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

/** One of the list, by a number from 0 up to 1. */
export function pick<T>(list: readonly T[], part: number): T {
  return list[Math.floor(part * list.length)] as T;
}

interface Event {
  at: number;
  order: number;
  run: (() => void) | undefined;
}

/** Virtual time: what is due runs in order, and nothing takes longer than it says. */
export class Scheduler {
  now: number;
  /** A binary heap, soonest first. */
  readonly #events: Event[] = [];
  #order = 0;

  constructor(now = 1_800_000_000_000) {
    this.now = now;
  }

  /** Gives a function that calls it off. */
  at(delayMs: number, run: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, delayMs), order: this.#order++, run };
    this.#rise(this.#events.push(event) - 1);
    return () => {
      event.run = undefined;
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(ms, resolve));
  }

  /** Runs until `until`, letting promises settle after each event. */
  async run(until: number): Promise<void> {
    await settled();
    for (let next = this.#events[0]; next && next.at <= until; next = this.#events[0]) {
      this.#removeFirst();
      this.now = Math.max(this.now, next.at);
      if (!next.run) continue;
      next.run();
      await settled();
    }
    this.now = Math.max(this.now, until);
  }

  #removeFirst(): void {
    const last = this.#events.pop();
    if (!last || this.#events.length === 0) return;
    this.#events[0] = last;
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const child = this.#before(right, left) ? right : left;
      if (!this.#before(child, i)) return;
      this.#swap(i, child);
      i = child;
    }
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#events[i], this.#events[j]];
    if (!a || !b) return a !== undefined;
    return a.at === b.at ? a.order < b.order : a.at < b.at;
  }

  #swap(i: number, j: number): void {
    [this.#events[i], this.#events[j]] = [this.#events[j] as Event, this.#events[i] as Event];
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

/** Chances are from 0 to 1. */
export interface Weather {
  latencyMs: () => number;
  /** Chance that an operation fails without having been done. */
  failing: number;
  /** Chance that a write is held up on its way in, up to `lateMs`, and as large a one that its answer is, by `lateMs`. */
  late: number;
  lateMs: number;
  /** Chance that a write is repeated below us after it landed, and so comes back as a conflict. */
  repeated: number;
}

export const calm: Weather = { latencyMs: () => 4, failing: 0, late: 0, lateMs: 0, repeated: 0 };

/** The table as a service: conditional writes, with the weather of a network in between. */
export class SimulatedBuckets implements BucketStore {
  readonly rows = new Map<string, VersionedBucket>();
  weather: Weather;
  reads = 0;
  writes = 0;
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  #version = 0;

  constructor(scheduler: Scheduler, random: () => number, weather: Weather = calm) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.weather = weather;
  }

  get operations(): number {
    return this.reads + this.writes;
  }

  async read(key: string): Promise<VersionedBucket | undefined> {
    this.reads++;
    await this.#travel();
    const row = this.rows.get(key);
    await this.#scheduler.wait(this.weather.latencyMs());
    return row && { ...row };
  }

  async write(key: string, bucket: StoredBucket, version: string | undefined): Promise<string | undefined> {
    this.writes++;
    const { late, lateMs, repeated, latencyMs } = this.weather;
    await this.#travel();
    if (this.#random() < late) await this.#scheduler.wait(lateMs * this.#random());
    const done = this.apply(key, bucket, version);
    if (done !== undefined && this.#random() < late) await this.#scheduler.wait(lateMs);
    if (done !== undefined && this.#random() < repeated) return undefined;
    await this.#scheduler.wait(latencyMs());
    return done;
  }

  /** The conditional write itself, at once. */
  apply(key: string, bucket: StoredBucket, version: string | undefined): string | undefined {
    if (this.rows.get(key)?.version !== version) return undefined;
    const next = `v${++this.#version}`;
    this.rows.set(key, { ...bucket, version: next });
    return next;
  }

  async #travel(): Promise<void> {
    await this.#scheduler.wait(this.weather.latencyMs());
    if (this.#random() < this.weather.failing) throw new Error('the store is gone');
  }
}
