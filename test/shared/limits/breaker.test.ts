import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker } from '../../../shared/limits/breaker.ts';

function opened(at = 0): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 3; i++) breaker.failed(at);
  return breaker;
}

describe('Breaker', () => {
  it('opens with the third failure in a row, and says so once', () => {
    const breaker = new Breaker();
    expect([breaker.failed(0), breaker.failed(0)]).toEqual([false, false]);
    expect([breaker.succeeded(), breaker.failed(0), breaker.failed(0)]).toEqual([false, false, false]);
    expect([breaker.isOpen, breaker.mayAsk(0)]).toEqual([false, true]);
    expect([breaker.failed(0), breaker.failed(0)]).toEqual([true, false]);
    expect([breaker.isOpen, breaker.mayAsk(999)]).toEqual([true, false]);
  });

  it('lets one probe through after a second; a success closes it', () => {
    const breaker = opened();
    expect([breaker.mayAsk(1_000), breaker.mayAsk(1_000), breaker.mayAsk(9_000)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([breaker.succeeded(), breaker.isOpen, breaker.mayAsk(1_001)]).toEqual([true, false, true]);
    expect([breaker.failed(0), breaker.failed(0), breaker.failed(2_000)]).toEqual([false, false, true]);
    expect([breaker.mayAsk(2_999), breaker.mayAsk(3_000)]).toEqual([false, true]);
  });

  it('doubles the pause with each probe that fails, up to fifteen seconds', () => {
    const breaker = opened();
    let now = 0;
    for (const pause of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      expect([breaker.mayAsk(now + pause - 1), breaker.mayAsk(now + pause)]).toEqual([false, true]);
      now += pause;
      expect(breaker.failed(now)).toBe(false);
    }
  });

  it('lets another be the probe where the first never asked', () => {
    const breaker = opened();
    expect(breaker.mayAsk(1_000)).toBe(true);
    breaker.unused();
    expect(breaker.mayAsk(1_000)).toBe(true);
  });

  it('does not stay open because the clock was set back', () => {
    const breaker = opened(3_600_000);
    expect(breaker.mayAsk(0)).toBe(true);
  });

  it('always asks again within fifteen seconds of any history', () => {
    const step = fc.record({ ok: fc.boolean(), ms: fc.nat(20_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const breaker = new Breaker();
        let now = 0;
        for (const { ok, ms } of steps) {
          now += ms;
          if (!breaker.mayAsk(now)) continue;
          if (ok) breaker.succeeded();
          else breaker.failed(now);
        }
        expect(breaker.mayAsk(now + 15_000)).toBe(true);
      }),
    );
  });
});
