/** As seconds this is the year 5138, as milliseconds 1973: no time of a delivery can be taken for the other unit. */
const secondsEnd = 100_000_000_000;
const millisecondsEnd = secondsEnd * 1_000;

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * The time a header tells, in milliseconds since 1970: seconds or milliseconds, told apart by magnitude, or ISO 8601 with
 * a zone. Vapi does not document which it sends. Undefined where it is none of these.
 */
export function readTimestamp(text: string): number | undefined {
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) {
    const value = Number(text);
    if (value < secondsEnd) return value * 1_000;
    return value < millisecondsEnd ? value : undefined;
  }
  const ms = iso.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
