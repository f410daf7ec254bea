import { LongMerge } from './longMerge.ts';
import { longestKept, PieceCache } from './pieceCache.ts';
import { factor, hashPrefixes, spread } from './polynomialHash.ts';
import { longestShort, ShortMerge } from './shortMerge.ts';
import { longestPacked, ShortPieceCache } from './shortPieceCache.ts';
import { bytesPerUnit, writeUtf8 } from './utf8.ts';
import { noRank, type Vocabulary } from './vocabulary.ts';

const cacheBits = 16;

/** Counts the tokens of single pieces; they are UTF-16 code units of a longer array. */
export class PieceCounter {
  readonly #vocabulary: Vocabulary;
  readonly #cache = new PieceCache(cacheBits);
  readonly #shortCache = new ShortPieceCache(cacheBits);
  readonly #merge: ShortMerge;
  readonly #bytes = new Uint8Array(longestShort * bytesPerUnit);
  readonly #hashes = new Int32Array(longestShort * bytesPerUnit + 1);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#merge = new ShortMerge(vocabulary);
  }

  /** Tokens of a piece that is not empty. */
  count(units: Uint16Array, start: number, end: number): number {
    const length = end - start;
    if (length > longestPacked) return this.#countOther(units, start, end);
    const firstEnd = length > 4 ? start + 4 : end;
    const secondEnd = length > 8 ? start + 8 : end;
    let first = 0;
    let second = 0;
    let third = 0;
    let all = 0;
    for (let i = start; i < firstEnd; i++) {
      const unit = units[i] as number;
      all |= unit;
      first = (first << 8) | unit;
    }
    for (let i = firstEnd; i < secondEnd; i++) {
      const unit = units[i] as number;
      all |= unit;
      second = (second << 8) | unit;
    }
    for (let i = secondEnd; i < end; i++) {
      const unit = units[i] as number;
      all |= unit;
      third = (third << 8) | unit;
    }
    if (all >= 0x80) return this.#countOther(units, start, end);
    if (length === 1) return 1;
    const kept = this.#shortCache.get(first, second, third, length);
    if (kept > 0) return kept;
    const counted = this.#countAnew(units, start, end, hashOf(units, start, end));
    this.#shortCache.set(first, second, third, length, counted);
    return counted;
  }

  #countOther(units: Uint16Array, start: number, end: number): number {
    if (end - start > this.#vocabulary.longest) return this.#countLong(units, start, end);
    const hash = hashOf(units, start, end);
    if (end - start > longestKept) return this.#countAnew(units, start, end, hash);
    const key = spread(hash);
    const kept = this.#cache.get(key, units, start, end);
    if (kept > 0) return kept;
    const counted = this.#countAnew(units, start, end, hash);
    this.#cache.set(key, units, start, end, counted);
    return counted;
  }

  #countAnew(units: Uint16Array, start: number, end: number, hash: number): number {
    const isAscii = isAsciiOnly(units, start, end);
    if (isAscii && this.#vocabulary.rankOf(units, start, end, hash) !== noRank) return 1;
    if (end - start > longestShort) return this.#countLong(units, start, end);
    const length = writeUtf8(units, start, end, this.#bytes);
    hashPrefixes(this.#bytes, length, this.#hashes);
    if (!isAscii && this.#vocabulary.rankOfRange(this.#bytes, this.#hashes, 0, length) !== noRank) return 1;
    if (length <= longestShort) return this.#merge.count(this.#bytes, this.#hashes, length);
    return this.#countLong(units, start, end);
  }

  #countLong(units: Uint16Array, start: number, end: number): number {
    const merge = this.merge(units, start, end);
    while (!merge.step(Number.POSITIVE_INFINITY));
    return merge.tokens;
  }

  /** The count of a long piece, to be done in steps. */
  merge(units: Uint16Array, start: number, end: number): LongMerge {
    const bytes = new Uint8Array((end - start) * bytesPerUnit);
    return new LongMerge(this.#vocabulary, bytes.subarray(0, writeUtf8(units, start, end, bytes)));
  }
}

function hashOf(units: Uint16Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, factor) + (units[i] as number) + 1) | 0;
  return hash;
}

function isAsciiOnly(units: Uint16Array, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= units[i] as number;
  return all < 0x80;
}
