import { z } from 'zod';
import { addDays, type LocalMoment, weekdayOf } from './localClock.ts';

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
type Day = (typeof days)[number];

const midnight = 24 * 60;
/** A week and the longest row of holidays that is worth looking beyond. */
const daysAhead = 21;

const clock = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time as 07:00 or 17:30; 24:00 is midnight');

const span = z
  .strictObject({ open: clock, close: clock })
  .refine(({ open, close }) => open !== close && open !== '24:00', 'must open before it closes')
  .describe('Open from one time to the other; a close before the open is on the next day.');

const spans = z.array(span).max(4);

const date = z.iso.date('must be a date as 2026-12-25');

/** Weekly hours by day; a day that is left out is closed. Holidays replace the hours of their date. */
export const hoursSchema = z.strictObject({
  sunday: spans.default([]),
  monday: spans.default([]),
  tuesday: spans.default([]),
  wednesday: spans.default([]),
  thursday: spans.default([]),
  friday: spans.default([]),
  saturday: spans.default([]),
  holidays: z
    .array(
      z.strictObject({
        date,
        name: z.string().trim().min(1).max(80),
        /** Closed where left out. */
        hours: spans.default([]),
      }),
    )
    .max(100)
    .default([]),
});

export type Hours = z.infer<typeof hoursSchema>;
type Span = z.infer<typeof span>;

/** Whether a business is open, and what happens next. */
export interface OpenState {
  isOpen: boolean;
  /** The holiday it is, where it is one. */
  holiday: string | undefined;
  /** When that ends: the next close or open, by the local calendar. Undefined where nothing is in sight. */
  next: { date: string; minutes: number } | undefined;
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Open times of a date as minutes from its midnight; those past midnight end beyond 24 hours. */
function openTimes(hours: Hours, day: string): [from: number, to: number][] {
  const holiday = hours.holidays.find((h) => h.date === day);
  const given: readonly Span[] = holiday ? holiday.hours : hours[days[weekdayOf(day)] as Day];
  return given.map(({ open, close }) => {
    const [from, to] = [minutesOf(open), minutesOf(close)];
    return [from, to > from ? to : to + midnight];
  });
}

/** Open times around a date, as minutes from its midnight, in order and joined where they touch. */
function timesFrom(hours: Hours, today: string): [from: number, to: number][] {
  const all = Array.from({ length: daysAhead + 1 }, (_, i) => i - 1)
    .flatMap((offset) =>
      openTimes(hours, addDays(today, offset)).map(([from, to]): [number, number] => [
        from + offset * midnight,
        to + offset * midnight,
      ]),
    )
    .sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [from, to] of all) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** Whether the business is open at a local moment, and until when. */
export function openState(hours: Hours, { date: today, minutes }: LocalMoment): OpenState {
  const times = timesFrom(hours, today);
  const current = times.find(([from, to]) => from <= minutes && minutes < to);
  const change = current ? current[1] : times.find(([from]) => from > minutes)?.[0];
  const isBeyond = change === undefined || change >= daysAhead * midnight;
  return {
    isOpen: current !== undefined,
    holiday: hours.holidays.find((h) => h.date === today)?.name,
    next: isBeyond
      ? undefined
      : { date: addDays(today, Math.floor(change / midnight)), minutes: change % midnight },
  };
}

/** A time of day as it is said: `7 am`, `5:30 pm`, `noon`, `midnight`. */
export function sayTime(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60) % 24, minutes % 60];
  if (minute === 0 && hour % 12 === 0) return hour === 0 ? 'midnight' : 'noon';
  return `${hour % 12 || 12}${minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`} ${hour < 12 ? 'am' : 'pm'}`;
}

const saySpans = (given: readonly Span[]) =>
  given.length === 0
    ? 'closed'
    : given
        .map(({ open, close }) => `${sayTime(minutesOf(open))} to ${sayTime(minutesOf(close))}`)
        .join(' and ');

const capital = (day: string) => day.charAt(0).toUpperCase() + day.slice(1);

/** The week as it is said, equal days together: `Monday to Friday 7 am to 5 pm; Saturday 8 am to noon; Sunday closed`. */
export function sayWeek(hours: Hours): string {
  const week = [...days.slice(1), days[0]].map((day) => ({ day: capital(day), text: saySpans(hours[day]) }));
  const runs: { first: string; last: string; text: string }[] = [];
  for (const { day, text } of week) {
    const run = runs.at(-1);
    if (run?.text === text) run.last = day;
    else runs.push({ first: day, last: day, text });
  }
  return runs
    .map(({ first, last, text }) => `${first === last ? first : `${first} to ${last}`} ${text}`)
    .join('; ');
}

/** Holidays from `today` on, at most `most`: `Christmas Day, 25 December: closed`. */
export function sayHolidays(hours: Hours, today: string, most: number): string[] {
  return hours.holidays
    .filter((holiday) => holiday.date >= today)
    .sort((a, b) => a.date.localeCompare(b.date))
    .slice(0, most)
    .map(({ date: day, name, hours: given }) => `${name}, ${sayDate(day)}: ${saySpans(given)}`);
}

/** `25 December`. */
function sayDate(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-AU', {
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
}

/** The state as a receptionist says it: `open until 5 pm`, `closed until Monday 7 am`, `closed today, Christmas Day, until …`. */
export function sayState({ isOpen, holiday, next }: OpenState, today: string): string {
  const state = isOpen ? 'open' : 'closed';
  const occasion = holiday ? ` (${holiday})` : '';
  return next
    ? `${state}${occasion} until ${sayDay(next.date, today)}${sayTime(next.minutes)}`
    : `${state}${occasion}`;
}

function sayDay(day: string, today: string): string {
  if (day === today) return '';
  if (day === addDays(today, 1)) return 'tomorrow at ';
  const name = capital(days[weekdayOf(day)] as Day);
  return day < addDays(today, 7) ? `${name} at ` : `${name} ${sayDate(day)} at `;
}
