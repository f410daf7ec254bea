import type { TableStore } from '../../storage/tableStore.ts';
import { type Counters, sum, zero } from './counters.ts';
import { rowsOf, type UsageRow } from './usageRow.ts';

/** What usage can be broken down by. */
export const dimensions = ['day', 'model', 'tenant', 'caller'] as const;
export type Dimension = (typeof dimensions)[number];

/** Counters as they are told: money in US dollars, times in minutes. */
export interface UsageFigures {
  calls: number;
  /** US dollars; `cost_micro_usd` is the exact figure. */
  cost: number;
  cost_micro_usd: number;
  failures: number;
  /** Calls whose price or usage is not known; their cost is not in `cost`. */
  unpriced_calls: number;
  input_tokens: number;
  cached_tokens: number;
  written_tokens: number;
  output_tokens: number;
  cache_hits: number;
  saved_tokens: number;
  saved_cost: number;
  voice_calls: number;
  voice_minutes: number;
  vapi_cost: number;
}

export type DayFigures = { date: string } & UsageFigures;
export type GroupFigures = Partial<Record<Dimension, string>> & UsageFigures;

/** The answer of `GET /api/usage`: latest day first, days without usage left out; then the sums, and the groups. */
export interface UsageStatistics {
  from: string;
  to: string;
  daily: DayFigures[];
  total_calls: number;
  /** US dollars. */
  total_cost: number;
  totals: UsageFigures;
  by: Dimension[];
  groups: GroupFigures[];
}

/** Days read from the store at the same time. */
const readAtOnce = 8;
const dayMs = 86_400_000;

const usd = (microUsd: number) => microUsd / 1_000_000;

export function toFigures(c: Readonly<Counters>): UsageFigures {
  return {
    calls: c.calls,
    cost: usd(c.cost),
    cost_micro_usd: c.cost,
    failures: c.failures,
    unpriced_calls: c.unpricedCalls,
    input_tokens: c.inputTokens,
    cached_tokens: c.cachedTokens,
    written_tokens: c.writtenTokens,
    output_tokens: c.outputTokens,
    cache_hits: c.cacheHits,
    saved_tokens: c.savedTokens,
    saved_cost: usd(c.savedCost),
    voice_calls: c.voiceCalls,
    voice_minutes: Math.round(c.voiceMs / 600) / 100,
    vapi_cost: usd(c.vapiCost),
  };
}

/** The last `count` UTC days, today first. */
export function lastDays(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    new Date(now.getTime() - i * dayMs).toISOString().slice(0, 10),
  );
}

/** Sums the rows of the last `days` UTC days. @throws what the store throws: no figure is better than a wrong one. */
export async function usageStatistics(
  tables: TableStore,
  now: Date,
  days: number,
  by: readonly Dimension[],
): Promise<UsageStatistics> {
  const dates = lastDays(now, days);
  const daily = new Map<string, Counters>();
  const groups = new Map<string, Counters>();
  for (let i = 0; i < dates.length; i += readAtOnce) {
    const some = dates.slice(i, i + readAtOnce);
    const rows = await Promise.all(some.map((day) => Array.fromAsync(rowsOf(tables, day))));
    for (const row of rows.flat()) {
      addTo(daily, row.key.day, row);
      if (by.length > 0) addTo(groups, JSON.stringify(by.map((dimension) => row.key[dimension])), row);
    }
  }
  const totals = [...daily.values()].reduce((all, one) => sum(all, one), zero());
  return {
    from: dates.at(-1) ?? '',
    to: dates[0] ?? '',
    daily: dates.flatMap((date) => {
      const counters = daily.get(date);
      return counters ? [{ date, ...toFigures(counters) }] : [];
    }),
    total_calls: totals.calls,
    total_cost: usd(totals.cost),
    totals: toFigures(totals),
    by: [...by],
    groups: [...groups]
      .sort(([a, x], [b, y]) => y.cost - x.cost || y.calls - x.calls || (a < b ? -1 : 1))
      .map(([id, counters]) => ({ ...named(by, id), ...toFigures(counters) })),
  };
}

function addTo(into: Map<string, Counters>, id: string, { totals }: UsageRow): void {
  into.set(id, sum(into.get(id) ?? zero(), totals));
}

function named(by: readonly Dimension[], id: string): Partial<Record<Dimension, string>> {
  const values = JSON.parse(id) as string[];
  return Object.fromEntries(by.map((dimension, i) => [dimension, values[i] ?? '']));
}

/** The groups, or without any the days, as rows of a table, and its columns in the order in which to show them. */
export function usageTableOf({ by, groups, daily }: UsageStatistics): {
  rows: readonly Readonly<Record<string, string | number>>[];
  columns: string[];
} {
  const [rows, first] = by.length > 0 ? [groups, by] : [daily, ['date']];
  return { rows: rows.map((row) => ({ ...row })), columns: [...first, ...Object.keys(toFigures(zero()))] };
}
