import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalShare } from '../../../shared/limits/localShare.ts';

const shape = { capacity: 10, refill: 10, windowMs: 1_000 };
const start = 1_800_000_000_000;
const step = fc.record({ ms: fc.nat(400), amount: fc.integer({ min: 1, max: 12 }), used: fc.boolean() });

describe('LocalShare', () => {
  it('admits no more in any span than a bucket of its shape', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const share = new LocalShare(shape, 0);
        let [now, level] = [start, 0];
        for (const { ms, amount } of steps) {
          now += ms;
          level = Math.max(0, level - (ms * shape.refill) / shape.windowMs);
          if (share.take(amount, now)) level += amount;
          expect(level).toBeLessThanOrEqual(shape.capacity + 1);
        }
      }),
    );
  });

  it('never holds more than its capacity, whatever is given back and when', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const share = new LocalShare(shape, 0);
        let now = start;
        for (const { ms, amount, used } of steps) {
          now += ms;
          if (share.take(amount, now) && !used) share.giveBack(amount);
        }
        let atOnce = 0;
        while (share.take(1, now)) atOnce++;
        expect(atOnce).toBeLessThanOrEqual(shape.capacity);
      }),
    );
  });

  it('does not grow when what was taken a window ago is given back', () => {
    const share = new LocalShare(shape, 0);
    expect(share.take(10, start)).toBe(true);
    expect(share.take(1, start + 1_000)).toBe(true);
    share.giveBack(10);
    expect([share.take(10, start + 1_000), share.take(1, start + 1_000)]).toEqual([true, false]);
  });

  it('charges what was used on top', () => {
    const share = new LocalShare(shape, 0);
    share.take(5, start);
    share.giveBack(-8);
    expect(share.take(1, start)).toBe(false);
    expect(share.take(1, start + 400)).toBe(true);
  });

  it('admits nothing before its time, nothing once retired, and nothing without a shape', () => {
    const early = new LocalShare(shape, start + 100);
    expect([early.take(1, start + 99), early.take(1, start + 100)]).toEqual([false, true]);
    early.retire(start + 100);
    expect(early.take(1, start + 1e9)).toBe(false);
    const none = new LocalShare(undefined, 0);
    none.giveBack(5);
    expect(none.take(1, start)).toBe(false);
    expect(none.retire(start)).toBe(start);
  });

  it('goes on in another shape with no more than there is, however often it changes', () => {
    const large = { capacity: 100, refill: 100, windowMs: 1_000 };
    const share = new LocalShare(shape, 0);
    share.take(8, start);
    for (const next of [large, shape, large]) share.reshape(next, start);
    expect([share.take(3, start), share.take(2, start), share.take(1, start)]).toEqual([false, true, false]);
    share.reshape(shape, start + 50);
    expect([share.take(6, start + 50), share.take(5, start + 50)]).toEqual([false, true]);
    expect(share.take(1, start + 99)).toBe(false);
    expect(share.take(1, start + 100)).toBe(true);
    const unused = new LocalShare(large, 0);
    unused.reshape(shape, start);
    expect([unused.take(11, start), unused.take(10, start)]).toEqual([false, true]);
  });

  it('says when a successor may have the whole of it', () => {
    expect(new LocalShare(shape, 0).retire(start)).toBe(start);
    const used = new LocalShare(shape, 0);
    used.take(7, start);
    expect(used.retire(start + 200)).toBe(start + 700);
  });
});
