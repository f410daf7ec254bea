import { describe, expect, it } from 'vitest';
import { mostAttempts, waitAfter } from '../../../shared/deliveries/schedule.ts';

const [minute, hour] = [60_000, 3_600_000];
const none = () => 0;
const most = () => 1 - Number.EPSILON;
const attempts = Array.from({ length: mostAttempts }, (_, i) => i + 1);

describe('waitAfter', () => {
  it('grows from seconds to hours, and ends after a day and a bit', () => {
    const waits = attempts.map((attempt) => waitAfter(attempt, undefined, none));
    expect(waits).toEqual([
      5_000,
      5 * minute,
      30 * minute,
      2 * hour,
      5 * hour,
      10 * hour,
      10 * hour,
      undefined,
    ]);
    const total = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / hour;
    expect(total).toBeGreaterThan(24);
    expect(total).toBeLessThan(28);
  });

  it('is spread by up to a fifth, and never shorter', () => {
    for (const attempt of attempts.slice(0, -1)) {
      const least = waitAfter(attempt, undefined, none) ?? 0;
      expect(waitAfter(attempt, undefined, most)).toBe(Math.ceil(least * 1.2));
    }
  });

  it('heeds what the endpoint asks for, where that is longer, up to the longest wait', () => {
    expect(waitAfter(1, 60_000, none)).toBe(60_000);
    expect(waitAfter(1, 1_000, none)).toBe(5_000);
    expect(waitAfter(1, 24 * hour, none)).toBe(10 * hour);
    expect(waitAfter(6, 24 * hour, none)).toBe(10 * hour);
    expect(waitAfter(mostAttempts, 1_000, none)).toBeUndefined();
  });
});
