const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/**
 * Waits between tries, after the example of Standard Webhooks, cut to what a day can hold: eight tries within about 28
 * hours, jitter aside.
 */
const waitsMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  10 * hour,
];
const longestWaitMs = 10 * hour;

export const mostAttempts = waitsMs.length + 1;

/** Each wait is longer by up to this part of it, so that what failed together does not come back together. */
const jitter = 0.2;

/**
 * How long to wait after try number `attempt` (1 is the first), in milliseconds; undefined after the last. What the
 * endpoint asked for in `Retry-After` can make a wait longer, up to the longest of the schedule, and never shorter.
 * `random` gives 0 up to 1.
 */
export function waitAfter(
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  const step = waitsMs[attempt - 1];
  if (step === undefined) return undefined;
  const asked = Math.min(retryAfterMs ?? 0, longestWaitMs);
  return Math.ceil(Math.max(step, asked) * (1 + jitter * random()));
}
