import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TokenEncoding } from '../../config/audit.ts';

/** Counts the tokens of a text; special-token names in it count as ordinary text. */
export type TokenCounter = (text: string) => number;

/** Loads the vocabulary on first use: it is megabytes, and a phone call never needs it. */
export async function loadTokenCounter(encoding: TokenEncoding): Promise<TokenCounter> {
  const { countTokens } =
    encoding === 'cl100k_base'
      ? await import('gpt-tokenizer/encoding/cl100k_base')
      : await import('gpt-tokenizer/encoding/o200k_base');
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, options);
}

const longestTurnMs = 20;

/** Sum over parts; gives way to other work, a caller on the line perhaps, every 20 ms. */
export async function countParts(parts: Iterable<string>, count: TokenCounter): Promise<number> {
  let total = 0;
  let turn = performance.now();
  for (const part of parts) {
    total += count(part);
    if (performance.now() - turn > longestTurnMs) {
      await nextTurn();
      turn = performance.now();
    }
  }
  return total;
}
