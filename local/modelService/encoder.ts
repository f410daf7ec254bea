import { cutLongRuns } from '../../shared/audit/tokens/longRuns.ts';
import type { ModelFacts } from './models.ts';

/** A model's tokens of a text and back; names of special tokens count as ordinary text. */
export interface Encoder {
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
}

const mergeCacheSize = 100;

/** Loads a vocabulary on first use. Runs of one character class beyond 256 are counted in slices, as Gatehouse does. */
export async function loadEncoder(encoding: ModelFacts['encoding']): Promise<Encoder> {
  const { encode, decode, setMergeCacheSize } =
    encoding === 'cl100k_base'
      ? await import('gpt-tokenizer/encoding/cl100k_base')
      : await import('gpt-tokenizer/encoding/o200k_base');
  setMergeCacheSize(mergeCacheSize);
  const options = { disallowedSpecial: new Set<string>() };
  return {
    encode: (text) => cutLongRuns(text).flatMap((slice) => encode(slice, options)),
    decode: (tokens) => decode(tokens),
  };
}
