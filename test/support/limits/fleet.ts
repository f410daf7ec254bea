import { bucketKey, type VersionedBucket } from '../../../shared/limits/bucketStore.ts';
import type { Decision } from '../../../shared/limits/decision.ts';
import type { Patience } from '../../../shared/limits/leasedBucket.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import type { OwnLimits } from '../../../shared/limits/ownLimits.ts';
import { type Policy, type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { calm, Scheduler, SimulatedBuckets, seeded, skewedClock, type Weather } from '../simulation.ts';
import type { Admission } from './timeline.ts';

export interface FleetOptions {
  seed: number;
  policies: readonly PolicyInput[];
  instances: number;
  /** Most that two instances' clocks disagree. */
  skewMs?: number;
  weather?: Weather;
  mostIdentifiers?: number;
  /** When it begins, ms since the epoch. */
  startsAt?: number;
}

export interface Ask {
  instance: number;
  caller?: string;
  units?: number;
  /** Of policies in requests; 1 where not said. */
  requests?: number;
  patience?: Patience;
  /** Units really used, said after `afterMs`; not said where absent. */
  used?: number;
  afterMs?: number;
  /** Takes everything back after so long: nothing was used. */
  releasedAfterMs?: number;
}

const everyKind: Record<Decision['kind'], number> = { allowed: 0, refused: 0, unavailable: 0 };

/** Instances of the limiter over one simulated table, and what they let through. */
export class Fleet {
  readonly scheduler: Scheduler;
  readonly store: SimulatedBuckets;
  readonly random: () => number;
  readonly policies: readonly Policy[];
  readonly limiters: Limiter[];
  /** Instances that ever lived. */
  lives = 0;
  /** Checks, settlements and blocks that have not ended. */
  pending = 0;
  readonly kinds = { ...everyKind };
  /** What an instance knows of limits a caller has of its own. */
  own: (instance: number, caller: string) => OwnLimits | undefined = () => undefined;
  readonly #admissions = new Map<string, Admission[]>();
  readonly #options: FleetOptions;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.random = seeded(options.seed);
    this.scheduler = new Scheduler(options.startsAt);
    this.store = new SimulatedBuckets(this.scheduler, this.random, options.weather ?? calm);
    this.policies = options.policies.map((policy) => policySchema.parse(policy));
    this.limiters = Array.from({ length: options.instances }, () => this.#start());
  }

  /** What was let through for a caller, in order of time. */
  admissions(caller = 'a'): readonly Admission[] {
    return this.#admissions.get(caller) ?? [];
  }

  get callers(): string[] {
    return [...this.#admissions.keys()];
  }

  limiter(instance: number): Limiter {
    return this.limiters[instance] as Limiter;
  }

  async ask({
    instance,
    caller = 'a',
    units = 1,
    requests = 1,
    patience = 'some',
    ...then
  }: Ask): Promise<Decision> {
    const cost = { requests, tokens: units, microdollars: units };
    const subject = { caller, tenant: caller };
    const own = this.own(instance, caller);
    const [operation = 'audit'] = this.policies[0]?.operations ?? [];
    const decision = await this.#counted(
      this.limiter(instance).check(operation, subject, cost, patience, own),
    );
    this.kinds[decision.kind]++;
    if (decision.kind === 'allowed') this.#admit(decision, caller, units, then);
    return decision;
  }

  /** All at once. */
  askAll(asks: readonly Ask[]): Promise<Decision[]> {
    return Promise.all(asks.map((ask) => this.ask(ask)));
  }

  /** Asks, and lets time pass meanwhile. */
  async decide(ask: Ask, withinMs = 3_000): Promise<Decision> {
    const decision = this.ask(ask);
    await this.pass(withinMs);
    return decision;
  }

  block(instance: number, ms: number): Promise<void> {
    return this.#counted(this.limiter(instance).block('audit', { caller: 'a' }, 'caller', ms));
  }

  /** An instance dies with all it holds; another takes its place. */
  replace(instance: number): void {
    this.limiters[instance] = this.#start();
  }

  /** Lets virtual time pass. */
  pass(ms: number): Promise<void> {
    return this.scheduler.run(this.scheduler.now + ms);
  }

  /** Waits for all that was begun. @throws Error where something hangs. */
  async finish(): Promise<void> {
    await this.pass(60_000);
    if (this.pending > 0) throw new Error(`${this.pending} operations never ended`);
  }

  row(policy: string, window: string, caller = 'a'): VersionedBucket | undefined {
    return this.store.rows.get(bucketKey(policy, window, caller));
  }

  #start(): Limiter {
    const { skewMs = 0, mostIdentifiers } = this.#options;
    const skew = Math.round((this.random() - 0.5) * skewMs);
    return new Limiter({
      policies: this.policies,
      store: this.store,
      instance: `i${++this.lives}`,
      clock: skewedClock(this.scheduler, skew, this.random),
      storeTimeoutMs: 150,
      ...(mostIdentifiers === undefined ? {} : { mostIdentifiers }),
    });
  }

  #admit(
    { permit }: Extract<Decision, { kind: 'allowed' }>,
    caller: string,
    units: number,
    { used, afterMs = 0, releasedAfterMs }: Partial<Ask>,
  ): void {
    const at = this.scheduler.now;
    const unused = releasedAfterMs === undefined ? units - (used ?? units) : units;
    const admission = { at, units, back: { at: at + (releasedAfterMs ?? afterMs), units: unused } };
    const list = this.#admissions.get(caller) ?? [];
    list.push(admission);
    this.#admissions.set(caller, list);
    if (releasedAfterMs !== undefined) this.scheduler.at(releasedAfterMs, () => permit.release());
    else if (used !== undefined) {
      const settle = () => permit.settle({ tokens: used, microdollars: used });
      this.scheduler.at(afterMs, () => void this.#counted(settle()));
    }
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.pending++;
    try {
      return await work;
    } finally {
      this.pending--;
    }
  }
}
