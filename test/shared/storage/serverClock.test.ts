import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../shared/storage/serverClock.ts';

/** An answer of a server whose clock is `ahead` of ours, as its `Date` header tells it: in whole seconds. */
function answer(clock: ServerClock, ahead: number, sentAt: number, outMs: number, backMs: number): void {
  const stamped = Math.floor((sentAt + outMs + ahead) / 1000) * 1000;
  clock.observe(stamped, sentAt, sentAt + outMs + backMs);
}

const start = 1_800_000_000_000;

describe('ServerClock', () => {
  it('leaves a machine alone that agrees with the store', () => {
    const clock = new ServerClock(() => start);
    for (let i = 0; i < 50; i++) answer(clock, 0, start + i * 137, 3, 4);
    expect(clock.offsetMs).toBe(0);
    expect(clock.now()).toBe(start);
  });

  it('finds an offset within a second at once, and narrows it down to the travelling time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3_600_000, max: 3_600_000 }),
        fc.integer({ min: 0, max: 999 }),
        (ahead, phase) => {
          const clock = new ServerClock(() => start);
          answer(clock, ahead, start + phase, 5, 5);
          expect(Math.abs(clock.offsetMs - ahead)).toBeLessThanOrEqual(1_010);
          for (let i = 1; i < 400; i++) answer(clock, ahead, start + phase + i * 1_037, 5, 5);
          expect(Math.abs(clock.offsetMs - ahead)).toBeLessThanOrEqual(200);
        },
      ),
    );
  });

  it('starts afresh when the clock of the machine is set', () => {
    const clock = new ServerClock(() => start);
    for (let i = 0; i < 20; i++) answer(clock, 0, start + i * 311, 2, 2);
    for (let i = 0; i < 20; i++) answer(clock, 60_000, start + 10_000 + i * 311, 2, 2);
    expect(Math.abs(clock.offsetMs - 60_000)).toBeLessThanOrEqual(1_000);
  });

  it('gives whole milliseconds', () => {
    expect(new ServerClock(() => start + 0.7).now()).toBe(start);
  });
});
