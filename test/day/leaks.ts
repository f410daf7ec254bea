import type { Planted } from './plan.ts';

/** Fewer characters of a secret are found by chance. */
const shortest = 8;
const mostNamed = 20;

/**
 * Looks for what was planted in whatever the app writes: made-up words, numbers in any form, pieces of secrets. Each
 * text is gone through once, however much was planted.
 */
export class Leaks {
  readonly #words: ReadonlySet<string>;
  readonly #numbers = new Set<string>();
  readonly #secrets: ReadonlySet<string>;
  readonly #found = new Map<string, string>();
  characters = 0;

  constructor({ words, numbers, secrets }: Planted) {
    this.#words = new Set(words.map((word) => word.toLowerCase()));
    for (const number of numbers) for (const form of formsOf(number)) this.#numbers.add(form);
    this.#secrets = new Set(secrets.flatMap(piecesOf));
  }

  /** What was found and around what, the first few. */
  get found(): string[] {
    return [...this.#found].map(([planted, around]) => `${planted} in "${around}"`);
  }

  look(text: string): void {
    this.characters += text.length;
    const plain = text.replace(/\\[nrtbf"/\\]|%[\dA-Fa-f]{2}/g, ' ');
    for (const { 0: word, index } of plain.matchAll(/[A-Za-z]{15,}/g))
      if (this.#words.has(word.toLowerCase())) this.#note(word, plain, index);
    for (const { 0: digits, index } of plain.matchAll(/\d(?:[ ().-]{0,2}\d){8,}/g))
      if (this.#isNumber(digits)) this.#note(digits, plain, index);
    for (const { 0: piece, index } of plain.matchAll(/[A-Za-z\d]{8,}/g))
      if (this.#secrets.has(piece)) this.#note(piece, plain, index);
  }

  /** Digits as they stand, and those of each piece between blanks. */
  #isNumber(digits: string): boolean {
    const joined = digits.replace(/\D/g, '');
    return (
      this.#numbers.has(joined) ||
      digits.split(' ').some((part) => this.#numbers.has(part.replace(/\D/g, '')))
    );
  }

  #note(planted: string, text: string, index: number): void {
    if (this.#found.size < mostNamed)
      this.#found.set(planted, text.slice(Math.max(0, index - 80), index + planted.length + 40));
  }
}

/** Digits as they are dialled from abroad, at home, and without either prefix. */
function formsOf(number: string): string[] {
  const digits = number.replace(/\D/g, '').replace(/^(61|0)/, '');
  return [digits, `0${digits}`, `61${digits}`, `0061${digits}`];
}

/** A log line breaks a secret at its signs. */
function piecesOf(secret: string): string[] {
  return secret.split(/[^A-Za-z\d]/).filter((piece) => piece.length >= shortest);
}
