import {
  blank,
  type CharacterClasses,
  lineEnd,
  mark,
  number,
  other,
  surrogate,
  widthAt,
} from './characterClasses.ts';

/**
 * Splits text into the pieces that are merged each for itself, as the regular expression of an encoding does, in one
 * pass over UTF-16 code units. Alternatives that both split patterns share are here.
 */
export abstract class Splitter {
  protected readonly classes: CharacterClasses;
  /** Class of each code unit: what the loops need, until one meets a surrogate. */
  protected readonly table: Uint8Array;
  /** How far the last piece's end was looked for: with more text behind that, it could only be the same. */
  reach = 0;

  constructor(classes: CharacterClasses) {
    this.classes = classes;
    this.table = classes.units;
  }

  /** Where the piece ends that begins at `start`, which is before `end`; the text is over at `end`. */
  abstract pieceEnd(units: Uint16Array, start: number, end: number): number;

  /** `\p{N}{1,3}` */
  protected numberEnd(units: Uint16Array, start: number, end: number): number {
    let at = start;
    for (let digits = 0; digits < 3 && at < end; digits++) {
      if (this.classes.at(units, at, end) !== number) break;
      at += widthAt(units, at, end);
    }
    this.reach = at;
    return at;
  }

  /** `[^\s\p{L}\p{N}]+[\r\nX]*` with one more unit X, from a character on that is of it. */
  protected symbolsEnd(units: Uint16Array, start: number, end: number, tail: number): number {
    const table = this.table;
    let at = start;
    while (at < end && ((table[units[at] as number] as number) & (other | mark)) !== 0) at++;
    if (at < end && table[units[at] as number] === surrogate)
      at = this.classes.runEnd(units, at, end, other | mark);
    while (at < end && (isLineEnd(units[at] as number) || units[at] === tail)) at++;
    this.reach = at;
    return at;
  }

  /** `\s*[\r\n]+|\s+(?!\S)|\s+`: to the last line end, else all but the blank before a word. */
  protected whiteSpaceEnd(units: Uint16Array, start: number, end: number): number {
    const table = this.table;
    let at = start;
    let lineEndsAt = 0;
    for (; at < end; at++) {
      const found = table[units[at] as number] as number;
      if (found === lineEnd) lineEndsAt = at + 1;
      else if (found !== blank) break;
    }
    this.reach = at;
    if (lineEndsAt > 0) return lineEndsAt;
    return at === end || at - start === 1 ? at : at - 1;
  }
}

export const space = 0x20;
export const apostrophe = 0x27;
export const slash = 0x2f;
export const lineFeed = 0x0a;
const carriageReturn = 0x0d;

const isLineEnd = (unit: number) => unit === lineFeed || unit === carriageReturn;

/** Where `'s|'t|'re|'ve|'m|'ll|'d` in either case ends at `at`; `at` itself where there is none. */
export function contractionEnd(units: Uint16Array, at: number, end: number): number {
  if (at + 1 >= end || units[at] !== apostrophe) return at;
  const next = (units[at + 1] as number) | 0x20;
  // U+017F is a small s, too.
  if (next === 0x73 || next === 0x74 || next === 0x6d || next === 0x64 || next === 0x17f) return at + 2;
  if (at + 2 >= end) return at;
  const last = (units[at + 2] as number) | 0x20;
  const isPair =
    (next === 0x72 && last === 0x65) || (next === 0x76 && last === 0x65) || (next === 0x6c && last === 0x6c);
  return isPair ? at + 3 : at;
}
