import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Contender, difference, encodings, loadContender } from './reference.ts';
import { fragments, realFiles, scripts } from './texts.ts';

const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...fragments), { maxLength: 24 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...fragments), fc.integer({ min: 1, max: 60 })), { maxLength: 6 })
      .map((runs) => runs.map(([unit, times]) => unit.repeat(times)).join('')),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABC'), maxLength: 200 }),
  },
);

describe.each(encodings)('counts in %s are those of the reference', (encoding) => {
  let contender: Contender;
  beforeAll(async () => {
    contender = await loadContender(encoding);
    return () => contender.reference.free();
  });

  const expectSame = (one: string) => {
    const found = difference(one, contender);
    if (found) throw new Error(found);
  };

  it('for real files of many kinds', () => {
    const files = realFiles();
    expect(files.join('').length).toBeGreaterThan(2_000_000);
    for (const file of files) expectSame(file);
  });

  it('for files with other line ends, a byte-order mark, or as JSON', () => {
    for (const file of realFiles().filter((_, i) => i % 8 === 0)) {
      expectSame(`\ufeff${file.replaceAll('\n', '\r\n')}`);
      expectSame(JSON.stringify({ file }, null, 2));
    }
  });

  it('for sentences in many scripts, and each beginning and end of them', () => {
    for (const sentence of scripts) {
      expectSame(sentence.toUpperCase());
      expectSame(sentence.normalize('NFD'));
      for (let i = 0; i < sentence.length; i++) {
        expectSame(sentence.slice(i));
        expectSame(sentence.slice(0, i));
      }
    }
  });

  it('for every two and three characters that the patterns may treat in a way of their own', () => {
    for (const first of fragments)
      for (const second of fragments) {
        expectSame(first + second);
        expectSame(`a${first}${second}B`);
        expectSame(` ${first}${second}\n`);
      }
  });

  it('for every code point, alone and among letters', () => {
    for (let point = 0; point < 0x20000; point += 64) {
      const block = Array.from({ length: 64 }, (_, i) => String.fromCodePoint(point + i));
      expectSame(block.join(''));
      expectSame(block.join('a'));
      expectSame(block.join(' A'));
    }
  });

  it('for random texts', () => {
    fc.assert(fc.property(text, expectSame), { numRuns: 20_000 });
  });

  it('for long pieces, which are merged in another way', () => {
    const word = fc.string({
      unit: fc.constantFrom(...'etaoinshrdlu', 'é', '漢'),
      minLength: 49,
      maxLength: 1_500,
    });
    fc.assert(fc.property(word, expectSame), { numRuns: 300 });
    for (const fragment of fragments) expectSame(fragment.repeat(700));
  });
});
