import {
  blank,
  type CharacterClasses,
  caseless,
  letter,
  lineEnd,
  lower,
  mark,
  number,
  other,
  upper,
  widthAt,
} from './characterClasses.ts';

const apostrophe = 0x27;
const space = 0x20;
const slash = 0x2f;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Splits text into the pieces that are merged each for itself, as the regular expression of an encoding does, in one
 * pass over UTF-16 code units. Alternatives that both split patterns share are here.
 */
export abstract class Splitter {
  protected readonly classes: CharacterClasses;
  /** How far the last piece's end was looked for: with more text behind that, it could only be the same. */
  reach = 0;

  constructor(classes: CharacterClasses) {
    this.classes = classes;
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
    let at = this.classes.runEnd(units, start, end, other | mark);
    while (at < end && (isLineEnd(units[at] as number) || units[at] === tail)) at++;
    this.reach = at;
    return at;
  }

  /** `\s*[\r\n]+|\s+(?!\S)|\s+`: to the last line end, else all but the blank before a word. */
  protected whiteSpaceEnd(units: Uint16Array, start: number, end: number): number {
    const runEnd = this.classes.runEnd(units, start, end, blank | lineEnd);
    this.reach = runEnd;
    for (let at = runEnd; at > start; at--) if (isLineEnd(units[at - 1] as number)) return at;
    return runEnd === end || runEnd - start === 1 ? runEnd : runEnd - 1;
  }
}

/** Where `'s|'t|'re|'ve|'m|'ll|'d` in either case ends at `at`; `at` itself where there is none. */
function contractionEnd(units: Uint16Array, at: number, end: number): number {
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

const isLineEnd = (unit: number) => unit === lineFeed || unit === carriageReturn;

/**
 * cl100k_base: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
 */
export class Cl100kSplitter extends Splitter {
  pieceEnd(units: Uint16Array, start: number, end: number): number {
    const { classes } = this;
    const first = classes.at(units, start, end);
    if ((first & letter) !== 0) return this.#lettersEnd(units, start, end);
    if (first === number) return this.numberEnd(units, start, end);
    const contraction = contractionEnd(units, start, end);
    if (contraction > start) {
      this.reach = contraction;
      return contraction;
    }
    const second = start + widthAt(units, start, end);
    const next = first === lineEnd || second >= end ? 0 : classes.at(units, second, end);
    if ((next & letter) !== 0) return this.#lettersEnd(units, second, end);
    if ((first & (other | mark)) !== 0) return this.symbolsEnd(units, start, end, lineFeed);
    if (units[start] === space && (next & (other | mark)) !== 0)
      return this.symbolsEnd(units, second, end, lineFeed);
    return this.whiteSpaceEnd(units, start, end);
  }

  #lettersEnd(units: Uint16Array, start: number, end: number): number {
    this.reach = this.classes.runEnd(units, start, end, letter);
    return this.reach;
  }
}

const word = letter | mark;

/**
 * o200k_base: a word is one of
 * `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` and
 * `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`; then
 * `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
 */
export class O200kSplitter extends Splitter {
  pieceEnd(units: Uint16Array, start: number, end: number): number {
    const { classes } = this;
    const first = classes.at(units, start, end);
    if ((first & word) !== 0) return this.#wordEnd(units, start, end);
    if (first === number) return this.numberEnd(units, start, end);
    const second = start + widthAt(units, start, end);
    const next = first === lineEnd || second >= end ? 0 : classes.at(units, second, end);
    if ((next & word) !== 0) return this.#wordEnd(units, second, end);
    if (first === other) return this.symbolsEnd(units, start, end, slash);
    if (units[start] === space && next === other) return this.symbolsEnd(units, second, end, slash);
    return this.whiteSpaceEnd(units, start, end);
  }

  /**
   * Capitals belong to a word with small letters behind them. Where none are, the word ends with its last caseless letter
   * or mark, and is all capitals where it has neither.
   */
  #wordEnd(units: Uint16Array, start: number, end: number): number {
    const { classes } = this;
    const capitalsEnd = classes.runEnd(units, start, end, upper | caseless | mark);
    let wordEnd = classes.runEnd(units, capitalsEnd, end, lower | caseless | mark);
    this.reach = wordEnd;
    if (wordEnd === capitalsEnd) wordEnd = this.#lastCaselessEnd(units, start, capitalsEnd) ?? capitalsEnd;
    return contractionEnd(units, wordEnd, end);
  }

  #lastCaselessEnd(units: Uint16Array, start: number, end: number): number | undefined {
    for (let at = end; at > start; ) {
      const isPair = at - start > 1 && widthAt(units, at - 2, end) === 2;
      const from = at - (isPair ? 2 : 1);
      if ((this.classes.at(units, from, end) & (caseless | mark)) !== 0) return at;
      at = from;
    }
    return undefined;
  }
}
