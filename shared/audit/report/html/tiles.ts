import type { AuditResult } from '../auditResult.ts';
import { standingOf } from '../order.ts';
import { count, dollars, whole } from '../text.ts';
import { html, type Markup } from './markup.ts';

interface Tile {
  name: string;
  figure: string;
  /** What the figure is of. */
  more: string;
}

/** The figures one looks for first. */
export function tiles(result: AuditResult): Markup {
  const all = [
    met(result),
    openGaps(result),
    unconfirmed(result),
    ...newGaps(result),
    billed(result),
    cost(result),
  ];
  return html`<dl class="tiles">${all.map(
    ({ name, figure, more }) =>
      html`<div class="tile"><dt>${name}</dt><dd>${figure}<small>${more}</small></dd></div>`,
  )}</dl>`;
}

function met({ requirements, counts }: AuditResult): Tile {
  const all = requirements.length;
  const share = Math.floor((counts.implemented / all) * 100);
  const more = all === 0 ? 'none is stated' : `${share} % of ${whole(all)}`;
  return { name: 'Requirements met', figure: whole(counts.implemented), more };
}

function openGaps({ gate: { counted } }: AuditResult): Tile {
  const { high, medium, low } = counted;
  return {
    name: 'Open gaps',
    figure: whole(high + medium + low),
    more: `${whole(high)} high, ${whole(medium)} medium, ${whole(low)} low`,
  };
}

function unconfirmed({ requirements }: AuditResult): Tile {
  const gaps = requirements.filter((one) => standingOf(one) === 'unverified');
  return { name: 'Not confirmed', figure: whole(gaps.length), more: 'gaps that do not count' };
}

function newGaps({ compared: { previous, baseline } }: AuditResult): Tile[] {
  const than = previous ?? baseline;
  if (!than) return [];
  const since = previous ? 'since the last run' : 'against the baseline';
  return [
    { name: 'New gaps', figure: whole(than.new.length), more: `${since}; ${whole(than.fixed.length)} fixed` },
  ];
}

function billed({ token_report: report }: AuditResult): Tile {
  const calls = report.model_called ? `in ${count(report.model_calls, 'call')}` : 'no model was called';
  const more = report.local_cache_hit ? 'answered from the cache' : calls;
  return { name: 'Tokens billed', figure: whole(report.total_tokens_billed), more };
}

function cost({ token_report: { cost: usd, model_called } }: AuditResult): Tile {
  if (!model_called) return { name: 'Cost', figure: dollars(0), more: 'no model was called' };
  const baseline = usd.baseline_usd;
  const more = baseline === null ? 'for this request' : `of ${dollars(baseline)} unpacked and uncached`;
  return { name: 'Cost', figure: dollars(usd.billed_usd), more };
}
