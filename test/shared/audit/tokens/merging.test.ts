import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LongMerge } from '../../../../shared/audit/tokens/longMerge.ts';
import { longestKept, PieceCache } from '../../../../shared/audit/tokens/pieceCache.ts';
import { hashPrefixes } from '../../../../shared/audit/tokens/polynomialHash.ts';
import { longestShort, ShortMerge } from '../../../../shared/audit/tokens/shortMerge.ts';
import { Vocabulary } from '../../../../shared/audit/tokens/vocabulary.ts';
import { unitsOf } from './reference.ts';

function vocabularyOf(tokens: readonly string[]): Promise<Vocabulary> {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(tokens.length);
  const lengths = Uint8Array.from(tokens, ({ length }) => length);
  return Vocabulary.from(Buffer.concat([count, lengths, Buffer.from(tokens.join(''), 'latin1')]));
}

/** The definition: joins the leftmost pair of lowest rank until none is a token. */
function mergedCount(piece: string, tokens: readonly string[]): number {
  const parts = [...piece];
  for (;;) {
    const ranks = parts.slice(1).map((part, i) => tokens.indexOf((parts[i] ?? '') + part));
    const lowest = Math.min(...ranks.filter((rank) => rank >= 0));
    const at = ranks.indexOf(lowest);
    if (at < 0) return parts.length;
    parts.splice(at, 2, parts.slice(at, at + 2).join(''));
  }
}

function countLong(vocabulary: Vocabulary, piece: string, atMost: number): number {
  const merge = new LongMerge(vocabulary, Buffer.from(piece, 'latin1'));
  while (!merge.step(atMost));
  return merge.tokens;
}

const letters = fc.constantFrom(...'abc');
const piece = fc.string({ unit: letters, minLength: 1, maxLength: longestShort });

describe('merging', () => {
  it('is by the leftmost pair of lowest rank, whatever the vocabulary', async () => {
    const words = fc.uniqueArray(fc.string({ unit: letters, minLength: 2, maxLength: 6 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(words, piece, fc.integer({ min: 1, max: 100 }), async (some, one, atMost) => {
        const tokens = ['a', 'b', 'c', ...some.filter((word) => word !== one)];
        const vocabulary = await vocabularyOf(tokens);
        const bytes = Buffer.from(one, 'latin1');
        const hashes = new Int32Array(bytes.length + 1);
        hashPrefixes(bytes, bytes.length, hashes);
        const expected = mergedCount(one, tokens);
        expect(new ShortMerge(vocabulary).count(bytes, hashes, bytes.length)).toBe(expected);
        expect(countLong(vocabulary, one, atMost)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaves a piece whole that is a token, even one that no merges lead to', async () => {
    const word = 'abc'.repeat(30);
    const vocabulary = await vocabularyOf(['a', 'b', 'c', word]);
    expect(countLong(vocabulary, word, 10)).toBe(1);
    expect(countLong(vocabulary, `${word}a`, 10)).toBe(91);
  });
});

describe('PieceCache', () => {
  it('gives no piece the count of another, though they have the same hash', () => {
    const cache = new PieceCache(4);
    const units = unitsOf('abacab');
    cache.set(7, units, 0, 2, 5);
    expect(cache.get(7, units, 0, 2)).toBe(5);
    expect(cache.get(7, units, 4, 6)).toBe(5);
    expect(cache.get(7, units, 2, 4)).toBe(0);
    expect(cache.get(7, units, 0, 3)).toBe(0);
    expect(cache.get(23, units, 0, 2)).toBe(0);
  });

  it('keeps the later of two pieces in one place, up to the longest', () => {
    const cache = new PieceCache(4);
    const units = unitsOf('漢'.repeat(longestKept));
    cache.set(7, units, 0, 2, 5);
    cache.set(23, units, 0, longestKept, 3 * longestKept);
    expect(cache.get(7, units, 0, 2)).toBe(0);
    expect(cache.get(23, units, 0, longestKept)).toBe(3 * longestKept);
  });
});
