/** Counts the tokens of texts in a process of its own, as one contender does; told by a {@link CountingOrder}. */
import { readFileSync } from 'node:fs';
import type { TokenEncoding } from '../shared/config/audit.ts';

export const contenders = ['gatehouse', 'gpt-tokenizer', 'tiktoken'] as const;
export type ContenderName = (typeof contenders)[number];

/** What to count: files twice over, then so many of one letter. */
export interface CountingOrder {
  contender: ContenderName;
  encoding: TokenEncoding;
  files: readonly string[];
  letters: number;
}

export interface Run {
  wallMs: number;
  cpuMs: number;
}

export interface CountingResult {
  loadMs: number;
  /** With cold caches, and the same texts again. */
  first: Run;
  second: Run;
  tokens: number;
  letters: Run;
}

type Count = (text: string) => number;

const loaders: Record<ContenderName, (encoding: TokenEncoding) => Promise<Count>> = {
  gatehouse: async (encoding) => {
    const { loadTokenCounter } = await import('../shared/audit/tokens/tokenCounter.ts');
    return loadTokenCounter(encoding);
  },
  'gpt-tokenizer': async (encoding) => {
    const { countTokens } =
      encoding === 'cl100k_base'
        ? await import('gpt-tokenizer/encoding/cl100k_base')
        : await import('gpt-tokenizer/encoding/o200k_base');
    const options = { disallowedSpecial: new Set<string>() };
    return (text) => countTokens(text, options);
  },
  tiktoken: async (encoding) => {
    const { get_encoding } = await import('tiktoken');
    const encoder = get_encoding(encoding);
    return (text) => encoder.encode_ordinary(text).length;
  },
};

function timed<T>(work: () => T): { run: Run; value: T } {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { run: { wallMs: performance.now() - began, cpuMs: (user + system) / 1_000 }, value };
}

async function measure({ contender, encoding, files, letters }: CountingOrder): Promise<CountingResult> {
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const began = performance.now();
  const count = await loaders[contender](encoding);
  const loadMs = performance.now() - began;
  const all = () => texts.reduce((total, text) => total + count(text), 0);
  const first = timed(all);
  const second = timed(all);
  const run = timed(() => count('a'.repeat(letters)));
  return { loadMs, first: first.run, second: second.run, tokens: first.value, letters: run.run };
}

process.once('message', async (order: CountingOrder) => {
  process.send?.(await measure(order));
  process.disconnect();
});
