import type { AuditResult } from '../auditResult.ts';
import { whole } from '../text.ts';
import { html, type Markup } from './markup.ts';

/** Files that no verdict rests on, and why. */
export function leftOut({ skipped_files, unselected_files }: AuditResult): Markup | null {
  const unselected = Object.entries(unselected_files);
  if (skipped_files.length + unselected.length === 0) return null;
  return html`<section class="part" id="left-out" aria-labelledby="left-out-title">
<h2 id="left-out-title">Left out</h2>
<div class="two">
${
  skipped_files.length > 0
    ? table(
        'Could not be read, or left out one by one',
        ['File', 'Why'],
        skipped_files.map(
          ({ path, reason }) => html`<tr><td><code>${path}</code></td><td>${reason}</td></tr>`,
        ),
      )
    : null
}
${
  unselected.length > 0
    ? table(
        'No source, by the settings',
        ['Extension or folder', 'Files'],
        unselected.map(
          ([name, many]) => html`<tr><td><code>${name}</code></td><td class="n">${whole(many)}</td></tr>`,
        ),
      )
    : null
}
</div>
</section>`;
}

const table = (title: string, [first, second]: readonly [string, string], rows: readonly Markup[]) =>
  html`<div class="card"><h3>${title}</h3><table${second === 'Why' ? html` class="stacked"` : null}><thead><tr><th scope="col">${first}</th><th scope="col"${second === 'Files' ? html` class="n"` : null}>${second}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
