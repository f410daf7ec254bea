import type { TokenEncoding } from '../../config/audit.ts';
import { Turns } from '../turns.ts';
import { readAsset } from './assets.ts';
import { factor, spread } from './polynomialHash.ts';

/** The rank of what is no token: higher than any. */
export const noRank = 0x7fffffff;

const rankBits = 18;
const rankMask = (1 << rankBits) - 1;

const tokensATurn = 16_384;

/**
 * The tokens of an encoding by their bytes, in an open-addressing table. A slot holds the rank plus 1 below 14 bits of
 * the hash, which keep most comparisons of bytes away.
 */
export class Vocabulary {
  readonly size: number;
  /** Bytes of the longest token. */
  longest = 0;
  readonly #lengths: Uint8Array;
  readonly #bytes: Uint8Array;
  /** Where each rank's bytes begin; one more for the end of the last. */
  readonly #offsets: Uint32Array;
  readonly #slots: Int32Array;
  readonly #slotMask: number;
  /** factor to the power of each length that a token can have. */
  readonly #powers = new Int32Array(256).fill(1);
  /** Ranks of two bytes, by the first times 256 plus the second. */
  readonly #pairs = new Int32Array(0x10000).fill(noRank);

  private constructor(table: Uint8Array) {
    this.size = new DataView(table.buffer, table.byteOffset).getUint32(0, true);
    this.#lengths = table.subarray(4, 4 + this.size);
    this.#bytes = table.subarray(4 + this.size);
    this.#offsets = new Uint32Array(this.size + 1);
    for (let i = 1; i < 256; i++) this.#powers[i] = Math.imul(this.#powers[i - 1] as number, factor);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(this.size * 2)));
    this.#slotMask = this.#slots.length - 1;
  }

  /**
   * Builds the table; gives way to other work as it goes.
   * @param table number of tokens in 4 bytes, lowest first; the length of each in a byte; their bytes by rank.
   */
  static async from(table: Uint8Array): Promise<Vocabulary> {
    const vocabulary = new Vocabulary(table);
    const turns = new Turns();
    for (let rank = 0; rank < vocabulary.size; rank += tokensATurn) {
      vocabulary.#fill(rank, Math.min(rank + tokensATurn, vocabulary.size));
      await turns.giveWay();
    }
    return vocabulary;
  }

  #fill(from: number, to: number): void {
    const bytes = this.#bytes;
    let start = this.#offsets[from] as number;
    for (let rank = from; rank < to; rank++) {
      const end = start + (this.#lengths[rank] as number);
      let hash = 0;
      for (let i = start; i < end; i++) hash = (Math.imul(hash, factor) + (bytes[i] as number) + 1) | 0;
      this.#offsets[rank + 1] = end;
      this.longest = Math.max(this.longest, end - start);
      if (end - start === 2)
        this.#pairs[((bytes[start] as number) << 8) | (bytes[start + 1] as number)] = rank;
      const key = spread(hash);
      let slot = key & this.#slotMask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#slotMask;
      this.#slots[slot] = (key & ~rankMask) | (rank + 1);
      start = end;
    }
  }

  /** Rank of the bytes, or code units below 128, from `start` to `end`, whose hash is given; `noRank` where they are no token. */
  rankOf(values: Uint8Array | Uint16Array, start: number, end: number, hash: number): number {
    const key = spread(hash);
    const slots = this.#slots;
    for (let slot = key & this.#slotMask; ; slot = (slot + 1) & this.#slotMask) {
      const found = slots[slot] as number;
      if (found === 0) return noRank;
      if (((found ^ key) & ~rankMask) !== 0) continue;
      const rank = (found & rankMask) - 1;
      if (this.#equals(rank, values, start, end)) return rank;
    }
  }

  #equals(rank: number, values: Uint8Array | Uint16Array, start: number, end: number): boolean {
    let at = this.#offsets[rank] as number;
    if ((this.#offsets[rank + 1] as number) - at !== end - start) return false;
    const bytes = this.#bytes;
    for (let i = start; i < end; i++) if (values[i] !== bytes[at++]) return false;
    return true;
  }

  /** Rank of `bytes[start..end)`, where `hashes` has the hash of all before each byte. */
  rankOfRange(bytes: Uint8Array, hashes: Int32Array, start: number, end: number): number {
    const length = end - start;
    if (length > this.longest) return noRank;
    const before = Math.imul(hashes[start] as number, this.#powers[length] as number);
    return this.rankOf(bytes, start, end, ((hashes[end] as number) - before) | 0);
  }

  rankOfPair(first: number, second: number): number {
    return this.#pairs[(first << 8) | second] as number;
  }
}

/** Reads an encoding's tokens. @throws Error where the table is missing or damaged. */
export async function loadVocabulary(encoding: TokenEncoding): Promise<Vocabulary> {
  return Vocabulary.from(await readAsset(encoding));
}
