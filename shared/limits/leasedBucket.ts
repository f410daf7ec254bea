import type { Clock } from './clock.ts';
import type { GuardedStore } from './guardedStore.ts';
import { LocalShare } from './localShare.ts';
import { Lots, type Piece } from './lots.ts';
import { Pace } from './pace.ts';
import type { Window } from './policy.ts';
import { Reserver, type View } from './reserver.ts';
import { msUntilStanding, standing } from './standing.ts';

/** What was taken; kept until it is certain that it is used. */
export interface Taken {
  kind: 'taken';
  amount: number;
  /** Where it came from; empty where this instance admitted it by itself. */
  pieces: readonly Piece[];
  /** True where the store could not be asked. */
  degraded: boolean;
}

/** The limit is reached. `Infinity`: more than the bucket can ever hold. */
export interface Refusal {
  kind: 'refused';
  retryAfterMs: number;
}

export type Take =
  | Taken
  | Refusal
  /** The store cannot be asked, and what this instance may admit by itself is used up. */
  | { kind: 'unavailable'; retryAfterMs: number };

/** How a caller waits. `none`: it is admitted from the local share, where that lasts, while the lease is fetched. */
export type Patience = 'none' | 'some';

export interface LeaseOptions {
  key: string;
  policy: string;
  window: Window;
  /** Micro-tokens of one unit. */
  unit: number;
  /** False: reserve exactly what is asked for, and give what is not used back to the store. */
  leased: boolean;
  store: GuardedStore;
  clock: Clock;
  /** A mark for a write that no other write of any instance ever bears. */
  nextMark(): string;
  /** Before then nothing is admitted locally. */
  localFrom: number;
  /** What goes along from the bucket before, where the limit has changed. */
  before?: { local: LocalShare; view: View | undefined };
}

/** A caller waits no longer than this for the store; longer where amounts are reserved exactly and nobody is on the line. */
const waitMs = { leased: 100, exact: 2_000 };
/** A caller shares at most so many reservations; others may be quicker to take what they bring. */
const mostRounds = 32;
const unavailableRetryMs = 2_000;

/**
 * One bucket as this instance uses it. Tokens are reserved in the store in batches and spent from memory; one
 * reservation is under way at a time and those who wait share it. How far this can be off: {@link largestExcess}.
 */
export class LeasedBucket {
  readonly #options: LeaseOptions;
  readonly #lots = new Lots();
  readonly #pace: Pace;
  readonly #local: LocalShare;
  readonly #reserver: Reserver;
  readonly #waiting = new Set<{ amount: number }>();
  /** What those who wait want, together. */
  #queued = 0;
  /** Admitted locally and not yet charged to the bucket. */
  #owed = 0;
  /** Reserved exactly, for operations that are not settled yet. */
  #underWay = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    const { window, unit, leased, before } = options;
    const most = leased ? Math.floor(window.shape.capacity / 20 / unit) * unit : unit;
    this.#pace = new Pace(unit, most, window.leaseLifeMs);
    this.#local = before?.local ?? new LocalShare(window.local, options.localFrom);
    this.#reserver = new Reserver({
      ...options,
      view: before?.view,
      pace: this.#pace,
      grant: (level) => this.#grant(level),
      receive: (lot) => this.#receive(lot),
      entered: (epoch) => this.#lots.keepEpoch(epoch),
      empty: () => {
        this.#owed = 0;
      },
      ended: () => this.#returnIdle(),
    });
  }

  /** Takes `amount` micro-tokens: at once where that is possible, else a promise. */
  take(amount: number, patience: Patience): Take | Promise<Take> {
    const refused = this.#refusal(amount);
    if (refused) return refused;
    const now = this.#options.clock.now();
    this.#pace.wanted(amount);
    const pieces = this.#lots.take(amount, now);
    if (pieces) {
      if (this.#options.leased) this.#prefetch(now);
      return this.#taken(amount, pieces);
    }
    if (patience === 'none' && this.#local.take(amount, now)) {
      this.#owed += amount;
      void this.#reserver.begin(now);
      return { kind: 'taken', amount, pieces: [], degraded: this.#options.store.isDown };
    }
    return this.#wait(amount, patience);
  }

  /** A refusal that needs no look at the store. */
  #refusal(amount: number): Refusal | undefined {
    const { clock, window } = this.#options;
    if (!(amount <= window.shape.capacity))
      return { kind: 'refused', retryAfterMs: Number.POSITIVE_INFINITY };
    const now = clock.now();
    const blockedMs = this.#blockedMs(now);
    if (blockedMs > 0) return { kind: 'refused', retryAfterMs: blockedMs };
    if (this.#lots.held(now) >= amount) return undefined;
    // Those who wait already come first: whoever what is left cannot serve too is told at once.
    return this.#knownEmpty(Math.min(this.#queued + amount, window.shape.capacity), now);
  }

  /** True where it would refuse as it was last seen, however long ago. */
  looksEmpty(amount: number): boolean {
    const { clock, window } = this.#options;
    const { view } = this.#reserver;
    const now = clock.now();
    return view !== undefined && msUntilStanding(view, window.shape, amount - this.#lots.held(now), now) > 0;
  }

  /** True where it would not refuse, were all given back that is reserved here and not settled yet. */
  couldCover(amount: number): boolean {
    return this.#underWay > 0 && !this.looksEmpty(amount - this.#underWay);
  }

  /** Puts back what was taken and not used. */
  release(taken: Taken): void {
    if (taken.pieces.length === 0 || !this.#options.leased) void this.settle(taken, 0);
    else for (const piece of taken.pieces) this.#lots.add(piece);
  }

  /**
   * Corrects an estimate: `used` micro-tokens were really used. The difference is given back to the store or charged
   * to it, into debt if need be. Gives false where the store could not be told; it is told with the next write.
   */
  settle(taken: Taken, used: number): Promise<boolean> {
    const unused = taken.amount - Math.max(0, used);
    const [piece] = taken.pieces;
    if (piece && !this.#options.leased) this.#underWay -= taken.amount;
    if (unused === 0 || Number.isNaN(unused)) return Promise.resolve(true);
    if (piece) return this.#giveBack({ ...piece, left: unused });
    this.#owed = Math.max(0, this.#owed - unused);
    this.#local.giveBack(unused);
    return Promise.resolve(true);
  }

  /** Nothing is given out to any instance until `until`: the service behind has said so. */
  block(until: number): Promise<boolean> {
    this.#lots.clear();
    const change = { amount: 0, reservedAt: this.#options.clock.now(), blockUntil: until };
    return this.#reserver.change(change);
  }

  /** Forgets everything held and known, after a reset. */
  forget(): void {
    this.#lots.forget();
    this.#reserver.forget();
  }

  /** Micro-tokens held here, and of the bucket as last seen; undefined where it was never seen. */
  look(now: number): { held: number; level: number | undefined; msUntilFull: number | undefined } {
    const { shape } = this.#options.window;
    const { view } = this.#reserver;
    const isBlocked = this.#blockedMs(now) > 0;
    return {
      held: isBlocked ? 0 : this.#lots.held(now),
      level: isBlocked ? 0 : view && Math.max(0, standing(view, shape, now).level),
      msUntilFull: view && msUntilStanding(view, shape, shape.capacity, now),
    };
  }

  get window(): Window {
    return this.#options.window;
  }

  /** The kind of bucket it is: its policy and the name of its window. */
  get kind(): string {
    return `${this.#options.policy} ${this.#options.window.window}`;
  }

  /**
   * This bucket where the limit is still the same, else one of the new shape. What was held in the old one is dropped;
   * what is known of the row and what was admitted locally goes along. Whoever waits for the old one gets their answer of it.
   */
  shaped(window: Window, leased: boolean): LeasedBucket {
    const { window: own, leased: wasLeased, clock } = this.#options;
    if (window === own || (window.quota === own.quota && leased === wasLeased)) return this;
    this.#local.reshape(window.local, clock.now());
    const before = { local: this.#local, view: this.#reserver.view };
    return new LeasedBucket({ ...this.#options, window, leased, before });
  }

  /** Something is on its way to the store, or waits to be. */
  get isBusy(): boolean {
    return this.#owed > 0 || this.#reserver.isBusy;
  }

  /** Admits nothing locally any more. Gives the time from which a successor may. */
  retire(now: number): number {
    return this.#local.retire(now);
  }

  /** Was empty, and cannot have refilled since. */
  #knownEmpty(amount: number, now: number): Refusal | undefined {
    const { view } = this.#reserver;
    if (!view || now >= view.trustUntil) return undefined;
    const { shape } = this.#options.window;
    const retryAfterMs = msUntilStanding(view, shape, amount - this.#lots.held(now), now);
    return retryAfterMs > 0 ? { kind: 'refused', retryAfterMs } : undefined;
  }

  /** Until when the service behind wants nothing, as far as this instance knows. */
  #blockedMs(now: number): number {
    const { view, pendingBlock } = this.#reserver;
    const seen = view && now < view.trustUntil ? view.blockedUntil : 0;
    return Math.max(seen, pendingBlock) - now;
  }

  #prefetch(now: number): void {
    const { batch } = this.#pace;
    if (this.#reserver.flight || batch < 4 * this.#options.unit) return;
    if (this.#lots.held(now) < batch / 2 && !this.#knownEmpty(batch, now)) void this.#reserver.begin(now);
  }

  async #wait(amount: number, patience: Patience): Promise<Take> {
    const { clock, store, leased } = this.#options;
    const began = clock.now();
    const place = { amount };
    const limit = clock.wait(leased || patience === 'none' ? waitMs.leased : waitMs.exact);
    this.#waiting.add(place);
    this.#queued += amount;
    try {
      const late = limit.done.then(() => 'late' as const);
      for (let round = 0; round < mostRounds; round++) {
        const outcome = await Promise.race([this.#reserver.begin(clock.now()) ?? false, late]);
        const take = this.#served(amount);
        if (take) return take;
        if (outcome === false) return this.#alone(amount);
        if (outcome === 'late') break;
      }
    } finally {
      this.#waiting.delete(place);
      this.#queued -= amount;
      limit.cancel();
      this.#returnIdle();
    }
    // A store that answers is not gone: others were quicker, and to be slow then is to be refused.
    return !store.isDown && this.#reserver.hasAnsweredSince(began)
      ? { kind: 'refused', retryAfterMs: this.#untilLikely(amount) }
      : this.#alone(amount);
  }

  #served(amount: number): Take | undefined {
    const now = this.#options.clock.now();
    const blockedMs = this.#blockedMs(now);
    if (blockedMs > 0) return { kind: 'refused', retryAfterMs: blockedMs };
    const pieces = this.#lots.take(amount, now);
    return pieces ? this.#taken(amount, pieces) : this.#knownEmpty(amount, now);
  }

  #taken(amount: number, pieces: readonly Piece[]): Taken {
    if (!this.#options.leased) this.#underWay += amount;
    return { kind: 'taken', amount, pieces, degraded: false };
  }

  /** The store is gone: the local share decides. */
  #alone(amount: number): Take {
    if (!this.#local.take(amount, this.#options.clock.now()))
      return { kind: 'unavailable', retryAfterMs: unavailableRetryMs };
    this.#owed += amount;
    return { kind: 'taken', amount, pieces: [], degraded: true };
  }

  /** Where amounts are reserved exactly, what arrived and nobody waits for goes back instead of being lost to the others. */
  #returnIdle(): void {
    if (this.#options.leased || this.#waiting.size > 0) return;
    const now = this.#options.clock.now();
    for (const piece of this.#lots.take(this.#lots.held(now), now) ?? []) void this.#giveBack(piece);
  }

  #giveBack({ left, reservedAt, epoch }: Piece): Promise<boolean> {
    return this.#reserver.change({ amount: left, reservedAt, epoch });
  }

  #untilLikely(amount: number): number {
    const { view } = this.#reserver;
    const now = this.#options.clock.now();
    const { shape } = this.#options.window;
    return Math.max(waitMs.leased, view ? msUntilStanding(view, shape, amount, now) : 0);
  }

  /**
   * How much to reserve of `level`: what is owed, what callers wait for as far as it serves them, or a batch, but no more
   * than a quarter of what is left.
   */
  #grant(level: number): number {
    const { unit, leased, clock, window } = this.#options;
    const now = clock.now();
    const isPlenty = level >= window.shape.capacity / 2;
    const held = this.#lots.held(now);
    let served = 0;
    for (const { amount } of this.#waiting)
      if (this.#owed + served + amount <= level + held) served += amount;
    if (this.#owed + served === 0 && this.#waiting.size > 0) return 0;
    const batch = leased ? Math.min(this.#pace.plan(now, isPlenty), Math.max(unit, level / 4)) : 0;
    const wanted = Math.min(level, Math.max(this.#owed + Math.max(0, served - held), batch));
    return Math.max(0, Math.floor(wanted / unit) * unit);
  }

  /** Local admissions are paid for first. */
  #receive(lot: Piece): void {
    const paid = Math.min(this.#owed, lot.left);
    this.#owed = 0;
    this.#lots.add({ ...lot, left: lot.left - paid });
  }
}
