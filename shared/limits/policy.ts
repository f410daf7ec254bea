import { z } from 'zod';
import type { BucketShape } from './bucket.ts';

/** What is limited: the operation a check is made for. */
export const operations = [
  'audit',
  'model-call',
  'assistant-request',
  'tool-calls',
  'failed-credential',
] as const;
export type Operation = (typeof operations)[number];

/** Whose bucket is used. `caller` is the digest of a function key, `phone-number` the calling party. */
export const scopes = ['caller', 'tenant', 'phone-number', 'source-address', 'deployment', 'global'] as const;
export type Scope = (typeof scopes)[number];

/** What is counted, and how many micro-tokens one of it is. A micro-dollar is the micro-token of a dollar. */
export const microPer = { requests: 1_000_000, tokens: 1_000_000, microdollars: 1 } as const;
export type Unit = keyof typeof microPer;

const units = Object.keys(microPer) as [Unit, ...Unit[]];
/** Keeps every sum of micro-tokens an exact integer. */
const mostMicro = 4_000_000_000_000_000;
const second = 1_000;
const unitMs: Readonly<Record<string, number>> = {
  s: second,
  m: 60 * second,
  h: 3_600 * second,
  d: 86_400 * second,
};
const longestWindowMs = 31 * 86_400 * second;

/** `90s`, `1m`, `12h`, `30d` as milliseconds; `day` and `month` are the calendar's, UTC. */
function windowMsOf(text: string): number {
  if (text === 'day') return 86_400 * second;
  if (text === 'month') return longestWindowMs;
  const [, amount = '', unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  return Number(amount) * (unitMs[unit] ?? Number.NaN);
}

const windowSchema = z.string().refine((text) => {
  const ms = windowMsOf(text);
  return ms >= second && ms <= longestWindowMs;
}, 'must be a time from 1s to 31d, such as 60s, 1m, 12h or 30d; or day or month for a calendar period (UTC)');

const limitSchema = z.strictObject({
  /** How many of the unit fit in one window. */
  quota: z.int('must be a whole number').min(1, 'must be at least 1'),
  window: windowSchema,
});

/** Part of a quota that one instance may admit by itself where the policy does not say. */
const defaultLocalShare = 0.05;

const oneOf = (words: readonly string[]) => `must be one of ${words.join(', ')}`;

const shape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,49}$/, 'must be 1 to 50 of a-z, 0-9 and -, beginning with a letter'),
  operations: z
    .array(z.enum(operations, oneOf(operations)), 'must be a list of operations')
    .min(1, 'must name at least one operation'),
  scope: z.enum(scopes, oneOf(scopes)),
  unit: z.enum(units, oneOf(units)).default('requests'),
  /** Several windows hold at once: 30 a minute and 500 a day. */
  limits: z
    .array(limitSchema, 'must be a list of limits')
    .min(1, 'must hold at least one limit')
    .max(4, 'must hold at most four limits'),
  /** `shadow` counts and reports but refuses nothing; `off` is the kill switch. */
  mode: z.enum(['enforce', 'shadow', 'off'], 'must be enforce, shadow or off').default('enforce'),
  /** Promises never more than the quota in any burst, whatever instances hold: capacity shrinks by what a lease can carry over. */
  strict: z.boolean().default(false),
  /** Part of each quota one instance may admit by itself: to cold identifiers that must not wait, and while the store is gone. */
  localShare: z.number().min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1').optional(),
  /** How long reserved tokens may be spent from memory. */
  leaseLifeMs: z.int().min(50).max(10_000).optional(),
  /** Used parts of a budget at which a warning is given. */
  warnAt: z.array(z.number().gt(0).lt(1)).max(5).default([0.8]),
});

/** One limit of a policy, ready to use. */
export interface Window {
  /** The policy's name, with the window where the policy has several: `audit-caller-1m`. */
  name: string;
  /** As written: `1m`, `day`. */
  window: string;
  quota: number;
  shape: BucketShape;
  leaseLifeMs: number;
  /** What one instance may admit by itself; undefined where nothing. */
  local: BucketShape | undefined;
}

export type Policy = Omit<z.infer<typeof shape>, 'limits' | 'localShare' | 'leaseLifeMs'> & {
  /** True where tokens are reserved ahead in batches; budgets and model tokens are reserved exactly. */
  leased: boolean;
  windows: readonly Window[];
};

const calendarOf = (window: string): 'day' | 'month' | undefined =>
  window === 'day' || window === 'month' ? window : undefined;

/** A tenth of the window, at least 200 ms and at most 2 s: a lease carries over at most that much refill. */
const defaultLeaseLife = (windowMs: number) => Math.min(2_000, Math.max(200, Math.floor(windowMs / 10)));

/** @throws nothing: faults are issues of the schema. */
export const policySchema = shape
  .superRefine((policy, context) => {
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (policy.strict && policy.localShare)
      wrong(
        ['localShare'],
        'must be 0 or absent where strict is true: what an instance admits alone is not exact',
      );
    for (const [i, { quota, window }] of policy.limits.entries()) {
      const ms = windowMsOf(window);
      if (quota * microPer[policy.unit] > mostMicro)
        wrong(['limits', i, 'quota'], `must be at most ${mostMicro / microPer[policy.unit]}`);
      const life = policy.leaseLifeMs ?? defaultLeaseLife(ms);
      if (policy.strict && !calendarOf(window) && (quota * life) / ms > quota / 2)
        wrong(
          ['limits', i, 'window'],
          'is too short for strict: a lease would carry over more than half the quota',
        );
      else if (policy.strict && !calendarOf(window) && quota < 2)
        wrong(
          ['limits', i, 'quota'],
          'must be at least 2 where strict is true: a lease can carry over part of one',
        );
    }
    const windows = policy.limits.map(({ window }) => window);
    if (new Set(windows).size < windows.length) wrong(['limits'], 'must name each window once');
  })
  .transform(({ limits, localShare, leaseLifeMs, ...policy }): Policy => {
    const leased = policy.unit === 'requests' && limits.every(({ window }) => !calendarOf(window));
    const localPart = policy.strict ? 0 : (localShare ?? defaultLocalShare);
    return {
      ...policy,
      leased,
      windows: limits.map(({ quota, window }): Window => {
        const [windowMs, calendar, micro] = [windowMsOf(window), calendarOf(window), microPer[policy.unit]];
        const life = leaseLifeMs ?? defaultLeaseLife(windowMs);
        const refill = quota * micro;
        const carried = policy.strict && !calendar ? Math.ceil((refill * life) / windowMs) : 0;
        const alone = Math.ceil(quota * localPart) * micro;
        return {
          name: limits.length > 1 ? `${policy.name}-${window}` : policy.name,
          window,
          quota,
          shape: { capacity: refill - carried, refill, windowMs, calendar },
          leaseLifeMs: life,
          local: alone > 0 ? { capacity: alone, refill: alone, windowMs, calendar } : undefined,
        };
      }),
    };
  });

/** A policy as written, for instance in the setting GATEHOUSE_LIMITS. */
export type PolicyInput = z.input<typeof policySchema>;
