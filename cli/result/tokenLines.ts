import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { count, dollars, whole } from '../output/numbers.ts';

type TokenReport = AuditResult['token_report'];

/** `HIT`, or why not. */
export function cacheText({ local_cache_hit, model_called }: TokenReport): string {
  if (local_cache_hit) return 'HIT: this audit was answered before';
  return model_called ? 'MISS: the model was asked' : 'MISS: audited without a model';
}

/** What packing made of the source, and what was billed. */
export function tokenText(report: TokenReport): string[] {
  const packed = `${whole(report.toon_input_tokens_calculated)} packed, ${whole(report.json_input_tokens)} as JSON (${report.reduction_rate.toFixed(1)} % less)`;
  if (!report.model_called) return [packed];
  const cached = report.azure_cached_tokens > 0 ? `, ${whole(report.azure_cached_tokens)} of it cached` : '';
  const used = `${whole(report.actual_input_tokens_used)} in${cached}, ${whole(report.actual_output_tokens_used)} out, in ${count(report.model_calls, 'call')}`;
  // What is answered from the cache made no call now: the figures are those of the audit that is kept there.
  const made = report.local_cache_hit ? `the first time: ${used}` : used;
  return [packed, `${whole(report.total_tokens_billed)} billed (${made})`];
}

/** What it cost, and what it would have; undefined where no model was called. */
export function moneyText({ model_called, cost }: TokenReport): string | undefined {
  const { billed_usd, baseline_usd } = cost;
  if (!model_called) return undefined;
  if (billed_usd === null) return 'the price of the model is not known to the service';
  const saved = baseline_usd === null ? 0 : baseline_usd - billed_usd;
  const compared =
    saved > 0 && baseline_usd !== null
      ? `; as JSON and without caches ${dollars(baseline_usd)}, so ${dollars(saved)} saved`
      : '';
  return `${dollars(billed_usd)} billed${compared}`;
}
