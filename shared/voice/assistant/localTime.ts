const formats = new Map<string, Intl.DateTimeFormat>();
const mostZones = 500;

/** One formatter a zone: making one costs more than the rest of an assistant-request together. */
function formatFor(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-AU', {
      timeZone: timezone,
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      hour12: true,
    });
    if (formats.size >= mostZones) formats.clear();
    formats.set(timezone, format);
  }
  return format;
}

/** Date and time as a receptionist at that place would say them: `Saturday, 21 November 2026, 11:49 am`. */
export function localTime(now: Date, timezone: string): string {
  const parts = Object.fromEntries(
    formatFor(timezone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const { weekday, day, month, year, hour, minute, dayPeriod } = parts;
  return `${weekday}, ${day} ${month} ${year}, ${hour}:${minute} ${dayPeriod}`;
}
