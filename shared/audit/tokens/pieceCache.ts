/** Code units of the longest piece that is kept. */
export const longestKept = 32;

/**
 * Token counts of pieces seen before. Each slot holds one piece, and a new one takes the place of whatever is there: its
 * size never grows, and no choice of pieces makes a look-up slow.
 */
export class PieceCache {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  /** Length times 256 plus count; 0 where the slot is free. */
  readonly #entries: Uint16Array;
  readonly #units: Uint16Array;

  /** @param bits of the number of slots: about 70 bytes each. */
  constructor(bits: number) {
    this.#mask = 2 ** bits - 1;
    this.#hashes = new Int32Array(2 ** bits);
    this.#entries = new Uint16Array(2 ** bits);
    this.#units = new Uint16Array(longestKept * 2 ** bits);
  }

  /** Tokens of the piece, which is at most `longestKept` long and has this hash; 0 where it is not kept. */
  get(key: number, units: Uint16Array, start: number, end: number): number {
    const slot = key & this.#mask;
    const entry = this.#entries[slot] as number;
    if (this.#hashes[slot] !== key || entry >> 8 !== end - start) return 0;
    const kept = this.#units;
    for (let i = start, at = slot * longestKept; i < end; i++) if (kept[at++] !== units[i]) return 0;
    return entry & 255;
  }

  set(key: number, units: Uint16Array, start: number, end: number, count: number): void {
    const slot = key & this.#mask;
    this.#hashes[slot] = key;
    this.#entries[slot] = ((end - start) << 8) | count;
    for (let i = start, at = slot * longestKept; i < end; i++) this.#units[at++] = units[i] as number;
  }
}
