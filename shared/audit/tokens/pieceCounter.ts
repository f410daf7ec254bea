import { LongMerge } from './longMerge.ts';
import { longestKept, PieceCache } from './pieceCache.ts';
import { factor, hashPrefixes, spread } from './polynomialHash.ts';
import { longestShort, ShortMerge } from './shortMerge.ts';
import { bytesPerUnit, writeUtf8 } from './utf8.ts';
import { noRank, type Vocabulary } from './vocabulary.ts';

const cacheBits = 16;

/** Counts the tokens of single pieces; they are UTF-16 code units of a longer array. */
export class PieceCounter {
  readonly #vocabulary: Vocabulary;
  readonly #cache = new PieceCache(cacheBits);
  readonly #short: ShortMerge;
  readonly #bytes = new Uint8Array(longestShort * bytesPerUnit);
  readonly #hashes = new Int32Array(longestShort * bytesPerUnit + 1);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#short = new ShortMerge(vocabulary);
  }

  /** Tokens of a piece that is not empty. */
  count(units: Uint16Array, start: number, end: number): number {
    const length = end - start;
    if (length > this.#vocabulary.longest) return this.#countLong(units, start, end);
    let [hash, all] = [0, 0];
    for (let i = start; i < end; i++) {
      const unit = units[i] as number;
      all |= unit;
      hash = (Math.imul(hash, factor) + unit + 1) | 0;
    }
    if (length > longestKept) return this.#countAnew(units, start, end, hash, all);
    const key = spread(hash);
    const kept = this.#cache.get(key, units, start, end);
    if (kept > 0) return kept;
    const counted = this.#countAnew(units, start, end, hash, all);
    this.#cache.set(key, units, start, end, counted);
    return counted;
  }

  #countAnew(units: Uint16Array, start: number, end: number, hash: number, all: number): number {
    if (all < 0x80 && this.#vocabulary.rankOf(units, start, end, hash) !== noRank) return 1;
    if (end - start > longestShort) return this.#countLong(units, start, end);
    const length = writeUtf8(units, start, end, this.#bytes);
    hashPrefixes(this.#bytes, length, this.#hashes);
    if (all >= 0x80 && this.#vocabulary.rankOfRange(this.#bytes, this.#hashes, 0, length) !== noRank)
      return 1;
    if (length <= longestShort) return this.#short.count(this.#bytes, this.#hashes, length);
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
