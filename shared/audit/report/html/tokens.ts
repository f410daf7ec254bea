import type { AuditResult } from '../auditResult.ts';
import { count, dollars, whole } from '../text.ts';
import type { TokenReport } from '../tokenReport.ts';
import { type Bar, barChart } from './chart.ts';
import { html, type Markup } from './markup.ts';

/** What the audit cost, and what packing and caching saved of it. */
export function tokens({ token_report: report }: AuditResult): Markup {
  const charts = [barChart('input', 'Input tokens', inputBars(report))];
  if (report.model_called) charts.push(barChart('money', 'US dollars', moneyBars(report)));
  return html`<section class="part" id="tokens" aria-labelledby="tokens-title">
<h2 id="tokens-title">Tokens and money</h2>
<div class="two">${charts}</div>
<p class="soft small shares">${note(report)}</p>
</section>`;
}

function inputBars(report: TokenReport): Bar[] {
  const bar = (name: string, value: number, tone: Bar['tone']): Bar => ({
    name,
    value,
    shown: whole(value),
    tone,
  });
  return [
    bar('Source as JSON', report.json_input_tokens, 'bar'),
    bar('Packed', report.toon_input_tokens_calculated, 'bar-2'),
    ...(report.model_called
      ? [
          bar('Read by the model', report.actual_input_tokens_used, 'bar-2'),
          bar('Of that, from its prompt cache', report.azure_cached_tokens, 'bar-3'),
        ]
      : []),
    bar('Saved by packing', Math.max(0, report.tokens_saved), 'bar-3'),
  ];
}

function moneyBars({ cost }: TokenReport): Bar[] {
  const bar = (name: string, usd: number | null, tone: Bar['tone']): Bar => ({
    name,
    value: usd ?? 0,
    shown: dollars(usd),
    tone,
  });
  return [
    bar('As JSON and uncached', cost.baseline_usd, 'bar'),
    bar('Saved by packing', cost.saved_by_packing_usd, 'bar-3'),
    bar('Saved by the prompt cache', cost.saved_by_prompt_cache_usd, 'bar-3'),
    bar('Saved by our own cache', cost.saved_by_local_cache_usd, 'bar-3'),
    bar('Billed', cost.billed_usd, 'bar-2'),
  ];
}

function note(report: TokenReport): string {
  const counted = `Counted in ${report.encoding}; packing saves ${report.reduction_rate.toFixed(2)} %.`;
  if (!report.model_called) return `${counted} No model was called, so nothing was paid for.`;
  const calls = `${count(report.model_calls, 'call')} wrote ${whole(report.actual_output_tokens_used)} tokens of output.`;
  const billed = report.local_cache_hit
    ? 'This answer came from the cache and cost nothing.'
    : `${whole(report.total_tokens_billed)} tokens were billed.`;
  return `${counted} ${calls} ${billed}`;
}
