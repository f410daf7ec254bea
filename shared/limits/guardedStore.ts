import { recordMetric } from '../telemetry/instruments.ts';
import { Breaker } from './breaker.ts';
import type { BucketStore, StoredBucket, VersionedBucket } from './bucketStore.ts';
import type { Clock } from './clock.ts';

/**
 * The bucket store behind a time limit and a circuit breaker: a store that is slow or gone costs a caller at most one
 * time limit, and after three failures nothing at all until it answers again.
 */
export class GuardedStore {
  readonly #store: BucketStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #breaker = new Breaker();

  constructor(store: BucketStore, clock: Clock, timeoutMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** The store counts as gone. */
  get isDown(): boolean {
    return this.#breaker.isOpen;
  }

  /** True where a reservation may begin. Whoever hears it calls {@link done} in the end. */
  mayAsk(now: number): boolean {
    return this.#breaker.mayAsk(now);
  }

  /** A reservation has ended without asking the store after all. */
  done(): void {
    this.#breaker.unused();
  }

  /** @throws whatever the store throws, or an Error where it takes too long. A read that is late is forgotten. */
  read(key: string): Promise<VersionedBucket | undefined> {
    return this.#guard('read', this.#store.read(key));
  }

  /** As {@link read}; a write that is late may still land: the caller must read before it writes again. */
  write(key: string, bucket: StoredBucket, version: string | undefined): Promise<string | undefined> {
    return this.#guard('write', this.#store.write(key, bucket, version));
  }

  async #guard<T>(operation: string, work: Promise<T>): Promise<T> {
    const began = performance.now();
    const limit = this.#clock.wait(this.#timeoutMs);
    const late = limit.done.then(() => {
      throw new Error(`the bucket store did not ${operation} within ${this.#timeoutMs} ms`);
    });
    late.catch(() => {});
    work.catch(() => {});
    let outcome = 'failed';
    try {
      const result = await Promise.race([work, late]);
      outcome = 'done';
      if (this.#breaker.succeeded()) this.#report('closed');
      return result;
    } catch (error) {
      if (this.#breaker.failed(this.#clock.now())) this.#report('open');
      throw error;
    } finally {
      limit.cancel();
      recordMetric('gatehouse.rate_limit.store.duration', (performance.now() - began) / 1000, {
        'gatehouse.operation': operation,
        'gatehouse.outcome': outcome,
      });
    }
  }

  #report(state: string): void {
    recordMetric('gatehouse.rate_limit.breaker', 1, { 'gatehouse.state': state });
  }
}
