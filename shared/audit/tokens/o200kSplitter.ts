import {
  blank,
  caseless,
  letter,
  lower,
  mark,
  number,
  other,
  surrogate,
  upper,
  widthAt,
} from './characterClasses.ts';
import { apostrophe, contractionEnd, Splitter, slash, space } from './splitter.ts';

const word = letter | mark;
const capitals = upper | caseless | mark;
const smalls = lower | caseless | mark;

/**
 * o200k_base: a word is one of
 * `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` and
 * `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`; then
 * `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
 */
export class O200kSplitter extends Splitter {
  pieceEnd(units: Uint16Array, start: number, end: number): number {
    const table = this.table;
    const first = table[units[start] as number] as number;
    if ((first & word) !== 0) return this.#wordEnd(units, start, end);
    const second = start + 1;
    if ((first & (other | blank)) !== 0 && second < end) {
      const next = table[units[second] as number] as number;
      if ((next & word) !== 0) return this.#wordEnd(units, second, end);
      if (next === surrogate) return this.#widePieceEnd(units, start, end);
      if (units[start] === space && next === other) return this.symbolsEnd(units, second, end, slash);
    }
    if (first === other) return this.symbolsEnd(units, start, end, slash);
    if (first === number) return this.numberEnd(units, start, end);
    if (first === surrogate) return this.#widePieceEnd(units, start, end);
    return this.whiteSpaceEnd(units, start, end);
  }

  /** The same where one of the first two characters may be a surrogate pair. */
  #widePieceEnd(units: Uint16Array, start: number, end: number): number {
    const first = this.classes.at(units, start, end);
    if ((first & word) !== 0) return this.#wordEnd(units, start, end);
    if (first === number) return this.numberEnd(units, start, end);
    const second = start + widthAt(units, start, end);
    const next = second < end ? this.classes.at(units, second, end) : 0;
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
    const table = this.table;
    let at = start;
    let seen = 0;
    for (; at < end; at++) {
      const found = table[units[at] as number] as number;
      if ((found & capitals) === 0) break;
      seen |= found;
    }
    const capitalsEnd = at;
    while (at < end && ((table[units[at] as number] as number) & smalls) !== 0) at++;
    if (at < end && table[units[at] as number] === surrogate) return this.#wideWordEnd(units, start, end);
    this.reach = at;
    if (at === capitalsEnd && seen !== upper) at = this.#lastCaselessEnd(units, start, at);
    return at < end && units[at] === apostrophe ? contractionEnd(units, at, end) : at;
  }

  /** The same where letters may be surrogate pairs. */
  #wideWordEnd(units: Uint16Array, start: number, end: number): number {
    const capitalsEnd = this.classes.runEnd(units, start, end, capitals);
    const at = this.classes.runEnd(units, capitalsEnd, end, smalls);
    this.reach = at;
    const wordEnd = at === capitalsEnd ? this.#lastCaselessEnd(units, start, at) : at;
    return contractionEnd(units, wordEnd, end);
  }

  /** The end of the last caseless letter or mark; `end` where there is none. */
  #lastCaselessEnd(units: Uint16Array, start: number, end: number): number {
    for (let at = end; at > start; ) {
      const isPair = at - start > 1 && widthAt(units, at - 2, at) === 2;
      const from = at - (isPair ? 2 : 1);
      if ((this.classes.at(units, from, at) & (caseless | mark)) !== 0) return at;
      at = from;
    }
    return end;
  }
}
