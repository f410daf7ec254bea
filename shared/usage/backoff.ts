const baseMs = 500;
const mostMs = 20_000;

/**
 * How long to wait before try number `attempt` + 1 (1 is the first): full jitter under a doubling ceiling, and never
 * less than the service asked for. Milliseconds; `random` gives 0 up to 1.
 */
export function backoffMs(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const ceiling = Math.min(mostMs, baseMs * 2 ** (attempt - 1));
  return Math.ceil((retryAfterMs ?? 0) + random() * ceiling);
}

/** `Retry-After` as RFC 9110 has it, seconds or a date, or `retry-after-ms`; undefined where neither says anything. */
export function retryAfterOf(headers: Headers | undefined, now: number): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get('retry-after');
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isFinite(date) ? Math.max(0, date - now) : undefined;
}
