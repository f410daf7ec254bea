import { microPer, type PolicyInput } from '../../../shared/limits/policy.ts';

/** What a check let through. */
export interface Admission {
  /** Milliseconds of virtual time. */
  at: number;
  /** Units reserved for it. */
  units: number;
  /** Units that turned out not to be used, and when that was said. */
  back?: { at: number; units: number };
}

/** Units allowed in no time at all, and for each millisecond: a bucket as it is seen from outside. */
export interface Line {
  burst: number;
  perMs: number;
}

const lengths: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a window such as `5s`; not for calendar windows. */
export function lengthOf(window: string): number {
  return Number.parseInt(window, 10) * (lengths[window.at(-1) ?? ''] ?? Number.NaN);
}

export interface Alone {
  /** Instances that may have admitted by themselves. */
  instances: number;
  skewMs: number;
}

/**
 * What the design promises of a policy's only limit, worked out from what the operator wrote and nothing else: a bucket
 * of the quota, what a lease carries over (nothing where strict), what skew adds, and each instance's own share.
 */
export function promised(policy: PolicyInput, { instances, skewMs }: Alone): Line {
  const { quota, window } = policy.limits[0] ?? { quota: 0, window: '1s' };
  const windowMs = lengthOf(window);
  const leaseMs = policy.leaseLifeMs ?? Math.min(2_000, Math.max(200, Math.floor(windowMs / 10)));
  const perMs = quota / windowMs;
  const own = policy.strict ? 0 : Math.ceil(quota * (policy.localShare ?? 0.05));
  // Clocks tell whole milliseconds, and amounts whole micro-tokens.
  const slack = perMs * 2 + 2 / microPer[policy.unit ?? 'requests'];
  return {
    burst: quota + (policy.strict ? 0 : perMs * leaseMs) + perMs * skewMs + instances * own + slack,
    perMs: perMs + (instances * own) / windowMs,
  };
}

/** Largest number of units by which any span exceeds the line: a bucket that leaks at its rate. */
export function worstSpan(admissions: readonly Admission[], { burst, perMs }: Line): number {
  let [level, worst, last] = [0, Number.NEGATIVE_INFINITY, 0];
  for (const { at, units, back } of admissions) {
    level = Math.max(0, level - perMs * (at - last)) + units - (back?.units ?? 0);
    last = at;
    worst = Math.max(worst, level - burst);
  }
  return worst;
}

/**
 * The same for spans that begin with the first admission, where units count as used until they are said not to be. For
 * any other span the line holds only with what is given back in it from before.
 */
export function worstSinceStart(admissions: readonly Admission[], { burst, perMs }: Line): number {
  const [first] = admissions;
  if (!first) return Number.NEGATIVE_INFINITY;
  const steps = admissions
    .flatMap(({ at, units, back }) => [{ at, units }, ...(back ? [{ at: back.at, units: -back.units }] : [])])
    .sort((a, b) => a.at - b.at || a.units - b.units);
  let [net, worst] = [0, Number.NEGATIVE_INFINITY];
  for (const { at, units } of steps) {
    net += units;
    worst = Math.max(worst, net - burst - perMs * (at - first.at));
  }
  return worst;
}

export const unitsOf = (admissions: readonly Admission[]) =>
  admissions.reduce((sum, { units, back }) => sum + units - (back?.units ?? 0), 0);
