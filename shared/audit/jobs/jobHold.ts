import type { Clock } from '../../limits/clock.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';
import type { Progress } from '../engines/engine.ts';
import { isUnfinished, type StoredJob } from './jobRow.ts';
import { keptJob } from './jobSteps.ts';
import type { JobStore } from './jobStore.ts';
import { pause } from './pause.ts';

/** How often a job's owner writes down that it is there and how far it is; and so how soon it sees a cancellation. */
const beatMs = 2_000;

/** Longer than a beat and the longest a write to storage takes. */
const marginMs = 12_000;

/** Why a job's owner has to stop. `lost`: another one has it, or this one could not say that it is there. */
export type StopReason = 'canceled' | 'lost' | 'time-up';

export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`the job stops: ${reason}`);
    this.reason = reason;
  }
}

export interface HoldDeps {
  store: JobStore;
  clock: Clock;
  log: Logger;
}

/**
 * A claimed job in the hands of its owner. Every two seconds one conditional write says that the owner is there and how
 * far it is, and fails where the job was canceled or has got another owner: then `signal` ends.
 */
export class JobHold {
  readonly #deps: HoldDeps;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #beating: Promise<void>;
  #row: StoredJob;
  #progress: Progress | undefined;

  constructor(deps: HoldDeps, row: StoredJob) {
    this.#deps = deps;
    this.#row = row;
    this.#beating = this.#beat();
  }

  /** Ends with a {@link JobStopped} when the owner has to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the owner has to stop; undefined while it has not. */
  get stopped(): StopReason | undefined {
    const reason: unknown = this.#stop.signal.reason;
    return reason instanceof JobStopped ? reason.reason : undefined;
  }

  stop(reason: StopReason): void {
    this.#stop.abort(new JobStopped(reason));
  }

  /** What is reported is written with the next beat; who reports after it stood still for too long is stopped at once. */
  report(progress: Progress): void {
    this.#progress = progress;
    if (this.#remainingMs() <= 0) this.stop('lost');
  }

  /** Ends the beating, and gives the row as it was last written, with what was reported since. */
  async release(): Promise<StoredJob> {
    this.#over.abort();
    await this.#beating;
    const { etag } = this.#row;
    return { ...keptJob(this.#row, this.#progress, this.#now()), etag };
  }

  async #beat(): Promise<void> {
    const { clock } = this.#deps;
    const ended = AbortSignal.any([this.#over.signal, this.#stop.signal]);
    while (!ended.aborted) {
      await pause(clock, beatMs, ended).catch(() => {});
      // A machine that stood still for so long is told by its clock, before it goes on with anything else.
      if (this.#remainingMs() <= 0) this.stop('lost');
      if (!ended.aborted) await this.#say();
    }
  }

  async #say(): Promise<void> {
    const { store, log } = this.#deps;
    const now = this.#now();
    try {
      const moved = await store.move(this.#row, keptJob(this.#row, this.#progress, now));
      if (moved) this.#row = moved;
      else if (this.#remainingMs() <= 0) this.stop('lost');
      else await this.#look();
    } catch (error) {
      log.warn('audit-job-beat-failed', { job: this.#row.partitionKey, ...errorFields(error) });
      // By the next try others may have taken it for lost, and it must not be run twice.
      if (this.#remainingMs() <= marginMs) this.stop('lost');
    }
  }

  /** Somebody has written to the row: whoever cancels, another owner, or this one with a try that came through unseen. */
  async #look(): Promise<void> {
    const found = await this.#deps.store.get(this.#row.partitionKey);
    if (!found || !isUnfinished(found)) return this.stop('canceled');
    if (found.owner !== this.#row.owner) return this.stop('lost');
    this.#row = found;
  }

  /** How long others take the owner for being there, if they hear nothing more. */
  #remainingMs(): number {
    return (this.#row.ownedUntil?.getTime() ?? 0) - this.#deps.clock.now();
  }

  #now(): Date {
    return new Date(this.#deps.clock.now());
  }
}
