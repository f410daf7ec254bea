import type { Prepared } from './auditRunner.ts';

/**
 * Whether an audit is answered in the request that asked for it, or becomes a job: what is cached is answered at once,
 * whatever was preferred; else what may take longer than `directS` seconds, and what is preferred so, is a job.
 */
export function respond(
  { isCached, estimate }: { isCached: boolean; estimate: Pick<Prepared['estimate'], 'seconds'> },
  preferAsync: boolean,
  directS: number,
): 'directly' | 'as-job' {
  if (isCached) return 'directly';
  return preferAsync || estimate.seconds >= directS ? 'as-job' : 'directly';
}

/** True where the header asks for `respond-async` (RFC 7240). */
export function prefersAsync(headers: Pick<Headers, 'get'>): boolean {
  const preferences = (headers.get('prefer') ?? '').split(',');
  return preferences.some((one) => /^\s*respond-async\s*(;|$)/i.test(one));
}
