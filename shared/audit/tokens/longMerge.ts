import { MinHeap } from './minHeap.ts';
import { factor } from './polynomialHash.ts';
import { noRank, type Vocabulary } from './vocabulary.ts';

/** Positions fit into what a double holds exactly beside 18 bits of rank. */
const positions = 2 ** 32;

/**
 * Byte-pair merging of one long piece with a heap of pairs, in n log n: parts are a linked list of positions, and a pair
 * that has changed since it was put on the heap is passed over when its turn comes. Done in steps.
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
  /** Each merge takes one pair off and puts at most two on. */
  readonly #heap: MinHeap;
  /** How many bytes are linked, and their pairs on the heap. */
  #linked = 0;

  constructor(vocabulary: Vocabulary, bytes: Uint8Array) {
    const { length } = bytes;
    this.tokens = length;
    this.#vocabulary = vocabulary;
    this.#bytes = bytes;
    this.#hashes = new Int32Array(length + 1);
    this.#next = new Int32Array(length);
    this.#previous = new Int32Array(length + 1);
    this.#ranks = new Int32Array(length);
    this.#heap = new MinHeap(2 * length);
  }

  /** Looks at so many bytes or pairs; true once nothing is left to merge. */
  step(atMost: number): boolean {
    const { length } = this.#bytes;
    if (this.#linked < length) {
      this.#link(Math.min(this.#linked + atMost, length));
      return this.#linked === length && this.#isToken();
    }
    for (let i = 0; i < atMost; i++) {
      if (this.#heap.size === 0) return true;
      const key = this.#heap.pop();
      const at = key % positions;
      if (this.#ranks[at] === (key - at) / positions) this.#merge(at);
    }
    return false;
  }

  #link(end: number): void {
    const bytes = this.#bytes;
    const hashes = this.#hashes;
    for (let i = this.#linked; i < end; i++) {
      hashes[i + 1] = (Math.imul(hashes[i] as number, factor) + (bytes[i] as number) + 1) | 0;
      this.#next[i] = i + 1;
      this.#previous[i] = i - 1;
      const isLast = i + 1 === bytes.length;
      this.#put(i, isLast ? noRank : this.#vocabulary.rankOfPair(bytes[i] as number, bytes[i + 1] as number));
    }
    this.#linked = end;
  }

  /** A piece that is a token is one, whether or not merging would lead there. */
  #isToken(): boolean {
    const { length } = this.#bytes;
    const isToken = this.#vocabulary.rankOfRange(this.#bytes, this.#hashes, 0, length) !== noRank;
    if (isToken) this.tokens = 1;
    return isToken;
  }

  #merge(at: number): void {
    const gone = this.#next[at] as number;
    const after = this.#next[gone] as number;
    this.#next[at] = after;
    this.#previous[after] = at;
    this.#ranks[gone] = noRank;
    this.tokens--;
    this.#put(at, this.#rankWithNext(at));
    if (at > 0) {
      const before = this.#previous[at] as number;
      this.#put(before, this.#rankWithNext(before));
    }
  }

  #rankWithNext(at: number): number {
    const second = this.#next[at] as number;
    if (second >= this.#bytes.length) return noRank;
    return this.#vocabulary.rankOfRange(this.#bytes, this.#hashes, at, this.#next[second] as number);
  }

  #put(at: number, rank: number): void {
    this.#ranks[at] = rank;
    if (rank !== noRank) this.#heap.push(rank * positions + at);
  }
}
