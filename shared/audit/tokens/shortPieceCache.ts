/** Characters of the longest piece that is kept. */
export const longestPacked = 12;

const slotInts = 4;

/**
 * Token counts of short ASCII pieces seen before, packed four characters into an integer, which are compared faster
 * than characters. A slot holds one piece; a new one takes the place of whatever is there.
 */
export class ShortPieceCache {
  readonly #mask: number;
  /** By slot: three integers of characters, and length times 256 plus count, 0 where the slot is free. */
  readonly #slots: Int32Array;

  /** @param bits of the number of slots, 16 bytes each. */
  constructor(bits: number) {
    this.#mask = (2 ** bits - 1) * slotInts;
    this.#slots = new Int32Array(slotInts * 2 ** bits);
  }

  /** Tokens of a piece of this length, packed from its start on; 0 where it is not kept. */
  get(first: number, second: number, third: number, length: number): number {
    const slots = this.#slots;
    const at = slotOf(first, second, third) & this.#mask;
    const entry = slots[at + 3] as number;
    const isKept =
      slots[at] === first && slots[at + 1] === second && slots[at + 2] === third && entry >> 8 === length;
    return isKept ? entry & 255 : 0;
  }

  set(first: number, second: number, third: number, length: number, count: number): void {
    const at = slotOf(first, second, third) & this.#mask;
    this.#slots[at] = first;
    this.#slots[at + 1] = second;
    this.#slots[at + 2] = third;
    this.#slots[at + 3] = (length << 8) | count;
  }
}

function slotOf(first: number, second: number, third: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) << 2;
}
