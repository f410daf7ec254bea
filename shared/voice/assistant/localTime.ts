interface Zone {
  format: Intl.DateTimeFormat;
  /** What was said last, and for which minute since the epoch. */
  minute: number;
  text: string;
}

const zones = new Map<string, Zone>();
const mostZones = 500;
const minuteMs = 60_000;

/** One formatter a zone, and one text a minute: making these costs more than most of an assistant-request. */
function zoneOf(timezone: string): Zone {
  let zone = zones.get(timezone);
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-AU', {
      timeZone: timezone,
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      hour12: true,
    });
    zone = { format, minute: Number.NaN, text: '' };
    if (zones.size >= mostZones) zones.clear();
    zones.set(timezone, zone);
  }
  return zone;
}

/** Date and time as a receptionist at that place would say them: `Saturday, 21 November 2026, 11:49 am`. */
export function localTime(now: Date, timezone: string): string {
  const zone = zoneOf(timezone);
  const since = Math.floor(now.getTime() / minuteMs);
  if (zone.minute !== since) {
    const parts = Object.fromEntries(zone.format.formatToParts(now).map(({ type, value }) => [type, value]));
    const { weekday, day, month, year, hour, minute, dayPeriod } = parts;
    zone.text = `${weekday}, ${day} ${month} ${year}, ${hour}:${minute} ${dayPeriod}`;
    zone.minute = since;
  }
  return zone.text;
}
