import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../../local/modelService/rateWindow.ts';

describe('RateWindow', () => {
  it('lets the minute pass before it takes more', () => {
    const window = new RateWindow({ requestsPerMinute: 2 });
    expect([0, 10_000, 20_000, 59_999, 60_000].map((now) => window.take(5, now))).toMatchObject([
      { taken: true, left: { requestsPerMinute: 1, tokensPerMinute: undefined } },
      { taken: true, left: { requestsPerMinute: 0 } },
      { taken: false, quota: 'requests', waitMs: 40_000 },
      { taken: false, quota: 'requests', waitMs: 1 },
      { taken: true, left: { requestsPerMinute: 0 } },
    ]);
  });

  it('counts tokens, and says a minute where one request alone is too much', () => {
    const window = new RateWindow({ tokensPerMinute: 100 });
    expect(window.take(101, 0)).toMatchObject({ taken: false, quota: 'tokens', waitMs: 60_000 });
    expect(window.take(60, 0)).toMatchObject({ taken: true, left: { tokensPerMinute: 40 } });
    expect(window.take(30, 5_000)).toMatchObject({ taken: true, left: { tokensPerMinute: 10 } });
    expect(window.take(50, 6_000)).toMatchObject({ taken: false, quota: 'tokens', waitMs: 54_000 });
  });

  it('never takes more than its limits in any minute, and takes what is asked again after the wait', () => {
    const arrival = fc.record({
      gap: fc.integer({ min: 0, max: 40_000 }),
      tokens: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
        const window = new RateWindow({ requestsPerMinute: 3, tokensPerMinute: 100 });
        const taken: { at: number; tokens: number }[] = [];
        let now = 0;
        for (const { gap, tokens } of arrivals) {
          now += gap;
          const decision = window.take(tokens, now);
          if (!decision.taken) {
            now += decision.waitMs;
            expect(window.take(tokens, now).taken).toBe(true);
          }
          taken.push({ at: now, tokens });
          const minute = taken.filter(({ at }) => now - at < 60_000);
          expect(minute.length).toBeLessThanOrEqual(3);
          expect(minute.reduce((sum, { tokens: n }) => sum + n, 0)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
