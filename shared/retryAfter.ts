/** Whatever a service says, it is asked again after a day. */
const mostRetryAfterMs = 86_400_000;

/**
 * `retry-after-ms`, or `Retry-After` as RFC 9110 has it, seconds or a date, in milliseconds and at most a day; undefined
 * where neither says anything that makes sense.
 */
export function retryAfterOf(headers: Headers | undefined, now: number): number | undefined {
  const text = headers?.get('retry-after');
  const ms = amountOf(headers?.get('retry-after-ms')) ?? secondsOf(text) ?? untilOf(text, now);
  return ms === undefined ? undefined : Math.min(ms, mostRetryAfterMs);
}

function amountOf(text: string | null | undefined): number | undefined {
  const amount = text ? Number(text) : Number.NaN;
  return Number.isFinite(amount) && amount >= 0 ? amount : undefined;
}

function secondsOf(text: string | null | undefined): number | undefined {
  const seconds = amountOf(text);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** `Date.parse` makes a date of nearly anything: only what is told to be one counts. */
function untilOf(text: string | null | undefined, now: number): number | undefined {
  const date = /^[a-z]{3,9},.* GMT$/i.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isFinite(date) ? Math.max(0, date - now) : undefined;
}
