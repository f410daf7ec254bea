import { hash } from 'node:crypto';
import type { TokenEncoding } from '../../config/audit.ts';
import type { Turns } from '../turns.ts';
import { countText, type TokenCounter } from './tokenCounter.ts';

/** Text whose count adds up with that of others. */
export interface Section {
  text: string;
  /** SHA-256 of the text in base64url, where the caller knows it. */
  hash?: string;
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

  get(encoding: TokenEncoding, sha256: string): number | undefined {
    const key = `${encoding} ${sha256}`;
    const tokens = this.#counts.get(key);
    if (tokens !== undefined) this.#keep(key, tokens);
    return tokens;
  }

  set(encoding: TokenEncoding, sha256: string, tokens: number): void {
    this.#keep(`${encoding} ${sha256}`, tokens);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#capacity && oldest !== undefined) this.#counts.delete(oldest);
  }

  #keep(key: string, tokens: number): void {
    this.#counts.delete(key);
    this.#counts.set(key, tokens);
  }

  /** Tokens of a section. @throws what `turns` throws once its signal is aborted. */
  async count(section: Section, counter: TokenCounter, turns: Turns): Promise<number> {
    const sha256 = section.hash ?? hash('sha256', section.text, 'base64url');
    const known = this.get(counter.encoding, sha256);
    if (known === undefined) {
      const tokens = await countText(section.text, counter, turns);
      this.set(counter.encoding, sha256, tokens);
      return tokens;
    }
    await turns.giveWay();
    return known;
  }

  /** Sum over sections of one text each. @throws what `turns` throws once its signal is aborted. */
  async countAll(texts: Iterable<string>, counter: TokenCounter, turns: Turns): Promise<number> {
    let total = 0;
    for (const text of texts) total += await this.count({ text }, counter, turns);
    return total;
  }
}
