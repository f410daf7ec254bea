import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refilled } from '../../../shared/limits/bucket.ts';
import type { StoredBucket } from '../../../shared/limits/bucketStore.ts';
import { type PolicyInput, policySchema, type Window } from '../../../shared/limits/policy.ts';
import { type Change, corrected, freshRow, reserve } from '../../../shared/limits/reservation.ts';

const now = Date.UTC(2026, 10, 21, 12);
const midnight = Date.UTC(2026, 10, 22);

function windowOf(input: Partial<PolicyInput>): Window {
  const base = { name: 'p', operations: ['audit'], scope: 'caller', unit: 'microdollars' } as const;
  const [window] = policySchema.parse({
    ...base,
    limits: [{ quota: 1_000, window: '10s' }],
    ...input,
  }).windows;
  if (!window) throw new Error('no window');
  return window;
}

const even = windowOf({});
const daily = windowOf({ limits: [{ quota: 1_000, window: 'day' }] });

describe('corrected', () => {
  const row = (level: number, rest: Partial<StoredBucket> = {}): StoredBucket => ({
    ...freshRow(even, now),
    level,
    ...rest,
  });

  it('gives back up to the capacity and charges into debt, in order', () => {
    const changes = (...amounts: number[]): Change[] =>
      amounts.map((amount) => ({ amount, reservedAt: now }));
    expect(corrected(row(500), even, changes(300), now).level).toBe(800);
    expect(corrected(row(500), even, changes(900, -200), now).level).toBe(800);
    expect(corrected(row(500), even, changes(-700), now).level).toBe(-200);
    expect(corrected(row(500), even, changes(-700), now + 1_000).level).toBe(-100);
  });

  it('keeps the level an exact integer, however much is charged', () => {
    const amounts = fc.array(fc.double({ min: -1e22, max: 1e22, noNaN: true }).map(Math.round), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(amounts, (list) => {
        const changes = list.map((amount) => ({ amount, reservedAt: now }));
        const { level } = corrected(row(500), even, changes, now);
        expect(Number.isSafeInteger(level)).toBe(true);
        expect(level).toBeLessThanOrEqual(even.shape.capacity);
      }),
    );
  });

  it('takes nothing back into another epoch or period, but charges there', () => {
    const reset = row(500, { epoch: 2 });
    expect(corrected(reset, even, [{ amount: 100, reservedAt: now, epoch: 1 }], now).level).toBe(500);
    expect(corrected(reset, even, [{ amount: 100, reservedAt: now, epoch: 2 }], now).level).toBe(600);
    expect(corrected(reset, even, [{ amount: -100, reservedAt: now, epoch: 1 }], now).level).toBe(400);
    const yesterday = { ...freshRow(daily, now), level: 10 };
    const late = { amount: 100, reservedAt: midnight - 1 };
    expect(corrected(yesterday, daily, [late], midnight - 1).level).toBe(110);
    expect(
      corrected({ ...yesterday, level: 10 }, daily, [late, { ...late, amount: -30 }], midnight).level,
    ).toBe(970);
  });

  it('keeps the latest of all blocks', () => {
    const block = (blockUntil: number): Change => ({ amount: 0, reservedAt: now, blockUntil });
    const blocked = row(500, { blockedUntil: now + 50 });
    expect(corrected(blocked, even, [block(now + 30)], now).blockedUntil).toBe(now + 50);
    expect(corrected(blocked, even, [block(now + 90), block(now + 70)], now)).toMatchObject({
      blockedUntil: now + 90,
      level: 500,
    });
  });
});

describe('reserve', () => {
  it('takes what it says out of the row, for one lease life from now', () => {
    const { row, lot } = reserve({ ...freshRow(even, now), epoch: 3 }, even, 400, now, 'me');
    expect(lot).toEqual({ left: 400, reservedAt: now, expiresAt: now + 1_000, epoch: 3 });
    expect(row).toEqual({
      level: 600,
      capacity: 1_000,
      refill: 1_000,
      at: now,
      epoch: 3,
      blockedUntil: 0,
      writer: 'me',
      outstanding: 400,
      outstandingUntil: now + 1_000,
      idleAt: now + 20_000,
    });
  });

  it('ends a lease with its calendar period', () => {
    const { lot, row } = reserve(freshRow(daily, midnight - 300), daily, 1, midnight - 300, 'me');
    expect(lot.expiresAt).toBe(midnight);
    expect(row.idleAt).toBe(midnight + 86_400_000);
  });

  it('says how much instances may hold: what was reserved within a lease life, at most', () => {
    let row = freshRow(even, now);
    const outstanding = [0, 500, 999, 2_500, 2_600].map((ms) => {
      ({ row } = reserve(row, even, 300, now + ms, 'me'));
      return row.outstanding;
    });
    expect(outstanding).toEqual([300, 600, 900, 300, 600]);
    for (let i = 0; i < 50; i++) ({ row } = reserve(row, even, 300, now + 2_600 + 100 * i, 'me'));
    expect(row.outstanding).toBe(even.shape.capacity + 100);
  });

  it('lets nobody delete a row before it says what a row that is not there says', () => {
    const rows = fc.record({
      level: fc.oneof(fc.integer({ min: -5_000, max: 1_000 }), fc.constant(-4e15)),
      blockedMs: fc.integer({ min: -1_000, max: 500_000 }),
      calendar: fc.boolean(),
    });
    fc.assert(
      fc.property(rows, ({ level, blockedMs, calendar }) => {
        const window = calendar ? daily : even;
        const before = { ...freshRow(window, now), level, blockedUntil: now + blockedMs };
        const { row } = reserve(before, window, 0, now, 'me');
        expect(Number.isNaN(new Date(row.idleAt).getTime())).toBe(false);
        if (level < -1e6 && !calendar) return;
        expect(refilled(row, window.shape, row.idleAt).level).toBe(window.shape.capacity);
        expect(row.idleAt).toBeGreaterThan(row.blockedUntil);
        expect(row.idleAt).toBeGreaterThan(row.outstandingUntil);
      }),
    );
  });
});
