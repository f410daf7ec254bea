import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/limits/clock.ts';

describe('systemClock', () => {
  it('hears an answer that came in time, though the process was too busy to read it', async () => {
    const answer = stat('package.json').then(() => 'in time');
    const limit = systemClock().wait(100);
    for (const end = performance.now() + 200; performance.now() < end; );
    expect(await Promise.race([answer, limit.done.then(() => 'late')])).toBe('in time');
  });

  it('ends a wait, and calls one off', async () => {
    const clock = systemClock();
    let called = false;
    const off = clock.wait(1);
    void off.done.then(() => {
      called = true;
    });
    off.cancel();
    const began = performance.now();
    await clock.wait(30).done;
    expect(performance.now() - began).toBeGreaterThanOrEqual(29);
    expect(called).toBe(false);
  });
});
