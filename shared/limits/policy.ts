import { z } from 'zod';
import type { BucketShape } from './bucket.ts';
import { calendarOf, type Limit, limitsSchema, quotaSchema, windowMsOf } from './limit.ts';

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

/** The largest quota of a unit. */
export const mostOf = (unit: Unit) => mostMicro / microPer[unit];

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
  limits: limitsSchema(quotaSchema),
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

/** A policy without its limits. */
type Rules = Omit<z.infer<typeof shape>, 'limits'>;

export type Policy = Rules & {
  /** True where tokens are reserved ahead in batches; budgets and model tokens are reserved exactly. */
  leased: boolean;
  windows: readonly Window[];
};

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
      if (quota > mostOf(policy.unit))
        wrong(['limits', i, 'quota'], `must be at most ${mostOf(policy.unit)}`);
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
  })
  .transform(({ limits, ...rules }): Policy => withLimits(rules, limits));

/** A policy as written, for instance in the setting GATEHOUSE_LIMITS. */
export type PolicyInput = z.input<typeof policySchema>;

/** A policy of these rules with these limits. */
export function withLimits(rules: Rules, limits: readonly Limit[]): Policy {
  const leased = rules.unit === 'requests' && limits.every(({ window }) => !calendarOf(window));
  const isOnly = limits.length === 1;
  return {
    ...rules,
    leased,
    windows: limits.map((limit) =>
      windowOf(rules, limit, isOnly ? rules.name : `${rules.name}-${limit.window}`),
    ),
  };
}

/**
 * A window by the rules of its policy. A strict one never carries over more than half, nor leaves less than one: limits a
 * tenant has of its own know nothing of the rules they come under.
 */
function windowOf(rules: Rules, { quota, window }: Limit, name: string): Window {
  const { strict, localShare = defaultLocalShare, leaseLifeMs } = rules;
  const [windowMs, calendar, micro] = [windowMsOf(window), calendarOf(window), microPer[rules.unit]];
  const isCut = strict && !calendar;
  const given = leaseLifeMs ?? defaultLeaseLife(windowMs);
  const life = isCut ? Math.min(given, windowMs / 2) : given;
  const refill = quota * micro;
  const carried = isCut ? Math.ceil((refill * life) / windowMs) : 0;
  const alone = strict ? 0 : Math.ceil(quota * localShare) * micro;
  return {
    name,
    window,
    quota,
    shape: { capacity: Math.max(micro, refill - carried), refill, windowMs, calendar },
    leaseLifeMs: life,
    local: alone > 0 ? { capacity: alone, refill: alone, windowMs, calendar } : undefined,
  };
}
