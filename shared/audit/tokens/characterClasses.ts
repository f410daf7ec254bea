import { readAsset } from './assets.ts';

/** Classes that the encodings' split patterns tell apart, one bit each; every code point is in exactly one. */
export const lower = 1;
/** Upper and title case. */
export const upper = 2;
/** Letters without case, and modifiers. */
export const caseless = 4;
export const mark = 8;
export const number = 16;
/** White space that ends no line. */
export const blank = 32;
/** Carriage return and line feed. */
export const lineEnd = 64;
/** Punctuation, symbols, control characters and whatever is unassigned. */
export const other = 128;

export const letter = lower | upper | caseless;

/** What a half of a surrogate pair is found as in the table of code units: no class. */
export const surrogate = 0;

/**
 * Classes by code unit, and by binary search beyond U+FFFF. They come from the reference's own regular expressions, not
 * from this runtime's, which knows a later Unicode.
 */
export class CharacterClasses {
  /** Class of each code unit; halves of pairs have none. */
  readonly units = new Uint8Array(0x10000);
  readonly #starts: Uint32Array;
  readonly #classes: Uint8Array;

  /** @param runs of code points of one class from U+0000 on: the bit's number, then the length in 7 bits a byte, lowest first. */
  constructor(runs: Uint8Array) {
    const starts: number[] = [];
    const classes: number[] = [];
    let start = 0;
    for (let at = 0; at < runs.length; ) {
      const found = 1 << (runs[at++] ?? 0);
      let length = 0;
      for (let shift = 0, byte = 128; byte & 128; shift += 7) {
        byte = runs[at++] ?? 0;
        length |= (byte & 127) << shift;
      }
      this.units.fill(found, start, start + length);
      starts.push(start);
      classes.push(found);
      start += length;
    }
    this.units.fill(surrogate, 0xd800, 0xe000);
    this.#starts = Uint32Array.from(starts);
    this.#classes = Uint8Array.from(classes);
  }

  /** Class of the character at `i`, which is before `end`; an unpaired surrogate counts as U+FFFD. */
  at(units: Uint16Array, i: number, end: number): number {
    return this.units[units[i] as number] || this.#beyond(units, i, end);
  }

  /** Where the run of characters of the classes in `mask` ends that begins at `i`. */
  runEnd(units: Uint16Array, i: number, end: number, mask: number): number {
    const table = this.units;
    let at = i;
    for (;;) {
      while (at < end && ((table[units[at] as number] as number) & mask) !== 0) at++;
      if (at >= end || table[units[at] as number] !== surrogate) return at;
      if ((this.#beyond(units, at, end) & mask) === 0) return at;
      at += widthAt(units, at, end);
    }
  }

  #beyond(units: Uint16Array, i: number, end: number): number {
    if (widthAt(units, i, end) === 1) return other;
    const point = (((units[i] as number) - 0xd800) << 10) + (units[i + 1] as number) - 0xdc00 + 0x10000;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= point) low = middle;
      else high = middle - 1;
    }
    return this.#classes[low] as number;
  }
}

/** Code units of the character at `i`: 2 for a surrogate pair, else 1. */
export function widthAt(units: Uint16Array, i: number, end: number): 1 | 2 {
  const isPair =
    ((units[i] as number) & 0xfc00) === 0xd800 &&
    i + 1 < end &&
    ((units[i + 1] as number) & 0xfc00) === 0xdc00;
  return isPair ? 2 : 1;
}

/** Reads the one table of all encodings. @throws Error where it is missing or damaged. */
export async function loadCharacterClasses(): Promise<CharacterClasses> {
  return new CharacterClasses(await readAsset('classes'));
}
