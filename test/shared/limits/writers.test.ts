import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didWrite, withWrite } from '../../../shared/limits/writers.ts';

describe('the writers of a row', () => {
  it('tell of each its last write, whatever others wrote since', () => {
    const row = ['a', 'b', 'a', 'c'].reduce((writers, owner, i) => withWrite(writers, owner, i), '');
    expect(row).toBe('c/3 a/2 b/1');
    expect([didWrite(row, 'a', 2), didWrite(row, 'a', 0), didWrite(row, 'b', 1)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(didWrite(row, 'd', 4)).toBe(false);
    expect(didWrite('', 'a', 0)).toBe(false);
  });

  it('know one owner from another whose name begins alike', () => {
    const row = withWrite(withWrite('', 'i1:1', 1), 'i1:11', 5);
    expect([didWrite(row, 'i1:1', 1), didWrite(row, 'i1:11', 5), didWrite(row, 'i1', 1)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('never tell wrongly: what they no longer know, they say', () => {
    const owners = fc.integer({ min: 0, max: 24 }).map((n) => `o${n}`);
    fc.assert(
      fc.property(fc.array(owners, { maxLength: 80 }), owners, (order, asked) => {
        const row = order.reduce((writers, owner, i) => withWrite(writers, owner, i), '');
        const last = order.lastIndexOf(asked);
        expect(row.split(' ').length).toBeLessThanOrEqual(16);
        if (last >= 0) expect(didWrite(row, asked, last)).not.toBe(false);
        expect(didWrite(row, asked, order.length)).not.toBe(true);
        if (new Set(order).size < 16) expect(didWrite(row, asked, last)).toBe(last >= 0);
      }),
      { numRuns: 500 },
    );
  });
});
