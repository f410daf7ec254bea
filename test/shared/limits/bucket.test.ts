import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BucketShape,
  fullBucket,
  givenBack,
  msUntil,
  periodEnd,
  periodStart,
  refilled,
} from '../../../shared/limits/bucket.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 21);
const mostMicro = 4_000_000_000_000_000;

/** Capacity at most the refill, as policies have it. */
const shapes = fc
  .record({
    refill: fc.oneof(fc.integer({ min: 1, max: 5_000_000 }), fc.integer({ min: 1, max: mostMicro })),
    windowMs: fc.oneof(fc.integer({ min: 1_000, max: 100_000 }), fc.integer({ min: 1_000, max: 31 * day })),
    part: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(
    ({ refill, windowMs, part }): BucketShape => ({
      refill,
      windowMs,
      capacity: Math.max(1, Math.floor((refill / 1_000) * part)),
    }),
  );
const times = fc.integer({ min: start, max: start + 40 * day });
/** Full, in use, or in debt. */
const fractions = fc.double({ min: -2, max: 1, noNaN: true });
const stateOf = (shape: BucketShape, fraction: number, at: number) => ({
  level: Math.max(-mostMicro, Math.floor(shape.capacity * fraction)),
  at,
});

/** Micro-tokens that arrive up to `t`, counted from the epoch, in exact arithmetic. */
const arrived = ({ refill, windowMs }: BucketShape, t: number) =>
  (BigInt(t) * BigInt(refill)) / BigInt(windowMs);

describe('a bucket that refills evenly', () => {
  it('agrees to the last micro-token with exact arithmetic, in debt and beyond 2^53 as well', () => {
    fc.assert(
      fc.property(shapes, fractions, times, times, (shape, fraction, a, b) => {
        const [at, now] = [Math.min(a, b), Math.max(a, b)];
        const state = stateOf(shape, fraction, at);
        const gained = arrived(shape, now) - arrived(shape, at);
        const exact = BigInt(state.level) + gained;
        const expected = exact > BigInt(shape.capacity) ? BigInt(shape.capacity) : exact;
        const { level } = refilled(state, shape, now);
        expect(Number.isSafeInteger(level)).toBe(true);
        expect(BigInt(level)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('neither gains nor loses by being read often', () => {
    const reads = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 });
    fc.assert(
      fc.property(shapes, fractions, times, reads, (shape, fraction, at, gaps) => {
        const state = stateOf(shape, fraction, at);
        let [now, often] = [at, state];
        for (const gap of gaps) {
          now += gap;
          often = refilled(often, shape, now);
        }
        expect(refilled(often, shape, now).level).toBe(refilled(state, shape, now).level);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [3, 2],
    [999, 1_000],
    [1_999, 1_000],
    [60_000_000, 86_400_000],
  ])('loses nothing in an hour of reading every millisecond or two: %d in %d ms', (refill, windowMs) => {
    const shape = { capacity: Number.MAX_SAFE_INTEGER, refill, windowMs };
    let state = { level: 0, at: start };
    for (let now = start; now <= start + 3_600_000; now += 1 + (now % 2)) state = refilled(state, shape, now);
    const exact = Math.floor((refill * 3_600_000) / windowMs);
    expect(refilled(state, shape, start + 3_600_000).level).toBeGreaterThanOrEqual(exact);
    expect(state.level).toBeLessThanOrEqual(exact + 1);
  });

  it('is not changed by a clock that runs backwards', () => {
    fc.assert(
      fc.property(
        shapes,
        fractions,
        times,
        fc.array(times, { maxLength: 20 }),
        (shape, fraction, at, wild) => {
          const state = stateOf(shape, fraction, at);
          const last = Math.max(at, ...wild);
          const read = wild.reduce((s, now) => refilled(s, shape, now), state);
          expect(refilled(read, shape, last)).toEqual(refilled(state, shape, last));
          for (const now of wild.filter((t) => t <= at)) expect(refilled(state, shape, now)).toEqual(state);
        },
      ),
    );
  });

  it('holds an amount exactly as long from now as is said', () => {
    fc.assert(
      fc.property(shapes, fractions, times, times, fc.nat(1_000), (shape, fraction, at, now, part) => {
        const state = stateOf(shape, fraction, at);
        const amount = Math.max(1, Math.floor((shape.capacity / 1_000) * part));
        const ms = msUntil(state, shape, amount, now);
        expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
        expect(refilled(state, shape, now + ms).level).toBeGreaterThanOrEqual(amount);
        if (ms > 0) expect(refilled(state, shape, now + ms - 1).level).toBeLessThan(amount);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never holds more than it can', () => {
    const shape = { capacity: 100, refill: 100, windowMs: 1_000 };
    expect(msUntil(fullBucket(shape, start), shape, 101, start)).toBe(Number.POSITIVE_INFINITY);
    expect(refilled({ level: 700, at: start }, shape, start)).toEqual({ level: 100, at: start });
    expect(refilled({ level: 700, at: start }, shape, start + 5)).toEqual({ level: 100, at: start + 5 });
    expect(refilled({ level: 700, at: start }, shape, start - 5)).toEqual({ level: 100, at: start });
    expect(givenBack({ level: 60, at: start }, shape, 70, 0)).toEqual({ level: 100, at: start });
    expect(givenBack({ level: -60, at: start }, shape, 70, 0)).toEqual({ level: 10, at: start });
  });
});

describe('a bucket of a calendar period', () => {
  const calendars = fc.constantFrom('day' as const, 'month' as const);
  const anyTime = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) });
  const shapeOf = (calendar: 'day' | 'month'): BucketShape => ({
    capacity: 500,
    refill: 500,
    windowMs: calendar === 'day' ? day : 31 * day,
    calendar,
  });

  it('is full again when the next UTC period begins, and not before', () => {
    fc.assert(
      fc.property(calendars, anyTime, fc.integer({ min: -900, max: 500 }), (calendar, now, level) => {
        const shape = shapeOf(calendar);
        const [begin, end] = [periodStart(calendar, now), periodEnd(calendar, now)];
        expect(begin <= now && now < end).toBe(true);
        expect(new Date(begin).toISOString()).toMatch(
          calendar === 'day' ? /T00:00:00.000Z$/ : /-01T00:00:00.000Z$/,
        );
        expect(periodStart(calendar, end)).toBe(end);
        expect(periodEnd(calendar, end - 1)).toBe(end);
        expect(fullBucket(shape, now)).toEqual({ level: 500, at: begin });
        const state = { level, at: begin };
        expect(refilled(state, shape, end - 1)).toEqual(state);
        expect(refilled(state, shape, end)).toEqual({ level: 500, at: end });
        expect(refilled({ level, at: end }, shape, now)).toEqual({ level, at: end });
        const ms = msUntil(state, shape, 500, now);
        expect(ms).toBe(level === 500 ? 0 : end - now);
      }),
      { numRuns: 500 },
    );
  });

  it('waits for the end of the period that a faster clock has begun', () => {
    const shape = shapeOf('month');
    const [now, next] = [Date.UTC(2026, 10, 30, 23, 59, 59), Date.UTC(2026, 11, 1)];
    expect(msUntil({ level: 0, at: next }, shape, 1, now)).toBe(Date.UTC(2027, 0, 1) - now);
  });

  it('takes nothing back of a period that is over', () => {
    const shape = shapeOf('day');
    const state = { level: 100, at: start };
    expect(givenBack(state, shape, 50, start - 1)).toEqual(state);
    expect(givenBack(state, shape, 50, start)).toEqual({ level: 150, at: start });
    expect(givenBack(state, shape, 900, start + 1)).toEqual({ level: 500, at: start });
  });

  it('has the lengths of the months of leap years', () => {
    expect(periodEnd('month', Date.UTC(2028, 1, 29, 12))).toBe(Date.UTC(2028, 2, 1));
    expect(periodEnd('month', Date.UTC(2026, 11, 31))).toBe(Date.UTC(2027, 0, 1));
    expect(periodEnd('day', Date.UTC(2028, 1, 28, 23))).toBe(Date.UTC(2028, 1, 29));
  });
});
