import { AppError } from '../errors.ts';
import { periodEnd } from './bucket.ts';
import type { Decision, LimitState, Violation } from './decision.ts';

/** `Retry-After` of what has no better: contention and stores come back within this. Seconds. */
const leastRetryAfter = 1;

/** `Retry-After` where model calls under way may give back part of a budget. Seconds. */
const underWayRetryAfter = 10;

const seconds = (ms: number) => Math.max(leastRetryAfter, Math.ceil(ms / 1000));

/**
 * `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers for the limits that were checked. Only
 * requests are a registered unit; the others say theirs in a parameter of our own.
 */
export function limitHeaders(limits: readonly LimitState[]): Record<string, string> {
  if (limits.length === 0) return {};
  const unit = ({ unit: name }: LimitState) => (name === 'requests' ? '' : `;gatehouse-unit="${name}"`);
  return {
    'ratelimit-policy': limits
      .map((limit) => `"${limit.name}";q=${limit.quota};w=${limit.windowSeconds}${unit(limit)}`)
      .join(', '),
    ratelimit: limits
      .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  };
}

/**
 * What a decision other than `allowed` is over HTTP: 429 for a rate, which passes; 403 for a budget, which does not until
 * its period ends, unless what it lacks is only reserved; 413 where the request can never fit; 503 where the limit could not be checked.
 */
export function toLimitError(decision: Exclude<Decision, { kind: 'allowed' }>, now: Date): AppError {
  if (decision.kind === 'unavailable') {
    return new AppError(
      'temporary-reduced-capacity',
      'Limits cannot be checked right now, and what may pass unchecked is used up. Try again shortly.',
      {
        retryAfter: seconds(decision.retryAfterMs),
        details: { degraded: true, 'violated-policies': decision.policies },
      },
    );
  }
  const { violations } = decision;
  const never = violations.find(({ retryAfterMs }) => !Number.isFinite(retryAfterMs));
  if (never) return larger(never);
  const budgets = violations.filter(({ policy }) => policy.unit === 'microdollars');
  const empty = budgets.find(({ mayPass }) => !mayPass);
  if (empty) return spent(empty, now);
  return budgets[0] ? reserved(budgets[0]) : exceeded(violations, decision.limits());
}

function larger({ policy, window }: Violation): AppError {
  const reserved = policy.unit === 'requests' ? '' : 'lower GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS, ';
  return new AppError(
    'larger-than-limit',
    `One request is larger than all that "${window.name}" allows (${window.quota} ${policy.unit} per ${window.window}). Send less, ${reserved}or have the limit raised.`,
    { details: { 'violated-policies': [window.name] } },
  );
}

function spent({ window }: Violation, now: Date): AppError {
  const { calendar } = window.shape;
  const resetsAt = calendar ? new Date(periodEnd(calendar, now.getTime())).toISOString() : undefined;
  return new AppError(
    'budget-spent',
    `The budget "${window.name}" does not cover what this request may cost at worst. Do not repeat it; lower GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS or send less, have the budget raised${resetsAt ? ', or wait for the next period' : ''}.`,
    { details: { 'violated-policies': [window.name], ...(resetsAt ? { resetsAt } : {}) } },
  );
}

function reserved({ window }: Violation): AppError {
  return new AppError(
    'quota-exceeded',
    `What is left of the budget "${window.name}" is reserved by calls under way, which may give part of it back. Try again in ${underWayRetryAfter} s.`,
    { retryAfter: underWayRetryAfter, details: { 'violated-policies': [window.name] } },
  );
}

function exceeded(violations: readonly Violation[], limits: readonly LimitState[]): AppError {
  const retryAfter = seconds(Math.max(...violations.map(({ retryAfterMs }) => retryAfterMs)));
  const names = violations.map(({ window }) => window.name);
  return new AppError(
    'quota-exceeded',
    `The limit ${names.map((name) => `"${name}"`).join(', ')} is reached. Try again in ${retryAfter} s.`,
    {
      retryAfter,
      details: { 'violated-policies': names },
      headers: limitHeaders(limits.filter(({ name }) => names.includes(name))),
    },
  );
}
