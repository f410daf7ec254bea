import { z } from 'zod';

const second = 1_000;
const unitMs: Readonly<Record<string, number>> = {
  s: second,
  m: 60 * second,
  h: 3_600 * second,
  d: 86_400 * second,
};
const longestWindowMs = 31 * 86_400 * second;

/** `90s`, `1m`, `12h`, `30d` as milliseconds; `day` and `month` are the calendar's, UTC. */
export function windowMsOf(text: string): number {
  if (text === 'day') return 86_400 * second;
  if (text === 'month') return longestWindowMs;
  const [, amount = '', unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  return Number(amount) * (unitMs[unit] ?? Number.NaN);
}

/** The calendar period a window is, where it is one. */
export const calendarOf = (window: string): 'day' | 'month' | undefined =>
  window === 'day' || window === 'month' ? window : undefined;

const windowHelp =
  'must be a time from 1s to 31d, such as 60s, 1m, 12h or 30d; or day or month for a calendar period (UTC)';

const windowSchema = z
  .string(windowHelp)
  .regex(/^(\d{1,7}[smhd]|day|month)$/, { error: windowHelp, abort: true })
  .refine((text) => windowMsOf(text) >= second && windowMsOf(text) <= longestWindowMs, windowHelp);

/** How many of a unit fit in one window. */
export const quotaSchema = z.int('must be a whole number').min(1, 'must be at least 1');

/** Limits that hold at once, as written: 30 a minute and 500 a day. `quota` says how large one may be. */
export const limitsSchema = (quota: typeof quotaSchema) =>
  z
    .array(z.strictObject({ quota, window: windowSchema }), 'must be a list of limits')
    .min(1, 'must hold at least one limit')
    .max(4, 'must hold at most four limits')
    .refine(
      (limits) => new Set(limits.map(({ window }) => window)).size === limits.length,
      'must name each window once',
    );

/** A limit as written: `{"quota": 30, "window": "1m"}`. */
export type Limit = z.infer<ReturnType<typeof limitsSchema>>[number];
