import { isAscii } from 'node:buffer';
import { type Decoded, decodeSource } from './sourceText.ts';

/** From about a megabyte on, V8 keeps a string outside of its heap. */
const blockBytes = 2 * 1024 * 1024;
const carriageReturn = 13;

/** A text that can be had once all have been kept, and what it takes in memory. */
export type KeptText = { ok: true; bytes: number; text(): string } | { ok: false; reason: string };

/** Joins many texts to long ones, in one of the two forms in which V8 keeps strings. */
class Blocks {
  readonly #encoding: 'latin1' | 'utf16le';
  readonly #width: number;
  readonly #bytes = Buffer.allocUnsafeSlow(blockBytes);
  #used = 0;
  #block: { text: string | undefined } = { text: undefined };

  constructor(encoding: 'latin1' | 'utf16le') {
    this.#encoding = encoding;
    this.#width = encoding === 'latin1' ? 1 : 2;
  }

  place(content: string | Uint8Array): KeptText {
    const { length } = content;
    if (length * this.#width > blockBytes) {
      const text = typeof content === 'string' ? content : Buffer.from(content).toString(this.#encoding);
      return { ok: true, bytes: length * this.#width, text: () => text };
    }
    if (this.#used + length * this.#width > blockBytes) this.seal();
    if (typeof content === 'string') this.#bytes.write(content, this.#used, this.#encoding);
    else this.#bytes.set(content, this.#used);
    const [block, from] = [this.#block, this.#used / this.#width];
    this.#used += length * this.#width;
    return {
      ok: true,
      bytes: length * this.#width,
      text: () => block.text?.slice(from, from + length) ?? '',
    };
  }

  seal(): void {
    this.#block.text = this.#bytes.toString(this.#encoding, 0, this.#used);
    this.#block = { text: undefined };
    this.#used = 0;
  }
}

/**
 * Keeps the texts of many files in long strings outside of the heap: thousands of strings in it would survive one
 * collection after the other, for which V8 takes twice their size.
 */
export class TextStore {
  readonly #narrow = new Blocks('latin1');
  #wide: Blocks | undefined;

  /** The bytes may be overwritten after this. */
  keep(bytes: Uint8Array): KeptText {
    const isPlain = isAscii(bytes) && !bytes.includes(carriageReturn) && !bytes.includes(0);
    if (isPlain) return this.#narrow.place(bytes);
    const decoded = decodeSource(bytes);
    if (!decoded.ok) return decoded;
    if (!/[\u0100-\uffff]/.test(decoded.text)) return this.#narrow.place(decoded.text);
    this.#wide ??= new Blocks('utf16le');
    return this.#wide.place(decoded.text);
  }

  /** Makes what was kept readable. */
  seal(): void {
    this.#narrow.seal();
    this.#wide?.seal();
  }
}

/** A text that is there already. */
export function keptText(decoded: Decoded): KeptText {
  if (!decoded.ok) return decoded;
  const { text } = decoded;
  return { ok: true, bytes: text.length, text: () => text };
}
