import { describe, expect, it } from 'vitest';
import { limitHeaders, toLimitError } from '../../../shared/limits/answer.ts';
import type { Decision, LimitState, Violation } from '../../../shared/limits/decision.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { builtInLimits } from '../../../shared/limits/settings.ts';
import { readSettings } from '../../../shared/settings.ts';

const now = new Date('2026-11-21T10:00:00Z');
const requests: LimitState = {
  name: 'p-1m',
  unit: 'requests',
  quota: 60,
  windowSeconds: 60,
  remaining: 12,
  resetSeconds: 7,
};

function violation(input: Partial<PolicyInput>, retryAfterMs: number, mayPass = false): Violation {
  const policy = policySchema.parse({
    name: 'p',
    operations: ['audit'],
    scope: 'caller',
    limits: [{ quota: 60, window: '1m' }],
    ...input,
  });
  const [window] = policy.windows;
  if (!window) throw new Error('no window');
  return { policy, window, retryAfterMs, mayPass };
}
const refused = (...violations: Violation[]): Exclude<Decision, { kind: 'allowed' }> => ({
  kind: 'refused',
  violations,
  limits: () => [
    { ...requests, name: 'p' },
    { ...requests, name: 'other' },
  ],
});

describe('limitHeaders', () => {
  it('are lists of structured fields, as the draft has them', () => {
    expect(
      limitHeaders([requests, { ...requests, name: 'q', unit: 'tokens', windowSeconds: 86_400 }]),
    ).toEqual({
      'ratelimit-policy': '"p-1m";q=60;w=60, "q";q=60;w=86400;gatehouse-unit="tokens"',
      ratelimit: '"p-1m";r=12;t=7, "q";r=12;t=7',
    });
  });

  it('are left out where nothing is limited', () => {
    expect(limitHeaders([])).toEqual({});
  });
});

describe('toLimitError', () => {
  it('a rate is a 429 that says when to come back and which limit it was', () => {
    const error = toLimitError(refused(violation({}, 1_400), violation({ name: 'q' }, 200)), now);
    expect(error).toMatchObject({
      code: 'quota-exceeded',
      status: 429,
      retryAfter: 2,
      details: { 'violated-policies': ['p', 'q'] },
      headers: { ratelimit: '"p";r=12;t=7' },
    });
  });

  it('a budget is a 403 that is not to be repeated, and says when its period ends', () => {
    const budget = { unit: 'microdollars' as const, limits: [{ quota: 5, window: 'month' }] };
    const error = toLimitError(refused(violation({}, 1_000), violation({ name: 'b', ...budget }, 9e8)), now);
    expect(error).toMatchObject({ code: 'budget-spent', status: 403, retryAfter: undefined });
    expect(error.details).toEqual({ 'violated-policies': ['b'], resetsAt: '2026-12-01T00:00:00.000Z' });
    const rolling = { unit: 'microdollars' as const, limits: [{ quota: 5, window: '30d' }] };
    expect(toLimitError(refused(violation(rolling, 9e8)), now).details).not.toHaveProperty('resetsAt');
  });

  it('a budget that is only reserved is a 429, and one that is spent beside it still a 403', () => {
    const budget = (name: string, mayPass: boolean) =>
      violation({ name, unit: 'microdollars', limits: [{ quota: 5, window: 'month' }] }, 9e8, mayPass);
    const error = toLimitError(refused(budget('b', true)), now);
    expect(error).toMatchObject({ code: 'quota-exceeded', status: 429, retryAfter: 10 });
    expect(error.message).toContain('"b" is reserved by calls under way');
    const both = toLimitError(refused(budget('b', true), budget('c', false)), now);
    expect(both).toMatchObject({ code: 'budget-spent', details: { 'violated-policies': ['c'] } });
  });

  it('what can never fit is told apart from what can later', () => {
    const error = toLimitError(refused(violation({}, Number.POSITIVE_INFINITY)), now);
    expect(error).toMatchObject({ code: 'larger-than-limit', status: 413, retryAfter: undefined });
  });

  it('what could not be checked is a failure, never a refusal', () => {
    const error = toLimitError({ kind: 'unavailable', retryAfterMs: 2_000, policies: ['p'] }, now);
    expect(error).toMatchObject({
      code: 'temporary-reduced-capacity',
      status: 503,
      retryAfter: 2,
      details: { degraded: true, 'violated-policies': ['p'] },
    });
  });
});

describe('GATEHOUSE_LIMITS', () => {
  const read = (value: unknown, mode = 'enforce') =>
    readSettings({
      GATEHOUSE_LIMITS: typeof value === 'string' ? value : JSON.stringify(value),
      GATEHOUSE_LIMITS_MODE: mode,
    }).limits;
  const policiesOf = (value: unknown, mode?: string) => {
    const section = read(value, mode);
    if (!section.ok) throw new Error(JSON.stringify(section.problems));
    return new Map(section.value.policies.map((policy) => [policy.name, policy]));
  };

  it('is laid over the built-in policies by name', () => {
    const policies = policiesOf([
      { name: 'audit-caller', limits: [{ quota: 7, window: '1s' }] },
      { name: 'mine', operations: ['tool-calls'], scope: 'global', limits: [{ quota: 1, window: '1m' }] },
    ]);
    expect(policies.get('audit-caller')).toMatchObject({
      scope: 'caller',
      windows: [{ quota: 7, window: '1s' }],
    });
    expect(policies.get('mine')).toMatchObject({ mode: 'enforce', strict: false });
    expect(policies.size).toBe(builtInLimits().policies.length + 1);
  });

  it('protects both endpoints where nothing is set', () => {
    const operations = new Set(builtInLimits().policies.flatMap((policy) => policy.operations));
    expect([...operations].sort()).toEqual(
      ['assistant-request', 'audit', 'failed-credential', 'model-call', 'tool-calls'].sort(),
    );
  });

  it('has one switch for all, which never switches on what is off', () => {
    const given = [{ name: 'audit-caller', mode: 'off' }];
    expect([...policiesOf(given, 'shadow').values()].map(({ mode }) => mode).sort()).toEqual(
      ['off', ...Array.from({ length: builtInLimits().policies.length - 1 }, () => 'shadow')].sort(),
    );
    expect(new Set([...policiesOf([], 'off').values()].map(({ mode }) => mode))).toEqual(new Set(['off']));
  });

  it.each([
    ['no JSON', 'must be a JSON array of policies such as'],
    [{ name: 'x' }, 'must be a JSON array of policies such as'],
    [[{ name: 'x' }], 'policy "x": operations'],
    [
      [{ name: 'audit-caller', limits: [{ quota: 0, window: '1m' }] }],
      'policy "audit-caller": limits.0.quota must be at least 1',
    ],
    [
      [{ name: 'audit-caller', limits: [{ quota: 1, window: '0s' }] }],
      'policy "audit-caller": limits.0.window must be a time from 1s to 31d',
    ],
    [[{ name: 'audit-caller', colour: 'red' }], 'Unrecognized key'],
    [
      [{ name: 'audit-caller', unit: 'microdollars' }],
      'policy "audit-caller": audit uses no microdollars: only model-call does',
    ],
    [
      [{ name: 'audit-caller', scope: 'tenant' }],
      'scope of audit must be one of caller, source-address, global',
    ],
    [[{ name: 'sk-Secret!', limits: [] }], 'policy 1: '],
  ])('%j is refused with what to do', (value, message) => {
    const section = read(value);
    expect(section.ok).toBe(false);
    expect(
      section.ok ? [] : section.problems.map(({ setting, problem }) => `${setting} ${problem}`),
    ).toContainEqual(expect.stringContaining(message));
  });
});
