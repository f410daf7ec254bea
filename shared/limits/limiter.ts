import { recordMetric } from '../telemetry/instruments.ts';
import { type BucketStore, bucketKey } from './bucketStore.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Decision, LimitState, Permit, Violation } from './decision.ts';
import { GuardedStore } from './guardedStore.ts';
import { LeasedBucket, type Patience, type Take, type Taken } from './leasedBucket.ts';
import { type OwnLimits, withOwnLimits } from './ownLimits.ts';
import { microPer, type Operation, type Policy, type Scope, type Unit, type Window } from './policy.ts';

/** Who is limited, by scope. Policies of a scope that is not given do not apply. */
export type Subject = Partial<Record<Exclude<Scope, 'global'>, string>>;

/** What an operation uses; requests count 1 where not said. Policies in a unit that is not given do not apply. */
export type Cost = Partial<Record<Unit, number>>;

export interface LimiterOptions {
  policies: readonly Policy[];
  store: BucketStore;
  /** Tells this instance from all others that ever were. */
  instance: string;
  clock?: Clock;
  storeTimeoutMs?: number;
  /** Identifiers held in memory; beyond it the least recently used is forgotten. */
  mostIdentifiers?: number;
}

interface Charge {
  policy: Policy;
  window: Window;
  bucket: LeasedBucket;
  /** Micro-tokens. */
  amount: number;
}

const defaults = { storeTimeoutMs: 1_000, mostIdentifiers: 50_000 };
const everyone = '*';
const mostLooks = 16;

/** Whose bucket of the policy the subject uses; undefined where the policy does not apply. */
function identifierOf({ scope }: Policy, subject: Subject): string | undefined {
  return scope === 'global' ? everyone : subject[scope] || undefined;
}

/** Checks operations against every policy that applies, all or nothing. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #clock: Clock;
  readonly #store: GuardedStore;
  readonly #byOperation: ReadonlyMap<Operation, readonly Policy[]>;
  /** In order of last use. */
  readonly #buckets = new Map<string, LeasedBucket>();
  /** For each kind of bucket, from when on new ones may admit locally. */
  readonly #localFrom = new Map<string, number>();
  /** Policies with the windows of a tenant's own, worked out once for each configuration that was read. */
  readonly #own = new WeakMap<OwnLimits, ReadonlyMap<Policy, Policy>>();
  #writes = 0;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    this.#store = new GuardedStore(
      options.store,
      this.#clock,
      options.storeTimeoutMs ?? defaults.storeTimeoutMs,
    );
    const live = options.policies.filter(({ mode }) => mode !== 'off');
    const named = new Set(live.flatMap((policy) => policy.operations));
    this.#byOperation = new Map(
      [...named].map((operation) => [operation, live.filter((p) => p.operations.includes(operation))]),
    );
  }

  /**
   * Reserves what the operation uses in every bucket that applies; where one refuses, the others get theirs back.
   * With patience `none` nobody waits for the store: see {@link LeasedBucket}. `own` is what the tenant has of its own.
   */
  async check(
    operation: Operation,
    subject: Subject,
    cost: Cost = {},
    patience: Patience = 'some',
    own?: OwnLimits,
  ): Promise<Decision> {
    const charges = this.#charges(operation, subject, cost, own);
    const takes = await this.#takes(charges, patience);
    return this.#decide(charges, takes);
  }

  /** Buckets of the operation's policies give out nothing for `ms`, on any instance: the service behind has refused. */
  async block(operation: Operation, subject: Subject, scope: Scope, ms: number): Promise<void> {
    const until = this.#clock.now() + Math.ceil(ms);
    const charges = this.#charges(operation, subject, { requests: 1, tokens: 1, microdollars: 1 });
    const scoped = charges.filter(({ policy }) => policy.scope === scope && policy.unit !== 'microdollars');
    await Promise.all(scoped.map(({ bucket }) => bucket.block(until)));
  }

  /** True where some policy limits the operation of this subject in this unit, and refuses. */
  hasPolicy(operation: Operation, subject: Subject, unit: Unit): boolean {
    return (this.#byOperation.get(operation) ?? []).some(
      (policy) =>
        policy.unit === unit && policy.mode === 'enforce' && identifierOf(policy, subject) !== undefined,
    );
  }

  /** Micro-tokens this instance holds of an identifier's bucket. */
  heldHere(policy: Policy, window: Window, identifier: string): number {
    return (
      this.#buckets.get(`${policy.name} ${window.window} ${identifier}`)?.look(this.#clock.now()).held ?? 0
    );
  }

  /** Drops what this instance holds and knows of an identifier's buckets. */
  forget(policy: Policy, identifier: string): void {
    for (const { window } of policy.windows)
      this.#buckets.get(`${policy.name} ${window} ${identifier}`)?.forget();
  }

  /**
   * Buckets that look empty are asked first: while one refuses, the others are left alone, for what they would give out
   * and get back might not be spent before its lease ends.
   */
  async #takes(charges: readonly Charge[], patience: Patience): Promise<readonly (Take | undefined)[]> {
    const take = ({ bucket, amount }: Charge) => bucket.take(amount, patience);
    const isDoubtful = ({ policy, bucket, amount }: Charge) =>
      policy.mode === 'enforce' && bucket.looksEmpty(amount);
    const tried = charges.some(isDoubtful)
      ? await Promise.all(charges.map((charge) => (isDoubtful(charge) ? take(charge) : undefined)))
      : [];
    if (tried.some((t) => t && t.kind !== 'taken')) return tried;
    const begun = charges.map((charge, i) => tried[i] ?? take(charge));
    return begun.some((t) => t instanceof Promise) ? Promise.all(begun) : (begun as Take[]);
  }

  #charges(operation: Operation, subject: Subject, cost: Cost, own?: OwnLimits): Charge[] {
    const charges: Charge[] = [];
    const replaced = own && this.#withOwn(own);
    for (const common of this.#byOperation.get(operation) ?? []) {
      const policy = replaced?.get(common) ?? common;
      const identifier = identifierOf(policy, subject);
      const units = cost[policy.unit] ?? (policy.unit === 'requests' ? 1 : 0);
      if (identifier === undefined || units <= 0) continue;
      const amount = Math.ceil(units) * microPer[policy.unit];
      for (const window of policy.windows)
        charges.push({ policy, window, bucket: this.#bucket(policy, window, identifier), amount });
    }
    return charges;
  }

  #withOwn(own: OwnLimits): ReadonlyMap<Policy, Policy> {
    let replaced = this.#own.get(own);
    if (!replaced) {
      replaced = new Map(this.#options.policies.map((policy) => [policy, withOwnLimits(policy, own)]));
      this.#own.set(own, replaced);
    }
    return replaced;
  }

  #bucket(policy: Policy, window: Window, identifier: string): LeasedBucket {
    const id = `${policy.name} ${window.window} ${identifier}`;
    const known = this.#buckets.get(id);
    if (known) {
      const current = known.shaped(window, policy.leased);
      this.#buckets.delete(id);
      this.#buckets.set(id, current);
      return current;
    }
    const bucket = new LeasedBucket({
      key: bucketKey(policy.name, window.window, identifier),
      policy: policy.name,
      window,
      unit: microPer[policy.unit],
      leased: policy.leased,
      store: this.#store,
      clock: this.#clock,
      nextMark: () => `${this.#options.instance}:${++this.#writes}`,
      localFrom: this.#localFrom.get(`${policy.name} ${window.window}`) ?? 0,
    });
    this.#buckets.set(id, bucket);
    if (this.#buckets.size > (this.#options.mostIdentifiers ?? defaults.mostIdentifiers))
      this.#forgetOldest();
    return bucket;
  }

  /**
   * A forgotten bucket that comes back must not have a new local share before the old one would be whole again. What has
   * still something to write is kept, unless all of the oldest do.
   */
  #forgetOldest(): void {
    const oldest: [string, LeasedBucket][] = [];
    for (const entry of this.#buckets) if (oldest.push(entry) >= mostLooks) break;
    const [id, bucket] = oldest.find(([, { isBusy }]) => !isBusy) ?? oldest[0] ?? [];
    if (id === undefined || !bucket) return;
    const { kind } = bucket;
    const from = bucket.retire(this.#clock.now());
    this.#localFrom.set(kind, Math.max(this.#localFrom.get(kind) ?? 0, from));
    this.#buckets.delete(id);
  }

  #decide(charges: readonly Charge[], takes: readonly (Take | undefined)[]): Decision {
    const violations: Violation[] = [];
    const [unavailable, shadowed]: [string[], string[]] = [[], []];
    let [retryAfterMs, degraded] = [0, false];
    for (const [i, { policy, window, bucket, amount }] of charges.entries()) {
      const take = takes[i];
      if (!take) continue;
      this.#report(policy, take);
      if (take.kind === 'taken') degraded ||= take.degraded;
      else if (policy.mode === 'shadow') {
        if (take.kind === 'refused') shadowed.push(window.name);
      } else if (take.kind === 'refused')
        violations.push({
          policy,
          window,
          retryAfterMs: take.retryAfterMs,
          mayPass: bucket.couldCover(amount),
        });
      else {
        unavailable.push(policy.name);
        retryAfterMs = Math.max(retryAfterMs, take.retryAfterMs);
      }
    }
    const limits = () => this.#limits(charges);
    const permit = this.#permit(charges, takes, degraded);
    if (violations.length + unavailable.length === 0) return { kind: 'allowed', permit, shadowed, limits };
    permit.release();
    if (violations.length > 0) return { kind: 'refused', violations, limits };
    return { kind: 'unavailable', retryAfterMs, policies: [...new Set(unavailable)] };
  }

  #permit(charges: readonly Charge[], takes: readonly (Take | undefined)[], degraded: boolean): Permit {
    const taken = () =>
      charges.flatMap((charge, i): (Charge & { taken: Taken })[] => {
        const take = takes[i];
        return take?.kind === 'taken' ? [{ ...charge, taken: take }] : [];
      });
    let isOver = false;
    const once = () => {
      const first = !isOver;
      isOver = true;
      return first ? taken() : [];
    };
    return {
      degraded,
      async settle(used) {
        await Promise.all(
          once().map(({ policy, bucket, taken: take }) => {
            const units = used[policy.unit];
            const amount = units === undefined ? take.amount : Math.ceil(units) * microPer[policy.unit];
            return bucket.settle(take, amount);
          }),
        );
      },
      release() {
        for (const { bucket, taken: take } of once()) bucket.release(take);
      },
    };
  }

  #limits(charges: readonly Charge[]): LimitState[] {
    const now = this.#clock.now();
    return charges
      .filter(({ policy }) => policy.mode === 'enforce')
      .flatMap(({ policy, window, bucket }) => {
        const unit = microPer[policy.unit];
        const { held, level, msUntilFull } = bucket.look(now);
        // Never seen, as the store is gone: nothing is known to tell.
        if (level === undefined || msUntilFull === undefined) return [];
        return {
          name: window.name,
          unit: policy.unit,
          quota: window.quota,
          windowSeconds: Math.round(window.shape.windowMs / 1000),
          remaining: Math.min(window.quota, Math.floor((level + held) / unit)),
          resetSeconds: Math.ceil(msUntilFull / 1000),
        };
      });
  }

  #report(policy: Policy, take: Take): void {
    const degraded = take.kind === 'taken' && take.degraded;
    const result =
      take.kind === 'refused'
        ? 'refused'
        : take.kind === 'unavailable'
          ? 'error'
          : degraded
            ? 'degraded'
            : 'allowed';
    recordMetric('gatehouse.rate_limit.checks', 1, {
      'gatehouse.policy': policy.name,
      'gatehouse.result': result,
      'gatehouse.mode': policy.mode,
    });
  }
}
