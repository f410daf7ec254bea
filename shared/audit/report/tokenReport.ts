import { z } from 'zod';
import type { Usage } from '../engines/engine.ts';
import type { InputTokens } from '../tokens/inputTokens.ts';

const tokens = z.int().min(0);
/** US dollars; null where the price of the model is not known. */
const dollars = z.number().min(0).nullable();

/**
 * What an audit cost in tokens and what packing and caching saved. The two forms of the input are compared in one
 * encoding, counted here; `actual_*`, `azure_cached_tokens` and `total_tokens_billed` are the provider's own figures.
 */
export const tokenReportSchema = z.object({
  file_count: z.int(),
  /** The encoding both forms were counted in. */
  encoding: z.string(),
  /** Source as indented JSON, with system prompt and design. */
  json_input_tokens: tokens,
  /** Source in the separator format, with system prompt and design. */
  toon_input_tokens_calculated: tokens,
  tokens_saved: z.int(),
  /** Percent, two decimals. */
  reduction_rate: z.number(),
  model_called: z.boolean(),
  /** True where the answer came from our own cache. */
  local_cache_hit: z.boolean(),
  /** Calls of the model; replayed, as the four figures that follow, on a cache hit. 0 where no model was called. */
  model_calls: z.int(),
  actual_input_tokens_used: tokens,
  actual_output_tokens_used: tokens,
  gross_tokens: tokens,
  /** Input tokens the provider read from its prompt cache. */
  azure_cached_tokens: tokens,
  /** Input tokens the provider wrote into its prompt cache, at a surcharge. */
  azure_written_tokens: tokens,
  /** For this request: 0 on a cache hit. */
  total_tokens_billed: tokens,
  cost: z.object({
    currency: z.literal('USD'),
    /** Billed for this request. */
    billed_usd: dollars,
    /** What the same calls would have cost with the source as JSON and nothing cached. */
    baseline_usd: dollars,
    saved_by_packing_usd: dollars,
    saved_by_prompt_cache_usd: dollars,
    saved_by_local_cache_usd: dollars,
  }),
});
export type TokenReport = z.infer<typeof tokenReportSchema>;

export interface TokenFacts {
  fileCount: number;
  encoding: string;
  tokens: InputTokens;
  usage: Usage | null;
  cacheHit: boolean;
  cost: TokenReport['cost'];
}

export function buildTokenReport({
  fileCount,
  encoding,
  tokens,
  usage,
  cacheHit,
  cost,
}: TokenFacts): TokenReport {
  const saved = tokens.json - tokens.packed;
  return {
    file_count: fileCount,
    encoding,
    json_input_tokens: tokens.json,
    toon_input_tokens_calculated: tokens.packed,
    tokens_saved: saved,
    reduction_rate: tokens.json > 0 ? Math.round((saved / tokens.json) * 10_000) / 100 : 0,
    model_called: usage !== null,
    local_cache_hit: cacheHit,
    model_calls: usage?.calls ?? 0,
    actual_input_tokens_used: usage?.input_tokens ?? 0,
    actual_output_tokens_used: usage?.output_tokens ?? 0,
    gross_tokens: (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
    azure_cached_tokens: usage?.cached_input_tokens ?? 0,
    azure_written_tokens: usage?.written_input_tokens ?? 0,
    total_tokens_billed: cacheHit ? 0 : (usage?.total_tokens ?? 0),
    cost,
  };
}
