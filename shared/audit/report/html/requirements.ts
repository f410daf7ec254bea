import { type Evidence, type Requirement, verdictsWorstFirst } from '../../verdict.ts';
import type { AuditResult } from '../auditResult.ts';
import { gapStandings, standingOf, worstFirst } from '../order.ts';
import { verdictNames } from '../verdictNames.ts';
import { verdictStatement } from '../verdictSentence.ts';
import { html, type Markup, prose } from './markup.ts';

/** Above so many, only gaps of high severity stand open at first, and what is not in sight is not laid out. */
const manyRequirements = 200;

/** Every requirement with its verdict and the lines that show it, worst first. */
export function requirements({ requirements: all }: AuditResult): Markup {
  const opens = (one: Requirement) =>
    standingOf(one) === 'open' && (all.length <= manyRequirements || one.severity === 'high');
  return html`<section class="part" id="requirements" aria-labelledby="requirements-title">
<h2 id="requirements-title">Requirements</h2>
${tools(all)}
<div><ol class="reqs${all.length > manyRequirements ? ' many' : null}">${worstFirst(all).map((one) => item(one, opens(one)))}</ol>
<p class="none card">No requirement fits these filters.</p></div>
</section>`;
}

function tools(all: readonly Requirement[]): Markup {
  const has = (test: (one: Requirement) => boolean) => all.some(test);
  const verdicts = verdictsWorstFirst.filter((verdict) => has((one) => one.verdict === verdict));
  const severities = (['high', 'medium', 'low'] as const).filter((severity) =>
    has((one) => one.severity === severity),
  );
  const states = [...gapStandings, 'new' as const].filter((state) =>
    has((one) => statesOf(one).includes(state)),
  );
  return html`<div class="tools" role="search" aria-label="Filter the requirements">
<div class="line"><input type="search" id="search" placeholder="Search words, files, code" aria-label="Search the requirements" autocomplete="off" spellcheck="false">
<button type="button" id="reset">Show all</button><button type="button" id="toggle" data-open="false">Open all</button>
<span class="soft small" id="shown" role="status">${all.length} shown</span>
<span class="soft small keys"><kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>Enter</kbd> open</span></div>
<div class="line">${group(
    'Verdict',
    'verdict',
    verdicts.map((verdict) => [verdict, verdictNames[verdict]]),
  )}
${group(
  'Severity',
  'severity',
  severities.map((severity) => [severity, severity]),
)}
${group(
  'Gaps',
  'states',
  states.map((state) => [state, state]),
)}</div>
</div>`;
}

function group(name: string, key: string, values: readonly [value: string, shown: string][]): Markup | null {
  if (values.length === 0) return null;
  const buttons = values.map(
    ([value, shown]) =>
      html`<button type="button" aria-pressed="false" data-group="${key}" data-value="${value}">${shown}</button>`,
  );
  return html`<div class="group" role="group" aria-label="${name}"><span aria-hidden="true">${name}</span>${buttons}</div>`;
}

/** What the third group of filters goes by. */
function statesOf(one: Requirement): string[] {
  const standing = standingOf(one);
  return [...(standing ? [standing] : []), ...(one.state === 'new' ? ['new'] : [])];
}

function item(one: Requirement, isOpen: boolean): Markup {
  const { id, requirement, verdict, severity, fingerprint } = one;
  const states = statesOf(one).filter((state) => state !== 'open');
  const tags = [...(severity === 'none' ? [] : [severity]), ...states].map(
    (tag) => html`<span class="tag ${tag}">${tag}</span>`,
  );
  return html`<li data-verdict="${verdict}" data-severity="${severity}" data-states="${statesOf(one).join(' ')}"><details class="req v-${verdict}" id="r-${fingerprint}"${isOpen ? html` open` : null}>
<summary><span><span class="badge v-${verdict}">${verdictNames[verdict]}</span></span><span class="id">${id}</span><span class="what">${prose(requirement)}</span><span class="tags">${tags}</span></summary>
<div class="more">
<p>${prose(verdictStatement(one))}</p>
${one.evidence.map(quote)}
${one.advice === null ? null : html`<p class="note"><strong>Advice:</strong> ${prose(one.advice)}</p>`}
${accepted(one)}
<p class="soft small">${place(one)}</p>
</div></details></li>
`;
}

function quote({ file, line, end_line, quote: text }: Evidence): Markup {
  const where = end_line > line ? `${file}:${line}–${end_line}` : `${file}:${line}`;
  const lines = text.split('\n').map(
    (shown, i) => html`<span data-n="${line + i}">${shown}
</span>`,
  );
  return html`<figure class="quote"><figcaption><code>${where}</code></figcaption><pre><code>${lines}</code></pre></figure>`;
}

function accepted({ accepted: terms }: Requirement): Markup | null {
  if (!terms) return null;
  const until = terms.expires === null ? '' : ` Until ${terms.expires}.`;
  return html`<p class="note"><strong>Accepted:</strong> ${terms.reason}${until}</p>`;
}

function place({
  obligation,
  design_file,
  design_line,
  section,
  fingerprint,
  verified,
}: Requirement): Markup {
  const path = section.length > 0 ? html` · ${section.join(' › ')}` : null;
  const doubt = verified ? null : ' · nobody could confirm it';
  return html`<code>${design_file}:${design_line}</code>${path} · ${obligation}${doubt} · <span>fingerprint ${fingerprint}</span>`;
}
