import type { ModelFacts } from './models.ts';

/** A model's tokens of a text and back; names of special tokens count as ordinary text. */
export interface Encoder {
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
}

const mergeCacheSize = 100;

/** Loads a vocabulary on first use. The encoder is none of Gatehouse's, so that the two check each other. */
export async function loadEncoder(encoding: ModelFacts['encoding']): Promise<Encoder> {
  const { encode, decode, setMergeCacheSize } =
    encoding === 'cl100k_base'
      ? await import('gpt-tokenizer/encoding/cl100k_base')
      : await import('gpt-tokenizer/encoding/o200k_base');
  // With the library's default, one repeated word can take seconds.
  setMergeCacheSize(mergeCacheSize);
  const options = { disallowedSpecial: new Set<string>() };
  return {
    encode: (text) => encode(text, options),
    decode: (tokens) => decode(tokens),
  };
}
