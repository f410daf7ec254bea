import { blank, letter, mark, number, other, surrogate, widthAt } from './characterClasses.ts';
import { apostrophe, contractionEnd, lineFeed, Splitter, space } from './splitter.ts';

const symbol = other | mark;

/**
 * cl100k_base: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
 */
export class Cl100kSplitter extends Splitter {
  pieceEnd(units: Uint16Array, start: number, end: number): number {
    const table = this.table;
    const first = table[units[start] as number] as number;
    if ((first & letter) !== 0) return this.#lettersEnd(units, start, end);
    const second = start + 1;
    if ((first & (other | mark | blank)) !== 0 && second < end) {
      if (units[start] === apostrophe) return this.#quotedEnd(units, start, end);
      const next = table[units[second] as number] as number;
      if ((next & letter) !== 0) return this.#lettersEnd(units, second, end);
      if (next === surrogate) return this.#widePieceEnd(units, start, end);
      if (units[start] === space && (next & symbol) !== 0)
        return this.symbolsEnd(units, second, end, lineFeed);
    }
    if ((first & symbol) !== 0) return this.symbolsEnd(units, start, end, lineFeed);
    if (first === number) return this.numberEnd(units, start, end);
    if (first === surrogate) return this.#widePieceEnd(units, start, end);
    return this.whiteSpaceEnd(units, start, end);
  }

  #quotedEnd(units: Uint16Array, start: number, end: number): number {
    const contraction = contractionEnd(units, start, end);
    if (contraction === start) return this.#widePieceEnd(units, start, end);
    this.reach = contraction;
    return contraction;
  }

  /** The same where one of the first two characters may be a surrogate pair, and neither begins a contraction. */
  #widePieceEnd(units: Uint16Array, start: number, end: number): number {
    const first = this.classes.at(units, start, end);
    if ((first & letter) !== 0) return this.#lettersEnd(units, start, end);
    if (first === number) return this.numberEnd(units, start, end);
    const second = start + widthAt(units, start, end);
    const next = second < end ? this.classes.at(units, second, end) : 0;
    if ((next & letter) !== 0) return this.#lettersEnd(units, second, end);
    if ((first & symbol) !== 0) return this.symbolsEnd(units, start, end, lineFeed);
    if (units[start] === space && (next & symbol) !== 0) return this.symbolsEnd(units, second, end, lineFeed);
    return this.whiteSpaceEnd(units, start, end);
  }

  #lettersEnd(units: Uint16Array, start: number, end: number): number {
    const table = this.table;
    let at = start;
    while (at < end && ((table[units[at] as number] as number) & letter) !== 0) at++;
    if (at < end && table[units[at] as number] === surrogate)
      at = this.classes.runEnd(units, at, end, letter);
    this.reach = at;
    return at;
  }
}
