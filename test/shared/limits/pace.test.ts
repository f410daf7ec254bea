import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../../shared/limits/pace.ts';

const unit = 1_000_000;
const step = fc.oneof(
  fc.record({ kind: fc.constant('wanted' as const), units: fc.nat(50) }),
  fc.record({ kind: fc.constant('plan' as const), ms: fc.integer({ min: -500, max: 3_000 }) }),
  fc.record({ kind: fc.constant('succeeded' as const) }),
  fc.record({ kind: fc.constant('conflicted' as const) }),
);

describe('Pace', () => {
  it('keeps batches whole units up to the most, and gaps up to 50 ms, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(30), (steps, most) => {
        const pace = new Pace(unit, most * unit, 500);
        let now = 0;
        for (const s of steps) {
          if (s.kind === 'wanted') pace.wanted(s.units * unit);
          else if (s.kind === 'plan') {
            now += s.ms;
            pace.plan(now);
          } else pace[s.kind]();
          expect(pace.batch % unit).toBe(0);
          expect(pace.batch).toBeGreaterThanOrEqual(unit);
          expect(pace.batch).toBeLessThanOrEqual(Math.max(1, most) * unit);
          expect(pace.gapMs).toBeGreaterThanOrEqual(0);
          expect(pace.gapMs).toBeLessThanOrEqual(50);
        }
      }),
    );
  });

  it('takes a fifth of what was wanted in a lease life, and forgets it in a few more', () => {
    const pace = new Pace(unit, 1_000 * unit, 500);
    pace.wanted(100 * unit);
    expect(pace.plan(0)).toBe(20 * unit);
    expect(pace.plan(500)).toBe(7 * unit);
    expect(pace.plan(5_000)).toBe(unit);
  });

  it('takes three fifths where there is plenty', () => {
    const pace = new Pace(unit, 1_000 * unit, 500);
    pace.wanted(100 * unit);
    expect(pace.plan(0, true)).toBe(60 * unit);
    expect(pace.plan(0)).toBe(20 * unit);
  });

  it('does not remember more because the clock was set back', () => {
    const pace = new Pace(unit, 1_000 * unit, 500);
    pace.wanted(100 * unit);
    pace.plan(10_000);
    expect(pace.plan(0)).toBe(20 * unit);
  });

  it('takes up to three fifths and leaves gaps while others are quicker, and recovers', () => {
    const pace = new Pace(unit, 1_000 * unit, 500);
    pace.wanted(100 * unit);
    for (let i = 0; i < 20; i++) pace.conflicted();
    expect(pace.plan(0)).toBe(60 * unit);
    expect(pace.gapMs).toBe(50);
    for (let i = 0; i < 20; i++) pace.succeeded();
    expect(pace.plan(0)).toBe(20 * unit);
    expect(pace.gapMs).toBe(0);
  });
});
