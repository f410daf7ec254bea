import type { AuditResult } from '../auditResult.ts';
import { findingNames } from '../verdictNames.ts';
import { html, type Markup, prose } from './markup.ts';

/** What was found beside the requirements. */
export function findings({ findings: all }: AuditResult): Markup | null {
  if (all.length === 0) return null;
  const items = all.map(({ kind, rule, severity, message, file, line, accepted }) => {
    const why = accepted ? html`<p class="note"><strong>Accepted:</strong> ${accepted.reason}</p>` : null;
    return html`<li class="stack"><p><span class="tag ${severity}">${severity}</span> <strong>${findingNames[kind]}</strong> ${prose(message)}</p><p class="soft small"><code>${file}:${line}</code> · ${rule}</p>${why}</li>`;
  });
  return html`<section class="part" id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
<div class="card"><ul class="found">${items}</ul></div>
</section>`;
}
