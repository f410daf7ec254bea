import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketShape } from '../../../shared/limits/bucket.ts';
import type { StoredBucket } from '../../../shared/limits/bucketStore.ts';
import type { OwnLimits } from '../../../shared/limits/ownLimits.ts';
import { policySchema, type Window, withLimits } from '../../../shared/limits/policy.ts';
import { corrected, freshRow, reserve } from '../../../shared/limits/reservation.ts';
import { msUntilStanding, standing } from '../../../shared/limits/standing.ts';

const start = Date.UTC(2026, 10, 21, 12);
const rules = { name: 'p', operations: ['audit'], scope: 'caller', strict: false } as const;

function windowOf(quota: number, window = '10s', strict = false): Window {
  const policy = policySchema.parse({ ...rules, strict, limits: [{ quota: 2, window: '1m' }] });
  const limits: OwnLimits['calls'] = [{ quota, window }];
  const [only] = withLimits(policy, limits).windows;
  if (!only) throw new Error('no window');
  return only;
}

const used = (row: StoredBucket, { shape }: Window, now: number) =>
  shape.capacity - standing(row, shape, now).level;

describe('a row told in another shape than it was written in', () => {
  const names = fc.constantFrom('10s', '1d', 'day', 'month');
  const quota = fc.integer({ min: 1, max: 4_000 });

  it('has as much used in every shape, and never holds more than the shape can', () => {
    const events = fc.array(
      fc.record({ quota, ms: fc.nat(9_000), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(names, events, quota, fc.boolean(), (name, list, other, strict) => {
        let [row, now] = [freshRow(windowOf(5, name, strict), start), start];
        const told = windowOf(other, name, strict);
        for (const { quota: next, ms, part } of list) {
          now += ms;
          const window = windowOf(next, name, strict);
          expect(used(row, told, now)).toBe(used(row, window, now));
          const before = corrected(row, window, [], now);
          expect(before.level).toBeLessThanOrEqual(window.shape.capacity);
          const amount = Math.max(0, Math.floor(before.level * part));
          ({ row } = reserve(before, window, amount, now, 'me'));
          expect(used(row, told, now)).toBe(used(before, window, now) + amount);
        }
      }),
    );
  });

  it('never has less used for being told in turn in a small and a large shape', () => {
    fc.assert(
      fc.property(names, quota, quota, fc.integer({ min: 1, max: 60 }), (name, one, two, turns) => {
        const windows = [windowOf(one, name), windowOf(two, name)];
        const [first, second] = windows as [Window, Window];
        let { row } = reserve(freshRow(first, start), first, first.shape.capacity, start, 'me');
        const debt = used(row, first, start);
        for (let i = 0; i < turns; i++) row = corrected(row, i % 2 ? first : second, [], start);
        expect(used(row, first, start)).toBe(debt);
      }),
    );
  });

  it('holds an amount when it says so, and not a millisecond earlier', () => {
    const shapes = fc.tuple(names, quota, quota, fc.nat(4_000), fc.integer({ min: 1, max: 4_000 }));
    fc.assert(
      fc.property(shapes, ([name, before, now, taken, wanted]) => {
        const written = windowOf(before, name);
        const { row } = reserve(
          freshRow(written, start),
          written,
          Math.min(taken, before) * 1e6,
          start,
          'me',
        );
        const { shape } = windowOf(now, name);
        const amount = Math.min(wanted, now) * 1e6;
        const ms = msUntilStanding(row, shape, amount, start + 1);
        const levelAt = (at: number) => standing(row, shape, at).level;
        expect(levelAt(start + 1 + ms)).toBeGreaterThanOrEqual(amount);
        if (ms > 0) expect(levelAt(start + ms)).toBeLessThan(amount);
        expect(msUntilStanding(row, shape, shape.capacity + 1, start)).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('gives nothing out for what comes back while more is used than fits', () => {
    const [large, small] = [windowOf(30, 'day'), windowOf(5, 'day')];
    const { row } = reserve(freshRow(large, start), large, 20e6, start, 'me');
    const back = [{ amount: 10e6, reservedAt: start, epoch: 0 }];
    expect(corrected(row, small, back, start).level).toBe(-5e6);
    expect(corrected(corrected(row, small, back, start), large, [], start).level).toBe(20e6);
  });

  it('refills as it was written until somebody writes: no longer than a window, however far it was lowered', () => {
    const [large, small] = [windowOf(1_000), windowOf(1)];
    const { row } = reserve(freshRow(large, start), large, 1_000e6, start, 'me');
    expect(msUntilStanding(row, small.shape, 1e6, start)).toBe(10_000);
  });

  it('of a version of the app that did not say its shape is in that of the limit', () => {
    const window = windowOf(50);
    const old: StoredBucket = { ...freshRow(window, start), level: 7e6, capacity: 0, refill: 0 };
    expect(standing(old, window.shape, start).level).toBe(7e6);
    expect(standing(old, windowOf(3).shape, start).level).toBe(3e6);
  });

  it('stays an exact integer in the deepest debt', () => {
    const shapeOf = (capacity: number): BucketShape => ({ capacity, refill: capacity, windowMs: 1_000 });
    const row = { ...freshRow(windowOf(1), start), level: -4e15, capacity: 4e15, refill: 4e15 };
    const { level } = standing(row, shapeOf(1), start);
    expect(Number.isSafeInteger(level)).toBe(true);
    expect(level).toBe(-4e15);
  });
});
