import type { TokenEncoding } from '../../config/audit.ts';
import type { Turns } from '../turns.ts';
import { loadCharacterClasses } from './characterClasses.ts';
import { Cl100kSplitter } from './cl100kSplitter.ts';
import { O200kSplitter } from './o200kSplitter.ts';
import { PieceCounter } from './pieceCounter.ts';
import { TextCount } from './textCount.ts';
import { loadVocabulary } from './vocabulary.ts';

/**
 * Counts the tokens of a text exactly, in time that grows with its length and hardly faster, whatever it is. Names of
 * special tokens count as ordinary text, unpaired surrogates as U+FFFD.
 */
export interface TokenCounter {
  (text: string): number;
  readonly encoding: TokenEncoding;
  /** The same count in steps of about a millisecond, for texts that may be long. */
  begin(text: string): TextCount;
}

const loaded = new Map<TokenEncoding, Promise<TokenCounter>>();

/** Loads a vocabulary on first use: it is megabytes, and a phone call never needs it. @throws Error where it cannot. */
export function loadTokenCounter(encoding: TokenEncoding): Promise<TokenCounter> {
  const found = loaded.get(encoding);
  if (found) return found;
  const loading = createTokenCounter(encoding);
  loaded.set(encoding, loading);
  loading.catch(() => loaded.delete(encoding));
  return loading;
}

async function createTokenCounter(encoding: TokenEncoding): Promise<TokenCounter> {
  const [classes, vocabulary] = await Promise.all([loadCharacterClasses(), loadVocabulary(encoding)]);
  const splitter = encoding === 'cl100k_base' ? new Cl100kSplitter(classes) : new O200kSplitter(classes);
  const pieces = new PieceCounter(vocabulary);
  const begin = (text: string) => new TextCount(text, splitter, pieces);
  const count = (text: string) => {
    const counting = begin(text);
    while (!counting.step());
    return counting.tokens;
  };
  return Object.assign(count, { encoding, begin });
}

/** Counts one text; gives way to other work as it goes. @throws what `turns` throws once its signal is aborted. */
export async function countText(text: string, counter: TokenCounter, turns: Turns): Promise<number> {
  const counting = counter.begin(text);
  while (!counting.step()) await turns.giveWay();
  await turns.giveWay();
  return counting.tokens;
}

/** Sum over parts, as {@link countText} counts them. */
export async function countParts(
  parts: Iterable<string>,
  counter: TokenCounter,
  turns: Turns,
): Promise<number> {
  let total = 0;
  for (const part of parts) total += await countText(part, counter, turns);
  return total;
}
