import { noRank, type Vocabulary } from './vocabulary.ts';

/** Bytes of the longest piece that is merged by looking through all of its pairs at each step. */
export const longestShort = 48;

/** Byte-pair merging of short pieces: quadratic, and the fastest where there is little to look through. */
export class ShortMerge {
  readonly #vocabulary: Vocabulary;
  /** Where each part begins, and behind the last, the piece's end. */
  readonly #starts = new Int32Array(longestShort + 2);
  /** Rank of each part joined with the one after it. */
  readonly #ranks = new Int32Array(longestShort + 2);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Tokens of a piece of 1 to `longestShort` bytes; `hashes` has the hash of all before each byte. */
  count(bytes: Uint8Array, hashes: Int32Array, length: number): number {
    const starts = this.#starts;
    const ranks = this.#ranks;
    for (let i = 0; i < length; i++) {
      starts[i] = i;
      ranks[i] =
        i + 1 < length ? this.#vocabulary.rankOfPair(bytes[i] as number, bytes[i + 1] as number) : noRank;
    }
    starts[length] = length;
    let parts = length;
    for (;;) {
      const lowest = this.#lowest(parts - 1);
      if (lowest < 0) return parts;
      parts--;
      for (let i = lowest + 1; i <= parts; i++) {
        starts[i] = starts[i + 1] as number;
        ranks[i] = ranks[i + 1] as number;
      }
      ranks[lowest] = this.#rankFrom(bytes, hashes, lowest, parts);
      if (lowest > 0) ranks[lowest - 1] = this.#rankFrom(bytes, hashes, lowest - 1, parts);
    }
  }

  /** The first of the lowest ranks, or -1 where nothing can be merged. */
  #lowest(pairs: number): number {
    let lowest = -1;
    let rank = noRank;
    for (let i = 0; i < pairs; i++) {
      const found = this.#ranks[i] as number;
      if (found < rank) {
        rank = found;
        lowest = i;
      }
    }
    return lowest;
  }

  #rankFrom(bytes: Uint8Array, hashes: Int32Array, part: number, parts: number): number {
    if (part + 1 >= parts) return noRank;
    const starts = this.#starts;
    return this.#vocabulary.rankOfRange(bytes, hashes, starts[part] as number, starts[part + 2] as number);
  }
}
