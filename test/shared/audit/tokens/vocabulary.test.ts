import { describe, expect, it } from 'vitest';
import { generateTables, referenceClasses, referenceTokens } from '../../../../local/vocabulary.ts';
import { type AssetName, readAsset } from '../../../../shared/audit/tokens/assets.ts';
import { loadCharacterClasses } from '../../../../shared/audit/tokens/characterClasses.ts';
import { hashPrefixes } from '../../../../shared/audit/tokens/polynomialHash.ts';
import { loadVocabulary, noRank } from '../../../../shared/audit/tokens/vocabulary.ts';
import { encodings } from './reference.ts';

describe('the committed tables', () => {
  it('are what npm run vocabulary makes of the reference', async () => {
    for (const [name, table] of Object.entries(generateTables()))
      expect(table.equals(await readAsset(name as AssetName)), name).toBe(true);
  });
});

describe.each(encodings)('the vocabulary of %s', (encoding) => {
  it('finds every token of the reference by its bytes', async () => {
    const vocabulary = await loadVocabulary(encoding);
    const tokens = referenceTokens(encoding);
    const hashes = new Int32Array(257);
    const wrong = tokens.filter((bytes, rank) => {
      hashPrefixes(bytes, bytes.length, hashes);
      return vocabulary.rankOfRange(bytes, hashes, 0, bytes.length) !== rank;
    });
    expect(wrong).toEqual([]);
    expect(vocabulary.size).toBe(tokens.length);
  });

  it('knows the rank of every pair of bytes', async () => {
    const vocabulary = await loadVocabulary(encoding);
    const ranks = new Map(referenceTokens(encoding).map((bytes, rank) => [bytes.toString('latin1'), rank]));
    const wrong: string[] = [];
    for (let pair = 0; pair < 0x10000; pair++) {
      const bytes = Buffer.from([pair >> 8, pair & 255]).toString('latin1');
      if (vocabulary.rankOfPair(pair >> 8, pair & 255) !== (ranks.get(bytes) ?? noRank)) wrong.push(bytes);
    }
    expect(wrong).toEqual([]);
  });

  it('finds nothing else', async () => {
    const vocabulary = await loadVocabulary(encoding);
    const bytes = Buffer.from('no such token\u0000'.repeat(20));
    const hashes = new Int32Array(bytes.length + 1);
    hashPrefixes(bytes, bytes.length, hashes);
    expect(vocabulary.rankOfRange(bytes, hashes, 0, 14)).toBe(noRank);
    expect(vocabulary.rankOfRange(bytes, hashes, 0, bytes.length)).toBe(noRank);
  });
});

describe('character classes', () => {
  it('are those of the reference for every code point', async () => {
    const classes = await loadCharacterClasses();
    const units = new Uint16Array(2);
    const wrong: number[] = [];
    for (const [point, expected] of referenceClasses().entries()) {
      const text = String.fromCodePoint(point);
      for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
      if (classes.at(units, 0, text.length) !== 1 << expected) wrong.push(point);
    }
    expect(wrong).toEqual([]);
  });
});
