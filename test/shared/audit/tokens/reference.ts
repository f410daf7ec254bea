import { get_encoding, type Tiktoken } from 'tiktoken';
import { referenceTokens } from '../../../../local/vocabulary.ts';
import { loadCharacterClasses } from '../../../../shared/audit/tokens/characterClasses.ts';
import { Cl100kSplitter } from '../../../../shared/audit/tokens/cl100kSplitter.ts';
import { O200kSplitter } from '../../../../shared/audit/tokens/o200kSplitter.ts';
import { PieceCounter } from '../../../../shared/audit/tokens/pieceCounter.ts';
import type { Splitter } from '../../../../shared/audit/tokens/splitter.ts';
import { loadTokenCounter, type TokenCounter } from '../../../../shared/audit/tokens/tokenCounter.ts';
import { loadVocabulary } from '../../../../shared/audit/tokens/vocabulary.ts';
import type { TokenEncoding } from '../../../../shared/config/audit.ts';

export const encodings = ['o200k_base', 'cl100k_base'] as const;

export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < units.length; i++) units[i] = text.charCodeAt(i);
  return units;
}

/** What is counted with, beside the reference. */
export interface Contender {
  encoding: TokenEncoding;
  reference: Tiktoken;
  /** Bytes of each token, by rank. */
  lengths: readonly number[];
  counter: TokenCounter;
  splitter: Splitter;
  pieces: PieceCounter;
}

export async function loadContender(encoding: TokenEncoding): Promise<Contender> {
  const classes = await loadCharacterClasses();
  return {
    encoding,
    reference: get_encoding(encoding),
    lengths: referenceTokens(encoding).map(({ length }) => length),
    counter: await loadTokenCounter(encoding),
    splitter: encoding === 'cl100k_base' ? new Cl100kSplitter(classes) : new O200kSplitter(classes),
    pieces: new PieceCounter(await loadVocabulary(encoding)),
  };
}

export const loadContenders = () => Promise.all(encodings.map(loadContender));

const quote = (text: string) => JSON.stringify(text.slice(0, 60));

/** Says where a text's pieces end within a token of the reference, or have other counts; undefined where all agrees. */
export function difference(text: string, contender: Contender): string | undefined {
  const { encoding, reference, lengths, counter, splitter, pieces } = contender;
  const tokens = reference.encode_ordinary(text);
  const total = counter(text);
  if (total !== tokens.length) return `${encoding}: ${total} tokens, not ${tokens.length}, in ${quote(text)}`;
  const units = unitsOf(text);
  let token = 0;
  for (let start = 0; start < units.length; ) {
    const end = splitter.pieceEnd(units, start, units.length);
    const piece = text.slice(start, end);
    const counted = pieces.count(units, start, end);
    let bytes = Buffer.byteLength(piece);
    for (let i = 0; i < counted; i++) bytes -= lengths[tokens[token++] ?? -1] ?? Number.NaN;
    if (bytes !== 0) return `${encoding}: not ${counted} tokens: ${quote(piece)} in ${quote(text)}`;
    start = end;
  }
  return undefined;
}
