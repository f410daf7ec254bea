import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicies } from '../../../shared/limits/defaults.ts';
import { microPer, operations, policySchema, scopes } from '../../../shared/limits/policy.ts';

const base = {
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  limits: [{ quota: 60, window: '1m' }],
};

function faults(input: unknown): string[] {
  const { error } = policySchema.safeParse(input);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const windowHelp =
  'must be a time from 1s to 31d, such as 60s, 1m, 12h or 30d; or day or month for a calendar period (UTC)';

describe('policySchema', () => {
  it.each<[string, object, string]>([
    ['an empty name', { name: '' }, 'name: must be 1 to 50 of a-z, 0-9 and -, beginning with a letter'],
    [
      'a name with a space',
      { name: 'a b' },
      'name: must be 1 to 50 of a-z, 0-9 and -, beginning with a letter',
    ],
    [
      'a long name',
      { name: 'a'.repeat(51) },
      'name: must be 1 to 50 of a-z, 0-9 and -, beginning with a letter',
    ],
    ['no operation', { operations: [] }, 'operations: must name at least one operation'],
    ['no limit', { limits: [] }, 'limits: must hold at least one limit'],
    [
      'five limits',
      { limits: ['1s', '1m', '1h', '1d', 'day'].map((window) => ({ quota: 1, window })) },
      'limits: must hold at most four limits',
    ],
    ['a quota of nothing', { limits: [{ quota: 0, window: '1m' }] }, 'limits.0.quota: must be at least 1'],
    ['half a unit', { limits: [{ quota: 1.5, window: '1m' }] }, 'limits.0.quota: must be a whole number'],
    [
      'a quota beyond exact sums',
      { limits: [{ quota: 4_000_000_001, window: '1m' }] },
      'limits.0.quota: must be at most 4000000000',
    ],
    ['a window of nothing', { limits: [{ quota: 1, window: '0s' }] }, `limits.0.window: ${windowHelp}`],
    ['a window too long', { limits: [{ quota: 1, window: '32d' }] }, `limits.0.window: ${windowHelp}`],
    ['a window without a unit', { limits: [{ quota: 1, window: '60' }] }, `limits.0.window: ${windowHelp}`],
    ['a window in weeks', { limits: [{ quota: 1, window: '1w' }] }, `limits.0.window: ${windowHelp}`],
    [
      'one window twice',
      {
        limits: [
          { quota: 1, window: '1m' },
          { quota: 2, window: '1m' },
        ],
      },
      'limits: must name each window once',
    ],
    ['a negative share', { localShare: -0.1 }, 'localShare: must be from 0 to 1'],
    ['a share above all', { localShare: 1.1 }, 'localShare: must be from 0 to 1'],
    [
      'a share where strict',
      { strict: true, localShare: 0.1 },
      'localShare: must be 0 or absent where strict is true: what an instance admits alone is not exact',
    ],
    [
      'a strict window shorter than two leases',
      { strict: true, leaseLifeMs: 600, limits: [{ quota: 60, window: '1s' }] },
      'limits.0.window: is too short for strict: a lease would carry over more than half the quota',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(faults({ ...base, ...change })).toEqual([message]);
  });

  it.each<[string, object, string]>([
    ['an unknown operation', { operations: ['sleep'] }, 'operations.0'],
    ['an unknown scope', { scope: 'planet' }, 'scope'],
    ['an unknown unit', { unit: 'bytes' }, 'unit'],
    ['an unknown mode', { mode: 'maybe' }, 'mode'],
    ['a lease too short', { leaseLifeMs: 49 }, 'leaseLifeMs'],
    ['a lease too long', { leaseLifeMs: 10_001 }, 'leaseLifeMs'],
    ['a warning at all of it', { warnAt: [1] }, 'warnAt.0'],
    ['a misspelt member', { quotas: 5 }, ''],
    ['a misspelt limit', { limits: [{ quota: 1, window: '1m', per: 's' }] }, 'limits.0'],
  ])('refuses %s, naming the place', (_, change, place) => {
    expect(faults({ ...base, ...change })).toEqual([expect.stringMatching(new RegExp(`^${place}: \\S`))]);
  });

  it('works out windows, leases and shares', () => {
    const policy = policySchema.parse({
      ...base,
      limits: [
        { quota: 30, window: '1m' },
        { quota: 500, window: '12h' },
      ],
    });
    expect(policy).toMatchObject({
      leased: true,
      mode: 'enforce',
      strict: false,
      unit: 'requests',
      warnAt: [0.8],
    });
    expect(policy.windows).toEqual([
      {
        name: 'p-1m',
        window: '1m',
        quota: 30,
        shape: { capacity: 30e6, refill: 30e6, windowMs: 60_000, calendar: undefined },
        leaseLifeMs: 2_000,
        local: { capacity: 2e6, refill: 2e6, windowMs: 60_000, calendar: undefined },
      },
      {
        name: 'p-12h',
        window: '12h',
        quota: 500,
        shape: { capacity: 500e6, refill: 500e6, windowMs: 43_200_000, calendar: undefined },
        leaseLifeMs: 2_000,
        local: { capacity: 25e6, refill: 25e6, windowMs: 43_200_000, calendar: undefined },
      },
    ]);
    expect(policySchema.parse(base).windows[0]?.name).toBe('p');
  });

  it.each([
    ['1s', 200],
    ['3s', 300],
    ['1m', 2_000],
    ['day', 2_000],
  ])('leases for a tenth of a window of %s, from 200 ms to 2 s: %d ms', (window, leaseLifeMs) => {
    expect(policySchema.parse({ ...base, limits: [{ quota: 1, window }] }).windows[0]?.leaseLifeMs).toBe(
      leaseLifeMs,
    );
  });

  it('reserves tokens, money and calendar budgets exactly', () => {
    const leased = (change: object) => policySchema.parse({ ...base, ...change }).leased;
    expect(leased({ unit: 'tokens' })).toBe(false);
    expect(leased({ unit: 'microdollars' })).toBe(false);
    expect(leased({ limits: [{ quota: 5, window: 'day' }] })).toBe(false);
    expect(leased({})).toBe(true);
    const [money] = policySchema.parse({
      ...base,
      unit: 'microdollars',
      limits: [{ quota: 5, window: 'month' }],
    }).windows;
    expect(money?.shape).toEqual({ capacity: 5, refill: 5, windowMs: 31 * 86_400_000, calendar: 'month' });
  });

  it('has no share where strict or told so, and less capacity by what a lease carries over', () => {
    const strict = policySchema.parse({ ...base, strict: true }).windows[0];
    expect(strict).toMatchObject({ local: undefined, shape: { capacity: 58e6, refill: 60e6 } });
    expect(policySchema.parse({ ...base, localShare: 0 }).windows[0]?.local).toBeUndefined();
    expect(policySchema.parse({ ...base, localShare: 1 }).windows[0]?.local?.capacity).toBe(60e6);
  });

  it('gives whole, exact numbers for whatever it accepts', () => {
    const inputs = fc.record({
      name: fc.constant('p'),
      operations: fc.subarray([...operations], { minLength: 1 }),
      scope: fc.constantFrom(...scopes),
      unit: fc.constantFrom('requests', 'tokens', 'microdollars'),
      strict: fc.boolean(),
      limits: fc.uniqueArray(
        fc.record({
          quota: fc.integer({ min: 1, max: 5_000_000_000 }),
          window: fc.constantFrom('1s', '7s', '3m', '31d', 'day', 'month'),
        }),
        { minLength: 1, maxLength: 4, selector: ({ window }) => window },
      ),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const { data } = policySchema.safeParse(input);
        for (const { shape, local, quota } of data?.windows ?? []) {
          for (const value of [shape.capacity, shape.refill, local?.capacity ?? 0, local?.refill ?? 0])
            expect(Number.isSafeInteger(value)).toBe(true);
          expect(shape.refill).toBe(quota * microPer[data?.unit ?? 'requests']);
          expect(shape.capacity).toBeLessThanOrEqual(shape.refill);
          expect(shape.capacity).toBeGreaterThanOrEqual(shape.refill / 2 - 1);
        }
      }),
    );
  });
});

describe('the built-in policies', () => {
  it('are valid and have names of their own', () => {
    expect(defaultPolicies.flatMap(faults)).toEqual([]);
    expect(new Set(defaultPolicies.map(({ name }) => name)).size).toBe(defaultPolicies.length);
  });

  it('protect every operation', () => {
    const named = new Set(defaultPolicies.flatMap((policy) => policy.operations));
    expect([...named].sort()).toEqual([...operations].sort());
  });
});
