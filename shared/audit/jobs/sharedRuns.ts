import { type Clock, systemClock } from '../../limits/clock.ts';
import type { BlobStore } from '../../storage/blobStore.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';
import { pause } from './pause.ts';

const container = 'audit-cache';
const leaseSeconds = 30;
const leaseMs = leaseSeconds * 1000;
/** Two renewals may fail before the lease runs out. */
const renewMs = leaseMs / 3;
/** So many failures in a row to get a lease, and the work runs without one. */
const mostFailures = 2;
const firstLookMs = 300;
const longestLookMs = 2_000;

export interface SharedWork<T> {
  /** Whether the answer is there by now. */
  answered(): Promise<boolean>;
  /**
   * Works it out, and puts it where `answered` looks before it returns. The signal ends as well where another instance
   * has taken over, as this one stood still for too long.
   */
  run(signal: AbortSignal): Promise<T>;
  log: Logger;
}

/** What came of it: the answer of the own run, or that another's is there to be read. */
export type Shared<T> = { kind: 'ran'; value: T } | { kind: 'answered' };

/**
 * Lets equal work run once, whichever instances it is asked of. Who gets the lease of `{key}.lock` runs; the others wait
 * until the answer is there, or until the lease is free because the one who had it failed or was lost, and then take
 * their turn. Where leases cannot be had the work runs all the same: sharing saves, it never stands in the way.
 */
export class SharedRuns {
  readonly #blobs: Pick<BlobStore, 'lease' | 'renew' | 'delete'>;
  readonly #clock: Pick<Clock, 'now' | 'wait'>;
  /** Runs of this instance by key, for those who wait beside them. Never fails. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    blobs: Pick<BlobStore, 'lease' | 'renew' | 'delete'>,
    clock: Pick<Clock, 'now' | 'wait'> = systemClock(),
  ) {
    this.#blobs = blobs;
    this.#clock = clock;
  }

  /** @throws what `run` throws, and the signal's reason as soon as it ends the waiting. */
  async share<T>(key: string, signal: AbortSignal, work: SharedWork<T>): Promise<Shared<T>> {
    let failures = 0;
    for (let wait = firstLookMs; ; wait = Math.min(wait * 1.5, longestLookMs)) {
      signal.throwIfAborted();
      const lease = await this.#take(key, work.log);
      failures = lease === 'unavailable' ? failures + 1 : 0;
      if (failures === mostFailures) return { kind: 'ran', value: await work.run(signal) };
      const isMine = lease !== undefined && lease !== 'unavailable';
      const shared = isMine ? await this.#hold(key, lease, signal, work) : undefined;
      if (shared) return shared;
      const beside = [...this.#running].filter(([other]) => other === key).map(([, run]) => run);
      await Promise.race([pause(this.#clock, wait, signal), ...beside]);
      if (await work.answered()) return { kind: 'answered' };
    }
  }

  async #take(key: string, log: Logger): Promise<string | 'unavailable' | undefined> {
    try {
      return await this.#blobs.lease(container, nameOf(key), leaseSeconds);
    } catch (error) {
      log.warn('audit-lease-unavailable', { key, ...errorFields(error) });
      return 'unavailable';
    }
  }

  /** Gives undefined where the lease was lost on the way. */
  async #hold<T>(
    key: string,
    lease: string,
    signal: AbortSignal,
    { answered, run }: SharedWork<T>,
  ): Promise<Shared<T> | undefined> {
    const [over, lost] = [new AbortController(), new AbortController()];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(key, promise);
    void this.#keep(key, lease, over.signal, lost);
    try {
      // Whoever had the lease before may have answered in the meantime.
      if (await answered()) return { kind: 'answered' };
      return { kind: 'ran', value: await run(AbortSignal.any([signal, lost.signal])) };
    } catch (error) {
      if (lost.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      over.abort();
      // What is not given up runs out by itself.
      await this.#blobs.delete(container, nameOf(key), lease).catch(() => {});
      if (this.#running.get(key) === promise) this.#running.delete(key);
      resolve();
    }
  }

  /** Renews the lease until `over`; ends `lost` where somebody else has it, or could have it by now. */
  async #keep(key: string, lease: string, over: AbortSignal, lost: AbortController): Promise<void> {
    while (!over.aborted && !lost.signal.aborted) {
      const before = this.#clock.now();
      const stoodStill = () => this.#clock.now() - before >= leaseMs;
      await pause(this.#clock, renewMs, over).catch(() => {});
      if (over.aborted) return;
      // A renewal that could not be asked for is made up for by the next one.
      const renew = () => this.#blobs.renew(container, nameOf(key), lease).catch(() => true);
      const isHeld = !stoodStill() && (await renew()) && !stoodStill();
      if (!isHeld) lost.abort(new Error('the lease of the run is lost'));
    }
  }
}

const nameOf = (key: string) => `${key}.lock`;
