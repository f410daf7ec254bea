import { stemmer } from 'stemmer';

/** Something that can be looked up, and the words it is found by. */
export interface Entry<T> {
  value: T;
  /** Its title counts double. */
  title: string;
  text: string;
}

/** How well an entry answers a question: 0 not at all, 1 as well as its own title would. */
export interface Ranked<T> {
  value: T;
  similarity: number;
}

/** Okapi BM25's usual constants. */
const saturation = 1.2;
const lengthWeight = 0.75;

/** Words that say nothing of what is asked. */
const empty = new Set(
  (
    'a an the and or but if so as at by for from in into of on to with is are was were be been am do does did have has had ' +
    'can could will would shall should may might must i me my you your we us our it its this that these those there here ' +
    'what which who whom when where why how please thanks thank hello hi just some any'
  ).split(' '),
);

/** Words of a text by their stems, in order. */
export function termsOf(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !empty.has(word)).map(stemmer);
}

interface Indexed<T> {
  value: T;
  counts: ReadonlyMap<string, number>;
  length: number;
  /** Score of its own title: what a perfect question would reach. */
  best: number;
}

/** A small body of knowledge that is searched by meaning of words, not by their form. */
export class KnowledgeIndex<T> {
  readonly #entries: readonly Indexed<T>[];
  readonly #holders = new Map<string, number>();
  readonly #meanLength: number;

  constructor(entries: readonly Entry<T>[]) {
    const read = entries.map(({ value, title, text }) => {
      const terms = [...termsOf(title), ...termsOf(title), ...termsOf(text)];
      const counts = new Map<string, number>();
      for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
      for (const term of counts.keys()) this.#holders.set(term, (this.#holders.get(term) ?? 0) + 1);
      return { value, title, counts, length: terms.length };
    });
    this.#meanLength = read.reduce((sum, { length }) => sum + length, 0) / Math.max(1, read.length);
    this.#entries = read.map(({ title, ...entry }) => {
      const own = { ...entry, best: 1 };
      return { ...own, best: this.#score(own, new Set(termsOf(title)), read.length) };
    });
  }

  /** The entries that answer a question best, at most `most`, none below `least`. */
  search(question: string, most: number, least = 0.15): Ranked<T>[] {
    const terms = new Set(termsOf(question));
    return this.#entries
      .map((entry) => ({
        value: entry.value,
        similarity:
          entry.best > 0 ? Math.min(1, this.#score(entry, terms, this.#entries.length) / entry.best) : 0,
      }))
      .filter(({ similarity }) => similarity >= least)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, most);
  }

  #score({ counts, length }: Indexed<T>, terms: ReadonlySet<string>, size: number): number {
    const norm = saturation * (1 - lengthWeight + (lengthWeight * length) / (this.#meanLength || 1));
    let score = 0;
    for (const term of terms) {
      const count = counts.get(term);
      if (!count) continue;
      const holders = this.#holders.get(term) ?? 0;
      const rarity = Math.log(1 + (size - holders + 0.5) / (holders + 0.5));
      score += (rarity * count * (saturation + 1)) / (count + norm);
    }
    return score;
  }
}
