import { AppError } from '../errors.ts';
import { largestExcess } from './bound.ts';
import { type BucketStore, bucketKey, type StoredBucket } from './bucketStore.ts';
import type { Clock } from './clock.ts';
import type { Limiter } from './limiter.ts';
import { mayHaveOwn, type OwnLimits, withOwnLimits } from './ownLimits.ts';
import { microPer, type Policy, type Window } from './policy.ts';
import { freshRow } from './reservation.ts';
import { msUntilStanding, standing } from './standing.ts';

/** One window of a limit as it stands; amounts in whole units. */
export interface WindowStatus {
  window: string;
  total_limit: number;
  /** In the store and held by this instance. */
  tokens_remaining: number;
  /** ISO time (UTC) at which it is full again; null when it is. */
  reset_time: string | null;
  held_here: number;
  /** Other instances may hold up to so many more. */
  held_elsewhere_at_most: number;
  /** ISO time until which nothing is given out, because the service behind has refused. */
  blocked_until: string | null;
  /** How many more than a perfect bucket this one may admit, beside what each instance may alone with the store gone. */
  bound: { lease: number; local_per_instance: number };
}

/** The answer of `GET /api/limits/{policy}/{identifier}`: the tightest window, and each. */
export interface LimitStatus {
  policy: string;
  unit: Policy['unit'];
  mode: Policy['mode'];
  tokens_remaining: number;
  reset_time: string | null;
  total_limit: number;
  windows: WindowStatus[];
}

export interface LimitAdminDeps {
  policies: readonly Policy[];
  store: BucketStore;
  limiter: Limiter;
  clock: Clock;
  /** What a tenant has of its own; undefined where it has nothing or there is none of this id. */
  ownLimits?: (tenant: string) => Promise<OwnLimits | undefined>;
}

const mostTries = 10;

/** Looks at limits without using them, and resets them. */
export class LimitAdmin {
  readonly #deps: LimitAdminDeps;

  constructor(deps: LimitAdminDeps) {
    this.#deps = deps;
  }

  /**
   * The identifier somebody means: `me` is themselves, where the policy tells callers apart, and a policy for everybody
   * has one only.
   * @throws AppError `not-found`, or `invalid-request`.
   */
  identifier(policyName: string, given: string, caller: string): string {
    const { scope } = this.#policy(policyName);
    if (scope === 'global' && (given === '*' || given === 'me')) return '*';
    if (scope === 'global' || (given === 'me' && scope !== 'caller'))
      throw new AppError(
        'invalid-request',
        `The policy is for each ${scope}: name one${scope === 'global' ? ' as *' : ''}.`,
      );
    return given === 'me' ? caller : given;
  }

  /** @throws AppError `not-found`; `storage-unavailable` with the same members, null, where the store cannot be read. */
  async status(policyName: string, identifier: string): Promise<LimitStatus> {
    const policy = await this.#policyFor(policyName, identifier);
    const windows = await Promise.all(
      policy.windows.map((window) => this.#window(policy, window, identifier)),
    );
    const share = (w: WindowStatus) => w.tokens_remaining / w.total_limit;
    const tightest = windows.reduce((a, b) => (share(b) < share(a) ? b : a));
    const { tokens_remaining, reset_time, total_limit } = tightest;
    const { name, unit, mode } = policy;
    return { policy: name, unit, mode, tokens_remaining, reset_time, total_limit, windows };
  }

  /**
   * Fills the buckets. The epoch is raised with it, so that other instances drop what they hold at their next write;
   * those that know the bucket for empty look again within seven seconds.
   * @throws AppError `not-found`, or `storage-unavailable`.
   */
  async reset(policyName: string, identifier: string): Promise<void> {
    const policy = await this.#policyFor(policyName, identifier);
    await Promise.all(policy.windows.map((window) => this.#fill(policy, window, identifier)));
    this.#deps.limiter.forget(policy, identifier);
  }

  #policy(name: string): Policy {
    const policy = this.#deps.policies.find((p) => p.name === name);
    if (policy) return policy;
    const names = this.#deps.policies.map((p) => p.name).join(', ');
    throw new AppError('not-found', `There is no such policy. There are: ${names}.`);
  }

  /** The policy as it holds for an identifier, which may be a tenant with windows of its own. */
  async #policyFor(name: string, identifier: string): Promise<Policy> {
    const policy = this.#policy(name);
    if (!mayHaveOwn(policy)) return policy;
    const own = await this.#deps.ownLimits?.(identifier).catch((error: unknown) => unreadable(null, error));
    return own ? withOwnLimits(policy, own) : policy;
  }

  async #window(policy: Policy, window: Window, identifier: string): Promise<WindowStatus> {
    const { store, limiter, clock } = this.#deps;
    const stored = await store
      .read(bucketKey(policy.name, window.window, identifier))
      .catch((error: unknown) => unreadable(window.quota, error));
    const now = clock.now();
    const row: StoredBucket = stored ?? freshRow(window, now);
    const units = (micro: number) => Math.floor(micro / microPer[policy.unit]);
    const { level } = standing(row, window.shape, now);
    const held = limiter.heldHere(policy, window, identifier);
    const untilFull = msUntilStanding(row, window.shape, window.shape.capacity, now);
    const outstanding = row.outstandingUntil > now ? row.outstanding : 0;
    const { lease } = largestExcess(policy, window, { spanMs: 0, instances: 0, skewMs: 0 });
    return {
      window: window.window,
      total_limit: window.quota,
      tokens_remaining: Math.min(window.quota, Math.max(0, units(level + held))),
      reset_time: untilFull > 0 ? new Date(now + untilFull).toISOString() : null,
      held_here: units(held),
      held_elsewhere_at_most: policy.leased ? units(Math.max(0, outstanding - held)) : 0,
      blocked_until: row.blockedUntil > now ? new Date(row.blockedUntil).toISOString() : null,
      bound: {
        lease: Math.round(lease * 1_000) / 1_000,
        local_per_instance: units(window.local?.capacity ?? 0),
      },
    };
  }

  async #fill(policy: Policy, window: Window, identifier: string): Promise<void> {
    const { store, clock } = this.#deps;
    const key = bucketKey(policy.name, window.window, identifier);
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const stored = await store.read(key);
      if (!stored) return;
      const now = clock.now();
      const row: StoredBucket = {
        ...freshRow(window, now),
        epoch: stored.epoch + 1,
        writer: 'reset',
        idleAt: now + 2 * window.shape.windowMs,
      };
      if (await store.write(key, row, stored.version)) return;
    }
    throw new AppError(
      'storage-unavailable',
      'The limit is in heavy use and could not be reset. Try again.',
      {
        retryAfter: 1,
      },
    );
  }
}

/** `quota` is null where it is not known which limit holds. */
function unreadable(quota: number | null, cause: unknown): never {
  const error = 'the store cannot be read';
  throw new AppError('storage-unavailable', 'The limit cannot be read right now. Try again shortly.', {
    cause,
    retryAfter: 5,
    details: { tokens_remaining: null, reset_time: null, total_limit: quota, error },
  });
}
