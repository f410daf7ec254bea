import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestExcess } from '../../../shared/limits/bound.ts';
import { periodStart } from '../../../shared/limits/bucket.ts';
import { type Policy, type PolicyInput, policySchema, type Window } from '../../../shared/limits/policy.ts';
import { promised } from '../../support/limits/timeline.ts';

const day = 86_400_000;

function parsed(input: Partial<PolicyInput>): [Policy, Window] {
  const policy = policySchema.parse({ name: 'p', operations: ['audit'], scope: 'caller', ...input });
  const [window] = policy.windows;
  if (!window) throw new Error('no window');
  return [policy, window];
}

describe('largestExcess', () => {
  it('is what the design promises of any even limit', () => {
    const inputs = fc.record({
      quota: fc.integer({ min: 1, max: 100_000 }),
      window: fc.constantFrom('1s', '7s', '1m', '90m', '1d', '31d'),
      unit: fc.constantFrom('requests' as const, 'tokens' as const),
      localShare: fc.constantFrom(0, 0.05, 0.3, 1),
      leaseLifeMs: fc.option(fc.integer({ min: 50, max: 10_000 }), { nil: undefined }),
    });
    const cases = fc.record({
      spanMs: fc.nat(2 * day),
      instances: fc.nat(20),
      skewMs: fc.nat(5_000),
    });
    fc.assert(
      fc.property(inputs, cases, ({ quota, window: text, ...rest }, bound) => {
        const input = { name: 'p', operations: ['audit' as const], scope: 'caller' as const, ...rest };
        const limits = [{ quota, window: text }];
        const [policy, window] = parsed({ ...input, limits });
        const line = promised({ ...input, limits }, bound);
        const expected = line.burst + line.perMs * bound.spanMs;
        const { admitted, ideal, lease, skew, local } = largestExcess(policy, window, bound);
        // The promise allows for whole milliseconds and micro-tokens on top.
        expect(expected - admitted).toBeGreaterThan(0);
        expect(expected - admitted).toBeLessThan((2 * quota) / window.shape.windowMs + 1e-3);
        expect(admitted).toBeCloseTo(ideal + lease + skew + local, 3);
      }),
    );
  });

  it('is the quota and not one more for a strict limit, whatever instances hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100_000 }),
        fc.integer({ min: 50, max: 500 }),
        (quota, leaseLifeMs) => {
          const [policy, window] = parsed({ strict: true, leaseLifeMs, limits: [{ quota, window: '1s' }] });
          const { admitted } = largestExcess(policy, window, { spanMs: 0, instances: 50, skewMs: 0 });
          expect(admitted).toBeLessThanOrEqual(quota);
          expect(admitted).toBeGreaterThan(quota - 1e-5);
        },
      ),
    );
  });

  it('counts every period a span can touch, by a clock that is ahead or behind as well', () => {
    const spans = fc.record({
      calendar: fc.constantFrom('day' as const, 'month' as const),
      from: fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) }),
      spanMs: fc.nat(100 * day),
      skewMs: fc.nat(5_000),
    });
    fc.assert(
      fc.property(spans, ({ calendar, from, spanMs, skewMs }) => {
        const [policy, window] = parsed({
          unit: 'microdollars',
          localShare: 0,
          limits: [{ quota: 7, window: calendar }],
        });
        const periods = new Set<number>();
        for (let at = from; at <= from + spanMs + skewMs; at += day / 2)
          periods.add(periodStart(calendar, at));
        periods.add(periodStart(calendar, from + spanMs + skewMs));
        const { admitted } = largestExcess(policy, window, { spanMs, instances: 3, skewMs });
        expect(admitted).toBeGreaterThanOrEqual(7 * periods.size);
      }),
    );
    const [policy, window] = parsed({
      unit: 'microdollars',
      localShare: 0,
      limits: [{ quota: 7, window: 'month' }],
    });
    const february = { spanMs: 28 * day + 2, instances: 0, skewMs: 0 };
    expect(largestExcess(policy, window, february).admitted).toBe(21);
    expect(largestExcess(policy, window, { ...february, spanMs: 28 * day - 1 }).admitted).toBe(14);
    expect(largestExcess(policy, window, { ...february, spanMs: 28 * day - 1, skewMs: 1 }).admitted).toBe(21);
  });
});
