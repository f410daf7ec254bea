/** What {@link raceDeadline} gives when time ran out first. */
export const timedOut = Symbol('timed out');

/** `work`, or {@link timedOut} after `ms` milliseconds. Work that loses goes on unobserved; its failure is swallowed. */
export async function raceDeadline<T>(work: Promise<T>, ms: number): Promise<T | typeof timedOut> {
  const timer = Promise.withResolvers<typeof timedOut>();
  const handle = setTimeout(() => timer.resolve(timedOut), Math.max(0, ms));
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
    work.catch(() => {});
  }
}
