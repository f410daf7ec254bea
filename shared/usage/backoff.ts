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
