import { z } from 'zod';
import type { Usage } from '../engines/engine.ts';
import type { InputTokens } from '../tokens/inputTokens.ts';

const tokens = z.int().min(0);
/** US dollars; null where the price of the model is not known. */
const dollars = z.number().nullable();

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
  /** Steps whose results were remembered from earlier audits, and not paid for again. */
  remembered_steps: z.int(),
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
    /** Negative where what was written into the cache has cost more than reading it has saved. */
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
}

export function buildTokenReport({
  fileCount,
  encoding,
  tokens: counted,
  usage,
  cacheHit,
}: TokenFacts): TokenReport {
  const saved = counted.json - counted.packed;
  return {
    file_count: fileCount,
    encoding,
    json_input_tokens: counted.json,
    toon_input_tokens_calculated: counted.packed,
    tokens_saved: saved,
    reduction_rate: counted.json > 0 ? Math.round((saved / counted.json) * 10_000) / 100 : 0,
    model_called: usage !== null,
    local_cache_hit: cacheHit,
    model_calls: usage?.calls ?? 0,
    remembered_steps: usage?.remembered_steps ?? 0,
    actual_input_tokens_used: usage?.input_tokens ?? 0,
    actual_output_tokens_used: usage?.output_tokens ?? 0,
    gross_tokens: (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
    azure_cached_tokens: usage?.cached_input_tokens ?? 0,
    azure_written_tokens: usage?.written_input_tokens ?? 0,
    total_tokens_billed: cacheHit ? 0 : (usage?.total_tokens ?? 0),
    cost: costOf(usage, cacheHit),
  };
}

const usd = (microUsd: number) => microUsd / 1_000_000;

function costOf(usage: Usage | null, cacheHit: boolean): TokenReport['cost'] {
  const { billed, uncached, as_json } =
    usage === null ? { billed: 0, uncached: 0, as_json: 0 } : (usage.cost ?? {});
  const known = billed !== undefined && uncached !== undefined && as_json !== undefined;
  return {
    currency: 'USD',
    billed_usd: cacheHit ? 0 : known ? usd(billed) : null,
    baseline_usd: known ? usd(as_json) : null,
    saved_by_packing_usd: known ? usd(as_json - uncached) : null,
    saved_by_prompt_cache_usd: known ? usd(uncached - billed) : null,
    saved_by_local_cache_usd: !cacheHit ? 0 : known ? usd(billed) : null,
  };
}
