import type { Comparison, KnownGap } from '../../gate/outcome.ts';
import type { AuditResult } from '../auditResult.ts';
import { count, whole } from '../text.ts';
import { verdictNames } from '../verdictNames.ts';
import { html, type Markup, prose } from './markup.ts';

/** Beyond so many a list is folded. */
const mostOpen = 12;

/** How the gaps stand against the baseline and the last run. */
export function changes({ compared: { baseline, previous } }: AuditResult): Markup | null {
  if (!baseline && !previous) return null;
  const gone = (baseline?.stale_findings ?? []).map(
    ({ kind, message, fingerprint }) => html`<li>${kind}: ${message || fingerprint}</li>`,
  );
  return html`<section class="part" id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">What has changed</h2>
<div class="two">
${previous && card('Since the last run', 'New', previous, [])}
${baseline && card('Against the baseline', 'Not accepted', baseline, gone)}
</div>
</section>`;
}

function card(
  title: string,
  newName: string,
  compared: Comparison,
  staleFindings: readonly Markup[],
): Markup {
  const { unchanged } = compared;
  return html`<div class="card changes"><h3>${title}</h3>
<p class="soft small">${count(unchanged.length, 'gap is', 'gaps are')} as before.</p>
${list(newName, compared.new.map(gap))}
${list('Fixed', compared.fixed.map(fixed))}
${list('Stale: stated no more, or expired', [...compared.stale.map(goneGap), ...staleFindings])}
</div>`;
}

/** The requirement still stands in the report. */
const gap = (known: KnownGap) =>
  html`<li>${badge(known)} <a href="#r-${known.fingerprint}">${prose(known.requirement)}</a></li>`;

const fixed = (known: KnownGap) =>
  html`<li><a href="#r-${known.fingerprint}">${prose(known.requirement)}</a> <span class="soft">was ${verdictNames[known.verdict]}</span></li>`;

const goneGap = (known: KnownGap) => html`<li>${badge(known)} ${prose(known.requirement)}</li>`;

const badge = ({ verdict }: KnownGap) =>
  html`<span class="badge v-${verdict}">${verdictNames[verdict]}</span>`;

function list(title: string, items: readonly Markup[]): Markup | null {
  if (items.length === 0) return null;
  const heading = html`<h4>${title} (${whole(items.length)})</h4>`;
  const ul = html`<ul>${items}</ul>`;
  if (items.length <= mostOpen) return html`${heading}${ul}`;
  return html`${heading}<details class="figures"><summary>Show all ${whole(items.length)}</summary>${ul}</details>`;
}
