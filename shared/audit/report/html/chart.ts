import { html, type Markup } from './markup.ts';

export interface Bar {
  name: string;
  value: number;
  /** The value as it is read. */
  shown: string;
  /** Which of the three tones: what is compared with, what was used, what was saved. */
  tone: 'bar' | 'bar-2' | 'bar-3';
}

const rowHeight = 48;

/** Bars one under the other, with their figures as a table for whoever does not see them. */
export function barChart(id: string, title: string, bars: readonly Bar[]): Markup {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ name, value, shown, tone }, i) => {
    const [top, share] = [i * rowHeight, Math.max(0, (value / most) * 100)];
    return html`<text x="0" y="${top + 14}">${name}</text><text class="value" x="100%" y="${top + 14}" text-anchor="end">${shown}</text><rect class="track" x="0" y="${top + 21}" width="100%" height="12" rx="6"/><rect class="${tone}" x="0" y="${top + 21}" width="${share.toFixed(2)}%" height="12" rx="${share > 1 ? 6 : 0}"/>`;
  });
  const told = bars.map(({ name, shown }) => `${name}: ${shown}`).join('; ');
  return html`<div class="card chart"><h3 id="${id}-title">${title}</h3>
<svg role="img" aria-labelledby="${id}-title ${id}-desc" width="100%" height="${bars.length * rowHeight}"><title>${title}</title><desc id="${id}-desc">${told}</desc>${rows}</svg>
<details class="figures"><summary>As a table</summary><table><tbody>${bars.map(
    ({ name, shown }) => html`<tr><th scope="row">${name}</th><td class="n">${shown}</td></tr>`,
  )}</tbody></table></details></div>`;
}
