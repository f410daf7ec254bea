import { zoneFormats } from '../../timeZones.ts';

/** A moment as a wall clock and a calendar at some place show it. */
export interface LocalMoment {
  /** `2026-11-21`. */
  date: string;
  /** 0 is Sunday. */
  weekday: number;
  /** Minutes since midnight. */
  minutes: number;
}

const dayMs = 86_400_000;

const formatOf = zoneFormats('en-CA', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** What the clock on the wall says at `now` in an IANA time zone. */
export function localMoment(now: Date, timezone: string): LocalMoment {
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(now)
      .map((part) => [part.type, part.value]),
  );
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return { date, weekday: weekdayOf(date), minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** 0 is Sunday. `date` as `2026-11-21`. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** The calendar day so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** As a receptionist says it: `Saturday, 21 November 2026, 11:49 am`. */
export function sayMoment({ date, minutes }: LocalMoment): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  const day = new Date(`${date}T00:00:00Z`).toLocaleDateString('en-AU', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const clock = `${hour % 12 || 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'am' : 'pm'}`;
  return `${day.replace(/^(\w+) /, '$1, ')}, ${clock}`;
}
