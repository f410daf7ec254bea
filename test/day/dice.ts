import { pick, seeded } from '../support/simulation.ts';

const syllables = ['zor', 'quin', 'bax', 'vel', 'thri', 'kov', 'dux', 'jarn', 'plim', 'wex', 'gry', 'noz'];

/** Everything that is left to chance in a day, by seed: the same seed gives the same day. */
export class Dice {
  readonly random: () => number;
  /** Words made up so far; none is given out twice. */
  readonly #words = new Set<string>();

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  chance(part: number): boolean {
    return this.random() < part;
  }

  pick<T>(list: readonly T[]): T {
    return pick(list, this.random());
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  /** A made-up word of five syllables, by which a text that holds it is known wherever it turns up. */
  word(): string {
    for (;;) {
      const word = Array.from({ length: 5 }, () => this.pick(syllables)).join('');
      if (this.#words.has(word)) continue;
      this.#words.add(word);
      return word;
    }
  }

  /** A made-up name. */
  name(): string {
    const word = this.word();
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  get words(): string[] {
    return [...this.#words];
  }

  digits(length: number): string {
    return Array.from({ length }, () => this.int(0, 9)).join('');
  }

  letters(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet.charAt(this.int(0, alphabet.length - 1))).join('');
  }

  uuid(): string {
    const hex = (length: number) => this.letters(length, '0123456789abcdef');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  }

  /** 32 bytes as Standard Webhooks writes a secret. */
  signingSecret(): string {
    return `whsec_${Buffer.from(Array.from({ length: 32 }, () => this.int(0, 255))).toString('base64')}`;
  }
}
