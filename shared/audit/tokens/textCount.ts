import type { LongMerge } from './longMerge.ts';
import type { PieceCounter } from './pieceCounter.ts';
import type { Splitter } from './splitter.ts';

/** Code units looked at in a step: well under a millisecond of ordinary text. */
const windowUnits = 16_384;
/** Pairs of a long piece that are looked at in a step. */
const pairsAStep = 8_192;
/** A piece of more code units than this is merged in steps of its own. */
const longestAtOnce = 4_096;
/** How far behind a piece's end the splitters look: for a contraction, or the second half of a pair. */
const lookAhead = 3;

/** Room for a window, shared by all counts: none keeps anything there from one step to the next. */
let window = new Uint16Array(windowUnits);

function copyToWindow(text: string, start: number, end: number): void {
  const room = window.length < end - start ? new Uint16Array(end - start) : window;
  Buffer.from(room.buffer).write(text.slice(start, end), 'utf16le');
  window = room;
}

/**
 * The count of one text in steps. A step looks at a window of the text and leaves the pieces for the next one whose end
 * more text could change; so the total is exact wherever windows end.
 */
export class TextCount {
  /** Tokens so far; final once {@link TextCount.step} has returned true. */
  tokens = 0;
  readonly #text: string;
  readonly #splitter: Splitter;
  readonly #pieces: PieceCounter;
  #position = 0;
  #windowUnits = windowUnits;
  #merge: LongMerge | undefined;

  constructor(text: string, splitter: Splitter, pieces: PieceCounter) {
    this.#text = text;
    this.#splitter = splitter;
    this.#pieces = pieces;
  }

  /** Counts on for about a millisecond; true once all is counted. */
  step(): boolean {
    if (this.#merge) this.#stepMerge(this.#merge);
    else if (this.#position < this.#text.length) this.#stepWindow();
    return this.#position === this.#text.length && !this.#merge;
  }

  #stepMerge(merge: LongMerge): void {
    if (!merge.step(pairsAStep)) return;
    this.tokens += merge.tokens;
    this.#merge = undefined;
  }

  #stepWindow(): void {
    const windowEnd = Math.min(this.#position + this.#windowUnits, this.#text.length);
    copyToWindow(this.#text, this.#position, windowEnd);
    const counted = this.#countPieces(windowEnd - this.#position, windowEnd === this.#text.length);
    this.#position += counted;
    // A piece that fills the window is looked at again in one of twice the length.
    this.#windowUnits = counted === 0 ? 2 * this.#windowUnits : windowUnits;
  }

  /** Counts the pieces of the window, up to a long one; gives the number of code units they take. */
  #countPieces(end: number, isLast: boolean): number {
    const units = window;
    const splitter = this.#splitter;
    const pieces = this.#pieces;
    let at = 0;
    while (at < end) {
      const pieceEnd = splitter.pieceEnd(units, at, end);
      if (!isLast && splitter.reach + lookAhead > end) break;
      if (pieceEnd - at > longestAtOnce) {
        this.#merge = pieces.merge(units, at, pieceEnd);
        return pieceEnd;
      }
      this.tokens += pieces.count(units, at, pieceEnd);
      at = pieceEnd;
    }
    return at;
  }
}
