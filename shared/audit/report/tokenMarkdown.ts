import type { AuditResult } from './auditResult.ts';
import { dollars, whole } from './text.ts';
import type { TokenReport } from './tokenReport.ts';

/** The token report alone, as a document of its own. */
export function toTokenMarkdown({ date, token_report }: AuditResult): string {
  const head = `- **Date:** ${date}\n- **Files Analyzed:** ${whole(token_report.file_count)}`;
  return `${tokenSections(token_report, head).join('\n\n---\n\n')}\n`;
}

/** What packing and caching saved, in tokens and money. */
export function tokenSections(report: TokenReport, head?: string): string[] {
  return [comparison(report, head), caching(report)];
}

function comparison(report: TokenReport, head: string | undefined): string {
  const sent = report.model_called
    ? `| **Actual Input** | ${whole(report.actual_input_tokens_used)} | Input tokens as the model service counted them${report.model_calls > 1 ? `, over ${whole(report.model_calls)} calls` : ''}. |\n`
    : '';
  return `# Token Usage & Optimization Report
${head === undefined ? '' : `\n${head}\n`}
## 2. Comparison: JSON vs. TOON (Input Optimization)

Both forms are counted in ${report.encoding} and include system prompt and design. TOON stands for the separator format: each
file as it is, after a header line of its own.

| Metric | Token Count | Notes |
| :--- | ---: | :--- |
| **Baseline (JSON Input)** | ${whole(report.json_input_tokens)} | What indented JSON would need. |
| **Optimized (TOON Input)** | ${whole(report.toon_input_tokens_calculated)} | ${report.model_called ? 'The separator format that was sent.' : 'The separator format; counted, as no model was called.'} |
${sent}| **Tokens Saved** | **${whole(report.tokens_saved)}** | Reduction per analysis run. |
| **Reduction Rate** | **${report.reduction_rate.toFixed(2)}%** | Efficiency gain from the separator format. |`;
}

function caching(report: TokenReport): string {
  const impact =
    report.azure_cached_tokens > 0
      ? 'Reduced latency and input cost.'
      : report.model_called
        ? 'Full processing required.'
        : 'No model was called.';
  const written =
    report.azure_written_tokens > 0
      ? `| **Azure Written Tokens** | ${whole(report.azure_written_tokens)} |\n`
      : '';
  return `## 3. Comparison: Caching Strategies (Runtime Optimization)

### 3.1 Local Cache

Whether exactly this audit has been answered before.

| Metric | Value |
| :--- | :--- |
| **Status** | ${report.local_cache_hit ? 'HIT (Free)' : report.model_called ? 'MISS (API Called)' : 'MISS (no model called)'} |
| **Gross Tokens (Work Done)** | ${whole(report.gross_tokens)} |
| **Net Tokens Billed** | **${whole(report.total_tokens_billed)}** |

### 3.2 Azure Prompt Cache

How much of the prompt the model service had cached; different questions about one tree share it.

| Metric | Value |
| :--- | :--- |
| **Azure Cached Tokens** | **${whole(report.azure_cached_tokens)}** |
${written}| **Status** | ${promptCacheStatus(report)} |
| **Impact** | ${impact} |

${money(report)}`;
}

function promptCacheStatus({ azure_cached_tokens, model_called }: TokenReport): string {
  if (azure_cached_tokens > 0) return 'Active (Tokens Read from Cache)';
  return model_called ? 'Inactive (First Request or Not Supported)' : 'Not used (no model called)';
}

function money({ cost, model_called }: TokenReport): string {
  if (!model_called) return '### 3.3 Cost\n\nNo model was called, so nothing was paid for.';
  return `### 3.3 Cost

| Metric | US Dollars | Notes |
| :--- | ---: | :--- |
| **Baseline** | ${dollars(cost.baseline_usd)} | The same calls with the source as JSON and nothing cached. |
| **Saved by Packing** | ${dollars(cost.saved_by_packing_usd)} | The separator format instead of JSON. |
| **Saved by Prompt Cache** | ${dollars(cost.saved_by_prompt_cache_usd)} | Input the model service had cached. |
| **Saved by Local Cache** | ${dollars(cost.saved_by_local_cache_usd)} | Answers that were known already. |
| **Billed** | **${dollars(cost.billed_usd)}** | For this request. |`;
}
