import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lots, type Piece } from '../../../shared/limits/lots.ts';

/** What lots are, written down without care for speed. */
class PlainLots {
  lots: Piece[] = [];
  epoch: number | undefined;

  held(now: number): number {
    return this.lots.reduce((sum, { left, expiresAt }) => sum + (expiresAt > now ? left : 0), 0);
  }

  take(amount: number, now: number): boolean {
    if (this.held(now) < amount) return false;
    let missing = amount;
    const alive = this.lots.filter((lot) => lot.expiresAt > now).sort((a, b) => a.expiresAt - b.expiresAt);
    this.lots = alive.map((lot) => {
      const part = Math.min(missing, lot.left);
      missing -= part;
      return { ...lot, left: lot.left - part };
    });
    return true;
  }

  add(lot: Piece): void {
    if (this.epoch === undefined || lot.epoch === this.epoch) this.lots.push(lot);
  }

  keepEpoch(epoch: number): void {
    this.epoch = epoch;
    this.lots = this.lots.filter((lot) => lot.epoch === epoch);
  }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    left: fc.integer({ min: 0, max: 20 }),
    life: fc.integer({ min: -5, max: 30 }),
    epoch: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('take' as const), amount: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ kind: fc.constant('putBack' as const) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(12) }),
  fc.record({ kind: fc.constant('epoch' as const), epoch: fc.nat(1) }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

describe('Lots', () => {
  it('hold, give out and drop exactly what a plain list does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [lots, plain] = [new Lots(), new PlainLots()];
        let [now, taken] = [1_000, [] as Piece[]];
        for (const s of steps) {
          if (s.kind === 'add') {
            const lot = { left: s.left, reservedAt: now, expiresAt: now + s.life, epoch: s.epoch };
            lots.add(lot);
            plain.add(lot);
          } else if (s.kind === 'take') {
            const pieces = lots.take(s.amount, now);
            expect(pieces !== undefined).toBe(plain.take(s.amount, now));
            if (!pieces) continue;
            expect(pieces.reduce((sum, { left }) => sum + left, 0)).toBe(s.amount);
            expect(pieces.every(({ left, expiresAt }) => left > 0 && expiresAt > now)).toBe(true);
            taken.push(...pieces);
          } else if (s.kind === 'putBack') {
            for (const piece of taken) {
              lots.add(piece);
              plain.add(piece);
            }
            taken = [];
          } else if (s.kind === 'pass') now += s.ms;
          else if (s.kind === 'epoch') {
            lots.keepEpoch(s.epoch);
            plain.keepEpoch(s.epoch);
          } else {
            lots.clear();
            plain.lots = [];
          }
          expect(lots.held(now)).toBe(plain.held(now));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  const lot = (left: number, expiresAt: number, epoch = 0) => ({ left, reservedAt: 0, expiresAt, epoch });

  it('are spent soonest to expire first, across several where need be', () => {
    const lots = new Lots();
    lots.add(lot(5, 300));
    lots.add(lot(3, 100));
    lots.add(lot(2, 200));
    expect(lots.take(4, 0)).toEqual([lot(3, 100), lot(1, 200)]);
    expect(lots.take(6, 0)).toEqual([lot(1, 200), lot(5, 300)]);
    expect(lots.take(1, 0)).toBeUndefined();
  });

  it('of an earlier epoch stay void when they are put back, and after forgetting so does everything', () => {
    const lots = new Lots();
    lots.add(lot(5, 300, 1));
    const pieces = lots.take(5, 0) ?? [];
    lots.keepEpoch(2);
    for (const piece of pieces) lots.add(piece);
    expect(lots.held(0)).toBe(0);
    lots.add(lot(4, 300, 2));
    const current = lots.take(1, 0) ?? [];
    lots.forget();
    for (const piece of current) lots.add(piece);
    expect(lots.held(0)).toBe(0);
    lots.keepEpoch(3);
    lots.add(lot(7, 300, 3));
    expect(lots.held(0)).toBe(7);
  });
});
