import { verdictsWorstFirst } from '../../verdict.ts';
import type { AuditResult } from '../auditResult.ts';
import { whole } from '../text.ts';
import { verdictNames } from '../verdictNames.ts';
import { html, type Markup, prose } from './markup.ts';
import { tiles } from './tiles.ts';

/** The audit at a glance: figures, shares of the verdicts, and the engine's summary. */
export function overview(result: AuditResult): Markup {
  const { summary, question, engine } = result;
  return html`<section class="part" aria-labelledby="overview">
<h2 id="overview">At a glance</h2>
${tiles(result)}
<div class="card shares">${shares(result)}</div>
<div class="card shares stack">
${question === null ? null : html`<p><strong>Question:</strong> ${prose(question)}</p>`}
<p>${prose(summary)}</p>
<p class="soft small">${engine.note}</p>
</div>
</section>`;
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
