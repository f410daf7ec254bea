/**
 * What the stand-in knows of each model. Windows, output limits, encodings and the reasoning flag: the project's price
 * reference of 2026-09-23; gpt-4 and gpt-4-turbo: the catalogue of gpt-tokenizer 4.0.0. Snapshots: the dated name the
 * service reports in `model`. The default effort of gpt-5.1 and its sisters is documented as `none`; that of the others
 * is taken to be `medium`, OpenAI's default for reasoning models.
 */
export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ModelFacts {
  /** The name an answer carries. */
  snapshot: string;
  encoding: 'o200k_base' | 'cl100k_base';
  /** Tokens of input and output together. */
  contextWindow: number;
  maxInputTokens: number;
  maxOutputTokens: number;
  /** What a reasoning model does when a request names no effort; undefined for the others. */
  defaultEffort: Effort | undefined;
  /** `json_schema`, only `json_object`, or neither. */
  formats: 'schema' | 'object' | 'text';
  /** Which contract its prompt cache follows: longest prefix (before GPT-5.6), breakpoints (since), or no cache. */
  cache: 'prefix' | 'breakpoints' | 'none';
  /** Models since gpt-5.5 know the retention `24h` only. */
  inMemoryRetention: boolean;
}

function chat(snapshot: string, contextWindow: number, maxOutputTokens: number): ModelFacts {
  return {
    snapshot,
    encoding: 'o200k_base',
    contextWindow,
    maxInputTokens: contextWindow,
    maxOutputTokens,
    defaultEffort: undefined,
    formats: 'schema',
    cache: 'prefix',
    inMemoryRetention: true,
  };
}

/** A reasoning model with room for its whole output beside the largest input. */
function reasoning(snapshot: string, maxInputTokens: number, defaultEffort: Effort): ModelFacts {
  const maxOutputTokens = 128_000;
  return {
    ...chat(snapshot, maxInputTokens + maxOutputTokens, maxOutputTokens),
    maxInputTokens,
    defaultEffort,
  };
}

const oSeries = (snapshot: string): ModelFacts => ({
  ...chat(snapshot, 200_000, 100_000),
  defaultEffort: 'medium',
});
const old = { encoding: 'cl100k_base', cache: 'none' } as const;
const since56 = { cache: 'breakpoints', inMemoryRetention: false } as const;

export const models: Readonly<Record<string, ModelFacts>> = {
  'gpt-4': { ...chat('gpt-4-0613', 8_192, 8_192), ...old, formats: 'text' },
  'gpt-4-turbo': { ...chat('gpt-4-turbo-2024-04-09', 128_000, 4_096), ...old, formats: 'object' },
  'gpt-4o': chat('gpt-4o-2024-11-20', 128_000, 16_384),
  'gpt-4o-mini': chat('gpt-4o-mini-2024-07-18', 128_000, 16_384),
  'gpt-4.1': chat('gpt-4.1-2025-04-14', 1_047_576, 32_768),
  'gpt-4.1-mini': chat('gpt-4.1-mini-2025-04-14', 1_047_576, 32_768),
  'gpt-4.1-nano': chat('gpt-4.1-nano-2025-04-14', 1_047_576, 32_768),
  o3: oSeries('o3-2025-04-16'),
  'o4-mini': oSeries('o4-mini-2025-04-16'),
  'gpt-5': reasoning('gpt-5-2025-08-07', 272_000, 'medium'),
  'gpt-5-mini': reasoning('gpt-5-mini-2025-08-07', 272_000, 'medium'),
  'gpt-5-nano': reasoning('gpt-5-nano-2025-08-07', 272_000, 'medium'),
  'gpt-5.1': reasoning('gpt-5.1-2025-11-13', 272_000, 'none'),
  'gpt-5.2': reasoning('gpt-5.2-2025-12-11', 272_000, 'none'),
  'gpt-5.4': reasoning('gpt-5.4-2026-03-05', 922_000, 'none'),
  'gpt-5.4-mini': reasoning('gpt-5.4-mini-2026-03-17', 272_000, 'none'),
  'gpt-5.4-nano': reasoning('gpt-5.4-nano-2026-03-17', 272_000, 'none'),
  'gpt-5.5': { ...reasoning('gpt-5.5-2026-04-23', 922_000, 'medium'), inMemoryRetention: false },
  'gpt-5.6-sol': { ...reasoning('gpt-5.6-sol-2026-07-09', 922_000, 'medium'), ...since56 },
  'gpt-5.6-terra': { ...reasoning('gpt-5.6-terra-2026-07-09', 922_000, 'medium'), ...since56 },
  'gpt-5.6-luna': { ...reasoning('gpt-5.6-luna-2026-07-09', 922_000, 'medium'), ...since56 },
};
