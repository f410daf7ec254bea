import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MinHeap } from '../../../../shared/audit/tokens/minHeap.ts';
import { countParts, countText } from '../../../../shared/audit/tokens/tokenCounter.ts';
import { Turns } from '../../../../shared/audit/turns.ts';
import { type Contender, encodings, loadContender, unitsOf } from './reference.ts';
import { fragments } from './texts.ts';

/** Code units that a step looks at. */
const windowUnits = 16_384;
const hostile = [
  ' ',
  '\n',
  ' \n',
  'a',
  'A',
  '漢',
  '漢A',
  '=',
  '=/',
  '/\n',
  '-\u2026',
  '\u0301',
  '🚪',
  '\ud83d',
  '1',
];

const filler = 'characters, counted '.repeat(windowUnits / 16);

class CountedTurns extends Turns {
  given = 0;
  override giveWay(): Promise<void> {
    this.given++;
    return super.giveWay();
  }
}

describe.each(encodings)('counting in %s', (encoding) => {
  let contender: Contender;
  beforeAll(async () => {
    contender = await loadContender(encoding);
    return () => contender.reference.free();
  });

  const countWhole = (text: string) => {
    const { splitter, pieces } = contender;
    const units = unitsOf(text);
    let tokens = 0;
    for (let start = 0; start < units.length; ) {
      const end = splitter.pieceEnd(units, start, units.length);
      tokens += pieces.count(units, start, end);
      start = end;
    }
    return tokens;
  };

  const stepsOf = (text: string) => {
    const counting = contender.counter.begin(text);
    let steps = 1;
    while (!counting.step()) steps++;
    return steps;
  };

  it('gives the same wherever a window ends', () => {
    const middle = fc
      .array(fc.tuple(fc.constantFrom(...fragments), fc.constantFrom(1, 1, 1, 2, 3, 40)), {
        minLength: 4,
        maxLength: 30,
      })
      .map((runs) => runs.map(([unit, times]) => unit.repeat(times)).join(''));
    const before = fc.integer({ min: windowUnits - 60, max: windowUnits + 2 });
    fc.assert(
      fc.property(before, middle, (length, nasty) => {
        const text = `${filler.slice(0, length)}${nasty}${' y'.repeat(20)}`;
        expect(contender.counter(text)).toBe(countWhole(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    "we're",
    "WE'LL",
    "'ve",
    '🚪',
    'a🚪',
    '=\u0301',
    '12𝟘4',
    '\ud83d',
    ' \n \r',
    '   x',
    '=\n/',
    '漢A',
  ])('gives the same where a window ends in %j', (nasty) => {
    for (let length = windowUnits - 8; length <= windowUnits; length++) {
      const text = `${filler.slice(0, length)}${nasty}${filler}`;
      expect(contender.counter(text)).toBe(countWhole(text));
    }
  });

  it.each(hostile)('gives the same for %j repeated over many windows', (unit) => {
    const text = unit.repeat(windowUnits * 3);
    expect(contender.counter(text)).toBe(countWhole(text));
  });

  it.each(hostile)('takes no more than in proportion to the length of %j repeated', (unit) => {
    const length = 60_000;
    const [short, long] = [1, 4].map((times) => stepsOf(unit.repeat((times * length) / unit.length)));
    expect(long ?? 0).toBeLessThan(5 * (short ?? 0));
    expect(long ?? 0).toBeLessThan((4 * length) / 1_000);
  });

  it('looks at each character a few times only', () => {
    const runs = fc
      .array(fc.tuple(fc.constantFrom(...fragments), fc.integer({ min: 1, max: 50 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((all) => all.map(([unit, times]) => unit.repeat(times)).join(''));
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 20 }), (run, times) => {
        const units = unitsOf(run.repeat(times));
        const { splitter } = contender;
        let looked = 0;
        for (let start = 0; start < units.length; ) {
          const end = splitter.pieceEnd(units, start, units.length);
          looked += splitter.reach - start;
          start = end;
        }
        expect(looked).toBeLessThanOrEqual(3 * units.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts parts one by one, nothing as nothing', async () => {
    expect(await countParts([], contender.counter, new Turns())).toBe(0);
    expect(await countParts(['', 'a b', ''], contender.counter, new Turns())).toBe(2);
    expect(contender.counter('')).toBe(0);
  });

  it('gives way to others within long texts, one run of letters among them', async () => {
    for (const text of ['const a = 1;\n'.repeat(20_000), 'a'.repeat(100_000)]) {
      const turns = new CountedTurns();
      expect(await countText(text, contender.counter, turns)).toBe(contender.counter(text));
      expect(turns.given).toBeGreaterThan(10);
    }
  });

  it('keeps counts apart that are made in turns', async () => {
    const texts = ['a'.repeat(40_000), 'const a = 1;\n'.repeat(5_000), '漢'.repeat(30_000)];
    const counts = texts.map((text) => contender.counter.begin(text));
    while (counts.map((one) => one.step()).includes(false));
    expect(counts.map(({ tokens }) => tokens)).toEqual(texts.map(countWhole));
  });

  it('stops when told to', async () => {
    const turns = new Turns(AbortSignal.abort(new Error('enough')));
    const files = Array.from({ length: 50 }, () => 'a'.repeat(500_000));
    await expect(countParts(files, contender.counter, turns)).rejects.toThrow('enough');
  });
});

describe('MinHeap', () => {
  it('gives back the least first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new MinHeap(items.length);
        for (const item of items) heap.push(item);
        expect(items.map(() => heap.pop())).toEqual(items.toSorted((a, b) => a - b));
        expect(heap.size).toBe(0);
      }),
    );
  });
});
