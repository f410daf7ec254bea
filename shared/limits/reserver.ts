import { recordMetric } from '../telemetry/instruments.ts';
import type { StoredBucket, VersionedBucket } from './bucketStore.ts';
import type { Clock } from './clock.ts';
import type { GuardedStore } from './guardedStore.ts';
import type { Piece } from './lots.ts';
import type { Pace } from './pace.ts';
import type { Window } from './policy.ts';
import { type Change, corrected, freshRow, reserve } from './reservation.ts';
import { didWrite, withWrite } from './writers.ts';

export interface ReserverOptions {
  key: string;
  policy: string;
  window: Window;
  store: GuardedStore;
  clock: Clock;
  /** The row as somebody else has last seen it. */
  view?: View | undefined;
  /** A name that nobody else in any instance ever bears. */
  nextMark(): string;
  pace: Pace;
  /** How many micro-tokens to reserve, of `level` that are there. */
  grant(level: number): number;
  /** A reservation has been made, possibly of nothing. */
  receive(lot: Piece): void;
  /** The bucket is in this epoch: tokens of any other are void. */
  entered(epoch: number): void;
  /** There is nothing to reserve. */
  empty(): void;
  /** A reservation has ended, whatever came of it. */
  ended(): void;
}

/** The row as last seen; `version` is empty where none was there. */
export interface View extends VersionedBucket {
  /** After that an empty bucket is looked at again: it may have been reset, or tokens given back. */
  trustUntil: number;
}

/** A write whose outcome is not known: it may have landed over `over`, or land yet. */
interface Attempt {
  over: string;
  write: number;
  lot: Piece;
  changes: readonly Change[];
}

const recheckMs = 5_000;
const mostAttempts = 8;
const mostChangeTries = 3;
/** Writes of unknown outcome that are remembered; of an older one what it gave back counts as given. */
const mostUnsure = 8;

/**
 * Reserves tokens of one bucket with conditional writes, one at a time. The row is remembered, so that an instance that
 * has a bucket to itself never reads. A write that comes back as a conflict or not at all may have been done: the row's
 * writers tell. Where they cannot, tokens are lost rather than used twice.
 */
export class Reserver {
  readonly #options: ReserverOptions;
  #view: View | undefined;
  #mustRead = false;
  /** What this reserver signs its writes with. */
  readonly #owner: string;
  #writes = 0;
  /** All over the same version, so that at most one of them has landed. */
  #unsure: Attempt[] = [];
  #changes: Change[] = [];
  #flight: Promise<boolean> | undefined;
  /** The next reservation begins no earlier than so long after the last. */
  #pauseMs = 0;
  #endedAt = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReserverOptions) {
    this.#options = options;
    this.#view = options.view;
    this.#owner = options.nextMark();
  }

  get view(): View | undefined {
    return this.#view;
  }

  /** The reservation under way. It gives false where the store failed, and never rejects. */
  get flight(): Promise<boolean> | undefined {
    return this.#flight;
  }

  /** A reservation is under way, or a correction waits for one. */
  get isBusy(): boolean {
    return this.#flight !== undefined || this.#changes.length > 0;
  }

  /** Until when a block that is still to be written holds; 0 where there is none. */
  get pendingBlock(): number {
    return this.#changes.reduce((until, { blockUntil = 0 }) => Math.max(until, blockUntil), 0);
  }

  /** True where the store has answered about this bucket since `then`: it may be slow, it is not gone. */
  hasAnsweredSince(then: number): boolean {
    return this.#answeredAt >= then;
  }

  /** The reservation under way, or a new one; undefined where the store is left alone for now. */
  begin(now: number): Promise<boolean> | undefined {
    if (this.#flight || !this.#options.store.mayAsk(now)) return this.#flight;
    const flight = this.#fly().finally(() => {
      this.#flight = undefined;
      this.#options.ended();
    });
    this.#flight = flight;
    return flight;
  }

  /** Has a correction written. Gives false where the store could not be told; then it goes with the next write. */
  async change(change: Change): Promise<boolean> {
    this.#changes.push(change);
    for (let tries = 0; this.#changes.includes(change) && tries < mostChangeTries; tries++) {
      const flight = this.begin(this.#options.clock.now());
      if (!flight || !(await flight)) return false;
    }
    return !this.#changes.includes(change);
  }

  /** Forgets the row, after a reset. */
  forget(): void {
    this.#view = undefined;
    this.#mustRead = true;
  }

  async #fly(): Promise<boolean> {
    const { clock, store, pace } = this.#options;
    const jittered = () => pace.gapMs * (0.5 + clock.random());
    try {
      // A clock that was set back must not make it longer.
      await this.#pause(this.#pauseMs - Math.max(0, clock.now() - this.#endedAt));
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        if (attempt > 0) await this.#pause(jittered());
        if (await this.#attempt()) break;
      }
      return true;
    } catch {
      this.forget();
      return false;
    } finally {
      store.done();
      this.#pauseMs = jittered();
      this.#endedAt = clock.now();
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms >= 1) await this.#options.clock.wait(ms).done;
  }

  /** Reads where it must, then writes once. Gives true where there is nothing more to try. */
  async #attempt(): Promise<boolean> {
    const { clock, store, key, window, grant } = this.#options;
    if (this.#mustRead && (await this.#read())) return true;
    const now = clock.now();
    const view = this.#view ?? this.#viewOf(freshRow(window, now), '', now);
    const changes = [...this.#changes];
    const before = corrected(view, window, changes, now);
    const amount = before.blockedUntil > now ? 0 : grant(before.level);
    if (amount === 0 && changes.length === 0) return this.#nothingLeft(view, now);
    const write = ++this.#writes;
    const writers = withWrite(before.writer, this.#owner, write);
    const { row, lot } = reserve(before, window, amount, now, writers);
    if (this.#unsure.length >= mostUnsure) this.#giveUp(this.#unsure.splice(0, 1));
    this.#unsure.push({ over: view.version, write, lot, changes });
    const version = await store.write(key, row, view.version === '' ? undefined : view.version);
    this.#answeredAt = clock.now();
    if (version === undefined) return this.#conflict();
    this.#unsure = [];
    this.#see(this.#viewOf(row, version, now));
    this.#landed(lot, changes);
    return true;
  }

  #conflict(): Promise<boolean> {
    const { policy, pace } = this.#options;
    pace.conflicted();
    recordMetric('gatehouse.rate_limit.lease.conflicts', 1, { 'gatehouse.policy': policy });
    return this.#read();
  }

  /** Reads the row. Gives true where it turns out that a write of ours, taken for lost, had landed. */
  async #read(): Promise<boolean> {
    const { clock, store, key } = this.#options;
    this.#mustRead = true;
    const now = clock.now();
    const stored = await store.read(key);
    this.#answeredAt = clock.now();
    this.#mustRead = false;
    if (stored) this.#see(this.#viewOf(stored, stored.version, now));
    else this.#view = undefined;
    return this.#resolve(stored);
  }

  /** Finds out which of the writes in doubt has landed, where the row has moved on. Gives true where one has. */
  #resolve(stored: VersionedBucket | undefined): boolean {
    const passed = this.#unsure.filter(({ over }) => over !== (stored?.version ?? ''));
    if (passed.length === 0) return false;
    this.#unsure = [];
    const told = passed.map(({ write }) => stored && didWrite(stored.writer, this.#owner, write));
    const landed = passed[told.indexOf(true)];
    if (landed) this.#landed(landed.lot, landed.changes);
    else if (told.includes(undefined)) this.#giveUp(passed);
    return landed !== undefined;
  }

  /** What these writes gave back may be there or not, and is never given back twice. */
  #giveUp(attempts: readonly Attempt[]): void {
    const doubtful = attempts.flatMap(({ changes }) => changes.filter(({ amount }) => amount > 0));
    this.#changes = this.#changes.filter((change) => !doubtful.includes(change));
  }

  #landed(lot: Piece, changes: readonly Change[]): void {
    const { policy, window, pace, receive } = this.#options;
    this.#changes = this.#changes.filter((change) => !changes.includes(change));
    pace.succeeded();
    receive(lot.epoch === this.#view?.epoch ? lot : { ...lot, left: 0 });
    const level = Math.max(0, this.#view?.level ?? 0);
    recordMetric('gatehouse.rate_limit.remaining', Math.min(1, level / window.shape.capacity), {
      'gatehouse.policy': policy,
    });
  }

  /** Nothing can be given out. What is known may be old: then it is read once more. */
  #nothingLeft(view: View, now: number): boolean {
    this.#mustRead = now >= view.trustUntil;
    if (!this.#mustRead) this.#options.empty();
    return !this.#mustRead;
  }

  #viewOf(row: StoredBucket, version: string, now: number): View {
    const trustUntil = now + recheckMs * (0.75 + 0.5 * this.#options.clock.random());
    return { ...row, version, trustUntil };
  }

  #see(view: View): void {
    this.#view = view;
    this.#options.entered(view.epoch);
  }
}
