import type { AuditResult } from '../auditResult.ts';
import { standingOf } from '../order.ts';
import { dollars, whole } from '../text.ts';
import { verdictNames, verdictsWorstFirst } from '../verdictNames.ts';
import { html, type Markup, prose } from './markup.ts';

/** The audit at a glance: figures, shares of the verdicts, and the engine's summary. */
export function overview(result: AuditResult): Markup {
  const { summary, question, engine } = result;
  return html`<section class="part" aria-labelledby="overview">
<h2 id="overview">At a glance</h2>
<dl class="tiles">${tiles(result).map(
    ([name, value, more]) =>
      html`<div class="tile"><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`,
  )}</dl>
<div class="card shares">${shares(result)}</div>
<div class="card shares stack">
${question === null ? null : html`<p><strong>Question:</strong> ${prose(question)}</p>`}
<p>${prose(summary)}</p>
<p class="soft small">${engine.note}</p>
</div>
</section>`;
}

function tiles({
  requirements,
  counts,
  gate,
  token_report,
  compared,
}: AuditResult): [string, string, string][] {
  const all = requirements.length;
  const { high, medium, low } = gate.counted;
  const unconfirmed = requirements.filter((one) => standingOf(one) === 'unverified').length;
  const than = compared.previous ?? compared.baseline;
  const since = compared.previous ? 'since the last run' : 'against the baseline';
  const share =
    all === 0 ? 'none stated' : `${Math.round((counts.implemented / all) * 100)} % of ${whole(all)}`;
  return [
    ['Requirements met', whole(counts.implemented), share],
    ['Open gaps', whole(high + medium + low), `${high} high, ${medium} medium, ${low} low`],
    ['Not confirmed', whole(unconfirmed), 'gaps that do not count'],
    ...(than
      ? ([['New gaps', whole(than.new.length), `${since}; ${whole(than.fixed.length)} fixed`]] as [
          string,
          string,
          string,
        ][])
      : []),
    [
      'Tokens billed',
      whole(token_report.total_tokens_billed),
      token_report.local_cache_hit
        ? 'answered from the cache'
        : token_report.model_called
          ? `in ${whole(token_report.model_calls)} calls`
          : 'no model was called',
    ],
    [
      'Cost',
      token_report.model_called ? dollars(token_report.cost.billed_usd) : '$0',
      token_report.cost.baseline_usd === null || !token_report.model_called
        ? 'for this request'
        : `of ${dollars(token_report.cost.baseline_usd)} unpacked and uncached`,
    ],
  ];
}

/** One bar of all verdicts, and what its colours mean. */
function shares({ counts, requirements }: AuditResult): Markup {
  const there = verdictsWorstFirst.filter((verdict) => counts[verdict] > 0);
  const all = Math.max(1, requirements.length);
  const told = there.map((verdict) => `${whole(counts[verdict])} ${verdictNames[verdict]}`).join(', ');
  let at = 0;
  const bars = there.map((verdict) => {
    const share = (counts[verdict] / all) * 100;
    const bar = html`<rect class="v-${verdict}" x="${at.toFixed(3)}%" y="0" width="${share.toFixed(3)}%" height="20"/>`;
    at += share;
    return bar;
  });
  return html`<svg role="img" aria-labelledby="shares-title shares-desc" width="100%" height="20" preserveAspectRatio="none"><title id="shares-title">Requirements by verdict</title><desc id="shares-desc">${told || 'There is no requirement.'}</desc>${bars}</svg>
<ul class="legend">${there.map(
    (verdict) =>
      html`<li><span class="dot v-${verdict}"></span><strong>${whole(counts[verdict])}</strong> ${verdictNames[verdict]}</li>`,
  )}</ul>`;
}
