import type { TokenEncoding } from '../../config/audit.ts';
import type { Turns } from '../turns.ts';
import { cutLongRuns } from './longRuns.ts';

/** Counts the tokens of a text; special-token names in it count as ordinary text. */
export type TokenCounter = (text: string) => number;

const mergeCacheSize = 100;

/** Loads the vocabulary on first use: it is megabytes, and a phone call never needs it. */
export async function loadTokenCounter(encoding: TokenEncoding): Promise<TokenCounter> {
  const { countTokens, setMergeCacheSize } =
    encoding === 'cl100k_base'
      ? await import('gpt-tokenizer/encoding/cl100k_base')
      : await import('gpt-tokenizer/encoding/o200k_base');
  // The library's cache of merges slows down with what it holds: with its default, one repeated word can take seconds.
  setMergeCacheSize(mergeCacheSize);
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, options);
}

/** Sum over parts; gives way to other work between them. @throws what `turns` throws once its signal is aborted. */
export async function countParts(
  parts: Iterable<string>,
  count: TokenCounter,
  turns: Turns,
): Promise<number> {
  let total = 0;
  for (const part of parts) {
    for (const piece of cutLongRuns(part)) {
      total += count(piece);
      await turns.giveWay();
    }
  }
  return total;
}
