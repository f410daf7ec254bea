import { describe, expect, it } from 'vitest';
import { defaultPolicies } from '../../../shared/limits/defaults.ts';
import { mayHaveOwn, ownLimitsSchema, withOwnLimits } from '../../../shared/limits/ownLimits.ts';
import { type Policy, type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';

function builtIn(name: string, change: Partial<PolicyInput> = {}): Policy {
  const found = defaultPolicies.find((policy) => policy.name === name);
  return policySchema.parse({ ...found, ...change });
}

const own = {
  calls: [
    { quota: 60, window: '1m' },
    { quota: 1_000, window: 'day' },
  ],
};

describe('limits of its own', () => {
  it('take the place of the windows, and all else stays as the policy says', () => {
    const policy = builtIn('calls-tenant', { mode: 'shadow', localShare: 0.5, leaseLifeMs: 700 });
    const [minute, day] = withOwnLimits(policy, own).windows;
    expect(withOwnLimits(policy, own)).toMatchObject({ name: 'calls-tenant', mode: 'shadow', leased: false });
    expect(minute).toEqual({
      name: 'calls-tenant-1m',
      window: '1m',
      quota: 60,
      shape: { capacity: 60e6, refill: 60e6, windowMs: 60_000, calendar: undefined },
      leaseLifeMs: 700,
      local: { capacity: 30e6, refill: 30e6, windowMs: 60_000, calendar: undefined },
    });
    expect(day).toMatchObject({ name: 'calls-tenant-day', quota: 1_000, shape: { calendar: 'day' } });
  });

  it('are what the operator could have written as the policy itself', () => {
    const limits = [
      { quota: 7, window: '90s' },
      { quota: 500, window: '12h' },
    ];
    for (const rest of [{}, { strict: true, localShare: 0 }, { localShare: 0.2, leaseLifeMs: 5_000 }])
      expect(withOwnLimits(builtIn('tools-tenant', rest), { toolCalls: limits })).toEqual(
        builtIn('tools-tenant', { ...rest, limits }),
      );
  });

  it('leave a policy alone that they do not name', () => {
    const tools = builtIn('tools-tenant');
    expect(withOwnLimits(tools, own)).toBe(tools);
    expect(withOwnLimits(tools, {})).toBe(tools);
    for (const { name } of defaultPolicies) {
      const policy = builtIn(name);
      expect(mayHaveOwn(policy)).toBe(name === 'calls-tenant' || name === 'tools-tenant');
    }
  });

  it.each<[string, Partial<PolicyInput>]>([
    ['for each number', { scope: 'phone-number' }],
    ['for everybody', { scope: 'global' }],
    ['of model calls too', { operations: ['assistant-request', 'model-call'] }],
    ['of tokens', { operations: ['model-call'], unit: 'tokens' }],
  ])('leave a policy alone that the operator has made one %s', (_, change) => {
    const policy = builtIn('calls-tenant', change);
    expect(withOwnLimits(policy, own)).toBe(policy);
  });

  it('under a strict policy never carry over more than half, nor leave less than one', () => {
    const strict = builtIn('calls-tenant', { strict: true, leaseLifeMs: 10_000 });
    const windowsOf = (quota: number, window: string) =>
      withOwnLimits(strict, { calls: [{ quota, window }] }).windows;
    expect(windowsOf(10, '1s')).toMatchObject([{ leaseLifeMs: 500, shape: { capacity: 5e6, refill: 10e6 } }]);
    expect(windowsOf(1, '1h')).toMatchObject([{ leaseLifeMs: 10_000, shape: { capacity: 1e6 } }]);
    expect(windowsOf(5, 'day')).toMatchObject([{ local: undefined, shape: { capacity: 5e6 } }]);
  });

  it.each<[object, string]>([
    [{ calls: [{ quota: 0, window: '1m' }] }, 'calls.0.quota: must be at least 1'],
    [{ calls: [{ quota: 0.5, window: '1m' }] }, 'calls.0.quota: must be a whole number'],
    [
      { toolCalls: [{ quota: 4_000_000_001, window: '1m' }] },
      'toolCalls.0.quota: must be at most 4000000000',
    ],
    [{ toolCalls: [{ quota: 5, window: '0s' }] }, 'toolCalls.0.window: must be a time from 1s to 31d'],
    [{ toolCalls: [{ quota: 5, window: 'week' }] }, 'toolCalls.0.window: must be a time from 1s to 31d'],
    [{ toolCalls: [{ quota: 5 }] }, 'toolCalls.0.window: must be a time from 1s to 31d'],
    [{ calls: [] }, 'calls: must hold at least one limit'],
    [{ calls: { quota: 5, window: '1m' } }, 'calls: must be a list of limits'],
    [{ calls: [own.calls[0], own.calls[0]] }, 'calls: must name each window once'],
    [
      { calls: ['1s', '1m', '1h', '1d', 'day'].map((window) => ({ quota: 1, window })) },
      'calls: must hold at most four limits',
    ],
    [{ audits: [{ quota: 5, window: '1m' }] }, ': Unrecognized key: "audits"'],
    [{ calls: [{ quota: 5, window: '1m', mode: 'off' }] }, 'calls.0: Unrecognized key: "mode"'],
  ])('%j are refused once, naming the place', (given, fault) => {
    const { error } = ownLimitsSchema.safeParse(given);
    const faults = (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(faults).toEqual([expect.stringContaining(fault)]);
  });
});
