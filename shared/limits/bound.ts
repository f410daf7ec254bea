import { microPer, type Policy, type Window } from './policy.ts';

export interface BoundCase {
  /** Length of the span looked at, milliseconds. */
  spanMs: number;
  /** Instances that lived in the span and admitted by themselves: to cold identifiers, or with the store gone. */
  instances: number;
  /** Most that two instances' clocks disagree, milliseconds. */
  skewMs: number;
}

/** What a perfect bucket admits at most in the span, what Gatehouse may, and the parts of the difference; in units. */
export interface Bound {
  ideal: number;
  admitted: number;
  /** Reserved before the span and spent within their lease. */
  lease: number;
  /** Refilled twice because clocks disagree. */
  skew: number;
  /** Admitted by instances on their own. */
  local: number;
}

const shortestMonthMs = 28 * 86_400_000;

/**
 * The stated bound. Reservations are conditional writes and so form a true bucket of capacity B and rate r; a token is
 * spent within lease life l of its reservation or dropped. Hence at most B + r·T + r·l in any span T, r·s more where
 * clocks are s apart, and each instance's local share (capacity and refill) on top where it had to decide alone. Strict
 * policies have B = L − r·l and no local share, so that B + r·l is L. A calendar bucket admits its quota in each period
 * the span touches by any clock, and none is carried over. What is given back in the span may be admitted once more,
 * and an administrator's reset fills the bucket.
 */
export function largestExcess(
  policy: Policy,
  window: Window,
  { spanMs, instances, skewMs }: BoundCase,
): Bound {
  const { capacity, refill, windowMs, calendar } = window.shape;
  const unit = microPer[policy.unit];
  const perMs = refill / windowMs;
  const periods = Math.floor((spanMs + skewMs) / (calendar === 'month' ? shortestMonthMs : windowMs)) + 2;
  const ideal = calendar ? (periods * refill) / unit : (refill + perMs * spanMs) / unit;
  const base = calendar ? (periods * refill) / unit : (capacity + perMs * spanMs) / unit;
  const lease = calendar ? 0 : (perMs * window.leaseLifeMs) / unit;
  const skew = calendar ? 0 : (perMs * skewMs) / unit;
  const { local: own } = window;
  const localEach = own ? (own.capacity + (own.refill / own.windowMs) * spanMs) / unit : 0;
  const local = instances * localEach;
  return { ideal, admitted: base + lease + skew + local, lease, skew, local };
}
