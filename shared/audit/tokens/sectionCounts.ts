import { hash } from 'node:crypto';
import type { TokenEncoding } from '../../config/audit.ts';
import type { Turns } from '../turns.ts';
import { countText, type TokenCounter } from './tokenCounter.ts';

/** Text whose count adds up with that of others. */
export interface Section {
  /** Or what gives it, where a key stands for it. */
  text: string | (() => string);
  /** The same for the same text, and for no other; its SHA-256 unless given. */
  key?: string;
}

/** About 150 bytes each. */
const mostSections = 50_000;

/**
 * Token counts of sections by content, so that of a tree that was counted before only what has changed is counted again.
 * Those used least recently are forgotten.
 */
export class SectionCounts {
  readonly #capacity: number;
  readonly #counts = new Map<string, number>();

  /** @param capacity how many counts are kept. */
  constructor(capacity = mostSections) {
    this.#capacity = capacity;
  }

  get(encoding: TokenEncoding, name: string): number | undefined {
    const key = `${encoding} ${name}`;
    const tokens = this.#counts.get(key);
    if (tokens !== undefined) this.#keep(key, tokens);
    return tokens;
  }

  set(encoding: TokenEncoding, name: string, tokens: number): void {
    this.#keep(`${encoding} ${name}`, tokens);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#capacity && oldest !== undefined) this.#counts.delete(oldest);
  }

  #keep(key: string, tokens: number): void {
    this.#counts.delete(key);
    this.#counts.set(key, tokens);
  }

  /** Tokens of a section. @throws what `turns` throws once its signal is aborted. */
  async count({ text, key }: Section, counter: TokenCounter, turns: Turns): Promise<number> {
    const name = key ?? hash('sha256', textOf(text), 'base64url');
    const known = this.get(counter.encoding, name);
    if (known === undefined) {
      const tokens = await countText(textOf(text), counter, turns);
      this.set(counter.encoding, name, tokens);
      return tokens;
    }
    await turns.giveWay();
    return known;
  }

  /** Sum over sections. @throws what `turns` throws once its signal is aborted. */
  async countAll(sections: Iterable<Section>, counter: TokenCounter, turns: Turns): Promise<number> {
    let total = 0;
    for (const section of sections) total += await this.count(section, counter, turns);
    return total;
  }
}

const textOf = (text: Section['text']) => (typeof text === 'string' ? text : text());
