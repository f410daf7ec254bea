import type { Usage } from '../engines/engine.ts';
import type { InputTokens } from '../tokens/inputTokens.ts';

/**
 * What an audit cost in tokens and what packing and caching saved. The two forms of the input are compared in one
 * encoding, counted here; `actual_*`, `azure_cached_tokens` and `total_tokens_billed` are the provider's own figures.
 */
export interface TokenReport {
  file_count: number;
  /** The encoding both forms were counted in. */
  encoding: string;
  /** Source as indented JSON, with system prompt and design. */
  json_input_tokens: number;
  /** Source in the separator format, with system prompt and design. */
  toon_input_tokens_calculated: number;
  tokens_saved: number;
  /** Percent, two decimals. */
  reduction_rate: number;
  model_called: boolean;
  /** True where the answer came from our own cache. */
  local_cache_hit: boolean;
  /** Of the audit that called the model; replayed on a cache hit. 0 where no model was called. */
  actual_input_tokens_used: number;
  actual_output_tokens_used: number;
  gross_tokens: number;
  /** Input tokens the provider read from its prompt cache. */
  azure_cached_tokens: number;
  /** For this request: 0 on a cache hit. */
  total_tokens_billed: number;
}

export interface TokenFacts {
  fileCount: number;
  encoding: string;
  tokens: InputTokens;
  usage: Usage | null;
  cacheHit: boolean;
}

export function buildTokenReport({ fileCount, encoding, tokens, usage, cacheHit }: TokenFacts): TokenReport {
  const saved = tokens.json - tokens.packed;
  const { input_tokens = 0, output_tokens = 0, cached_input_tokens = 0, total_tokens = 0 } = usage ?? {};
  return {
    file_count: fileCount,
    encoding,
    json_input_tokens: tokens.json,
    toon_input_tokens_calculated: tokens.packed,
    tokens_saved: saved,
    reduction_rate: tokens.json > 0 ? Math.round((saved / tokens.json) * 10_000) / 100 : 0,
    model_called: usage !== null,
    local_cache_hit: cacheHit,
    actual_input_tokens_used: input_tokens,
    actual_output_tokens_used: output_tokens,
    gross_tokens: input_tokens + output_tokens,
    azure_cached_tokens: cached_input_tokens,
    total_tokens_billed: cacheHit ? 0 : total_tokens,
  };
}
