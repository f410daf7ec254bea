/** What perfect limiters would have admitted of requests that really arrived. Times are milliseconds, in order. */
import type { Limit } from './limitsContender.ts';

/** Of a token bucket that is full at the first arrival. */
export function bucketIdeal(arrivals: readonly number[], { quota, windowS }: Limit): number {
  const perMs = quota / (windowS * 1000);
  let [level, last, admitted] = [quota, arrivals[0] ?? 0, 0];
  for (const at of arrivals) {
    level = Math.min(quota, level + perMs * (at - last));
    last = at;
    if (level < 1) continue;
    level--;
    admitted++;
  }
  return admitted;
}

/** Of fixed windows, each begun by the first request after the last one's end. */
export function fixedWindowIdeal(arrivals: readonly number[], { quota, windowS }: Limit): number {
  let [end, left, admitted] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (const at of arrivals) {
    if (at >= end) [end, left] = [at + windowS * 1000, quota];
    if (left === 0) continue;
    left--;
    admitted++;
  }
  return admitted;
}

/** Capacity of the smallest token bucket of the limit's rate that would have admitted all of these. */
export function effectiveBurst(admissions: readonly number[], { quota, windowS }: Limit): number {
  const perMs = quota / (windowS * 1000);
  let [used, last, worst] = [0, admissions[0] ?? 0, 0];
  for (const at of admissions) {
    used = Math.max(0, used - perMs * (at - last)) + 1;
    last = at;
    worst = Math.max(worst, used);
  }
  return worst;
}
