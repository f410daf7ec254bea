import type { Policy, Unit, Window } from './policy.ts';

/** A limit as a caller is told it, in whole units and seconds. */
export interface LimitState {
  name: string;
  unit: Unit;
  quota: number;
  windowSeconds: number;
  remaining: number;
  /** Seconds until the whole quota is there again. */
  resetSeconds: number;
}

/** One limit that refused. */
export interface Violation {
  policy: Policy;
  window: Window;
  /** Milliseconds until the same request could pass; `Infinity` where it never can. */
  retryAfterMs: number;
  /** True where operations under way may yet give back what is lacking. */
  mayPass: boolean;
}

/** Admitted. Where something else than what was asked for is used, one of the two is called; further calls do nothing. */
export interface Permit {
  /** True where at least one limit could not be asked and a local share was used. */
  degraded: boolean;
  /** What was reserved turned out to be this much, by unit. */
  settle(used: Partial<Record<Unit, number>>): Promise<void>;
  /** Nothing of it was used. */
  release(): void;
}

/** Refusals are never failures, and failures never refusals. */
export type Decision =
  /** `shadowed`: limits that would have refused, were they enforced. */
  | { kind: 'allowed'; permit: Permit; shadowed: readonly string[]; limits(): LimitState[] }
  | { kind: 'refused'; violations: readonly Violation[]; limits(): LimitState[] }
  /** The store cannot be reached and the local share is used up. */
  | { kind: 'unavailable'; retryAfterMs: number; policies: readonly string[] };
