import { type Dialect, type Fault, rateLimited } from './fault.ts';
import type { RateDecision, RateLimits } from './rateWindow.ts';
import type { IsBusy } from './reply.ts';

/** `x-ratelimit-*` for the limits a deployment has. */
export function quotaHeaders(limits: RateLimits, decision: RateDecision): Record<string, string> {
  const { left } = decision;
  const rows: [string, number | undefined][] = [
    ['limit-requests', limits.requestsPerMinute],
    ['remaining-requests', left.requestsPerMinute],
    ['limit-tokens', limits.tokensPerMinute],
    ['remaining-tokens', left.tokensPerMinute],
  ];
  if (!decision.taken) rows.push([`reset-${decision.quota}`, Math.ceil(decision.waitMs / 1000)]);
  return Object.fromEntries(
    rows.flatMap(([name, value]) => (value === undefined ? [] : [[`x-ratelimit-${name}`, String(value)]])),
  );
}

/** When to come back, in the chosen way. In seconds, the milliseconds are told beside them, as Azure does. */
function retryHeaders({ retryAfterMs, as = 'seconds' }: IsBusy, now: number): Record<string, string> {
  const milliseconds = { 'retry-after-ms': String(Math.ceil(retryAfterMs)) };
  if (as === 'milliseconds') return milliseconds;
  if (as === 'date')
    return { 'retry-after': new Date(Math.ceil((now + retryAfterMs) / 1000) * 1000).toUTCString() };
  return { 'retry-after': String(Math.ceil(retryAfterMs / 1000)), ...milliseconds };
}

export function busyFault(
  dialect: Dialect,
  deployment: string,
  busy: IsBusy,
  now: number,
  headers: Record<string, string> = {},
): Fault {
  return rateLimited(dialect, deployment, busy.quota ?? 'requests', busy.retryAfterMs, {
    ...headers,
    ...retryHeaders(busy, now),
  });
}
