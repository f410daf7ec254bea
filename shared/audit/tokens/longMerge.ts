import { MinHeap } from './minHeap.ts';
import { hashPrefixes } from './polynomialHash.ts';
import { noRank, type Vocabulary } from './vocabulary.ts';

/** Positions fit into what a double holds exactly beside 18 bits of rank. */
const positions = 2 ** 32;

/**
 * Byte-pair merging of one long piece with a heap of pairs, in n log n: parts are a linked list of positions, and a pair
 * that has changed since it was put on the heap is passed over when its turn comes. Can be done in steps.
 */
export class LongMerge {
  /** Tokens so far; final once {@link LongMerge.step} has returned true. */
  tokens: number;
  readonly #vocabulary: Vocabulary;
  readonly #bytes: Uint8Array;
  readonly #hashes: Int32Array;
  /** By where a part begins: where the next and the previous one do, and the rank of this one joined with the next. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #ranks: Int32Array;
  readonly #heap: MinHeap;

  constructor(vocabulary: Vocabulary, bytes: Uint8Array) {
    const { length } = bytes;
    this.tokens = length;
    this.#vocabulary = vocabulary;
    this.#bytes = bytes;
    this.#hashes = new Int32Array(length + 1);
    hashPrefixes(bytes, length, this.#hashes);
    this.#next = new Int32Array(length);
    this.#previous = new Int32Array(length + 1);
    this.#ranks = new Int32Array(length).fill(noRank);
    for (let i = 0; i < length; i++) {
      this.#next[i] = i + 1;
      this.#previous[i] = i - 1;
      if (i + 1 < length) this.#ranks[i] = vocabulary.rankOfPair(bytes[i] as number, bytes[i + 1] as number);
    }
    const isToken = vocabulary.rankOfRange(bytes, this.#hashes, 0, length) !== noRank;
    if (isToken) this.tokens = 1;
    this.#heap = isToken ? new MinHeap(new Float64Array(), 0) : this.#pairs();
  }

  /** Each merge takes one pair off the heap and puts at most two on. */
  #pairs(): MinHeap {
    const keys = new Float64Array(this.#ranks.length);
    let count = 0;
    for (const [i, rank] of this.#ranks.entries()) if (rank !== noRank) keys[count++] = rank * positions + i;
    return new MinHeap(keys.subarray(0, count), 2 * this.#ranks.length);
  }

  /** Looks at so many pairs; true once nothing is left to merge. */
  step(pairs: number): boolean {
    for (let i = 0; i < pairs; i++) {
      if (this.#heap.size === 0) return true;
      const key = this.#heap.pop();
      const at = key % positions;
      if (this.#ranks[at] === (key - at) / positions) this.#merge(at);
    }
    return false;
  }

  #merge(at: number): void {
    const [next, previous] = [this.#next, this.#previous];
    const gone = next[at] as number;
    const after = next[gone] as number;
    next[at] = after;
    previous[after] = at;
    this.#ranks[gone] = noRank;
    this.tokens--;
    this.#rank(at);
    if (at > 0) this.#rank(previous[at] as number);
  }

  /** Ranks a part joined with the next. */
  #rank(at: number): void {
    const second = this.#next[at] as number;
    const { length } = this.#bytes;
    const rank =
      second >= length
        ? noRank
        : this.#vocabulary.rankOfRange(this.#bytes, this.#hashes, at, this.#next[second] as number);
    this.#ranks[at] = rank;
    if (rank !== noRank) this.#heap.push(rank * positions + at);
  }
}
