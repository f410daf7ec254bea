import { zoneFormats } from '../../timeZones.ts';

/** How a time is said. */
export const timeFormats = ['time', 'date', 'datetime'] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** A calendar day, with a time of day, with an offset from UTC. */
const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * An ISO 8601 time as a receptionist says it in English: `9:30 am`, `Tuesday 1 December`, `Tuesday 1 December at noon`.
 * A time with an offset is said as clocks in `zone` show it; one without is said as it stands. Undefined for what is no
 * such time, and for the time of a mere day.
 */
export function sayTime(text: string, format: TimeFormat, zone: string): string | undefined {
  const [whole, time, offset] = iso.exec(text) ?? [];
  if (whole === undefined || (time === undefined && format !== 'date')) return undefined;
  const moment = new Date(time === undefined || offset !== undefined ? text : `${text}Z`);
  if (Number.isNaN(moment.getTime())) return undefined;
  const parts = partsOf(moment, offset === undefined ? 'UTC' : zone);
  const day = `${parts.weekday} ${parts.day} ${parts.month}`;
  const clock = sayClock(Number(parts.hour), parts.minute ?? '');
  return { time: clock, date: day, datetime: `${day} at ${clock}` }[format];
}

const clockIn = zoneFormats('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function partsOf(moment: Date, timeZone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  return Object.fromEntries(
    clockIn(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
}

function sayClock(hour: number, minute: string): string {
  if (minute === '00' && hour % 12 === 0) return hour === 0 ? 'midnight' : 'noon';
  return `${hour % 12 || 12}${minute === '00' ? '' : `:${minute}`} ${hour < 12 ? 'am' : 'pm'}`;
}
