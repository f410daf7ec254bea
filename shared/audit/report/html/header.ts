import type { AuditResult } from '../auditResult.ts';
import { clip, count } from '../text.ts';
import { html, type Markup } from './markup.ts';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const longestName = 120;

const logo = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 21V8l4-3 5 3 5-3 4 3v13M9 21v-6a3 3 0 0 1 6 0v6M2 21h20"/></svg>`;

const signs = {
  passed: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11" fill="currentColor"/><path d="m7 12.5 3.4 3.4L17 9" fill="none" stroke="var(--card)" stroke-width="2.4"/></svg>`,
  failed: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11" fill="currentColor"/><path d="m8 8 8 8m0-8-8 8" fill="none" stroke="var(--card)" stroke-width="2.4"/></svg>`,
  off: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11" fill="currentColor"/><path d="M7 12h10" fill="none" stroke="var(--card)" stroke-width="2.4"/></svg>`,
};

const titles = { passed: 'PASSED', failed: 'FAILED', off: 'No gate' };

/** What was audited, and how it ended. */
export function header(result: AuditResult): Markup {
  const { project, date: at, design, engine, token_report } = result;
  const by = engine.model === null ? engine.name : `${engine.name} (${engine.model})`;
  return html`<header class="top">
<p class="brand">${logo} Gatehouse design audit</p>
<h1>${clip(project ?? 'Design audit', longestName)}</h1>
<p class="facts"><span><time datetime="${at}">${date.format(new Date(at))} UTC</time></span><span>${count(token_report.file_count, 'file')} against ${design.join(', ')}</span><span>${by}</span></p>
${gateBanner(result)}
${contents(result)}
</header>`;
}

function gateBanner({ gate: { passed, fail_on, reasons } }: AuditResult): Markup {
  const kind = fail_on === 'none' ? 'off' : passed ? 'passed' : 'failed';
  const terms =
    kind === 'off' ? 'It was asked for as none: nothing fails it.' : html`Fails on <code>${fail_on}</code>.`;
  return html`<section class="gate ${kind}" aria-labelledby="gate">
<h2 id="gate">${signs[kind]}<span>${titles[kind]}</span></h2>
${reasons.length > 0 ? html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>` : null}
<p class="small">${terms}</p>
</section>`;
}

function contents({ findings, compared, skipped_files, unselected_files }: AuditResult): Markup {
  const isLeftOut = skipped_files.length > 0 || Object.keys(unselected_files).length > 0;
  const parts: [id: string, name: string, isThere: boolean][] = [
    ['requirements', 'Requirements', true],
    ['findings', 'Findings', findings.length > 0],
    ['changes', 'What has changed', compared.baseline !== null || compared.previous !== null],
    ['tokens', 'Tokens and money', true],
    ['left-out', 'Left out', isLeftOut],
  ];
  const there = parts.filter(([, , isThere]) => isThere);
  return html`<nav class="parts" aria-label="Parts of the report"><ul>${there.map(
    ([id, name]) => html`<li><a href="#${id}">${name}</a></li>`,
  )}</ul></nav>`;
}
