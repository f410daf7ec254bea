const end = 9_999_999_999_999;

/** Milliseconds since 1970 that a key can tell: to the year 2286. */
const inRange = (ms: number) => Math.min(Math.max(ms, 0), end);

/** Prefix of the rows that list what a tenant has, latest first. */
export const timePrefix = 't|';

/** Larger for earlier times, so that row keys list the latest first. */
function inverted(ms: number): string {
  return String(end - inRange(ms)).padStart(13, '0');
}

/** Row key of something that was at `iso`, and is called `key`. */
export function timeKeyOf(iso: string, key: string): string {
  return `${timePrefix}${inverted(Date.parse(iso))}|${key}`;
}

/** The time a key tells, as ISO text. */
export function timeOfKey(timeKey: string): string {
  return new Date(end - Number(timeKey.split('|')[1])).toISOString();
}

/** What is called by a key of this kind. */
export function keyOfTimeKey(timeKey: string): string {
  return timeKey.slice(timePrefix.length + 14);
}

/** Row keys of what was at or after `since` and before `until`. Times are whole milliseconds. */
export function keysBetween(since?: Date, until?: Date, prefix = timePrefix): { from?: string; to?: string } {
  return {
    ...(until ? { from: `${prefix}${inverted(until.getTime() - 1)}` } : {}),
    // One past the key of `since`, which itself is asked for.
    ...(since ? { to: `${prefix}${inverted(since.getTime() - 1)}` } : {}),
  };
}
