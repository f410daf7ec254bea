/** There are some 600 zones, and more ways to write them. */
const mostZones = 500;

/**
 * Formatters of one form, each made when its IANA time zone is first asked for: making one takes longer than most of a
 * message. What it gives throws a RangeError for what is no time zone.
 */
export function zoneFormats(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): (timeZone: string) => Intl.DateTimeFormat {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (timeZone) => {
    const known = formats.get(timeZone);
    if (known) return known;
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    if (formats.size >= mostZones) formats.clear();
    formats.set(timeZone, format);
    return format;
  };
}

const anyFormat = zoneFormats('en', {});

/** True for a name of the IANA time zone database. */
export function isTimeZone(name: string): boolean {
  try {
    anyFormat(name);
    return true;
  } catch {
    return false;
  }
}
