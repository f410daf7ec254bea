import type { Logger } from '../../telemetry/logger.ts';
import { type EndDeps, endJob } from './endJob.ts';
import { isJobId, isUnfinished, type JobRow } from './jobRow.ts';

/**
 * Cancels an unfinished job, whose worker stops within seconds; of a finished one deletes the result and the job. Gives
 * the canceled job, or undefined where there is none (any more). Asked again it says the same.
 */
export async function cancelJob(id: string, deps: EndDeps, log: Logger): Promise<JobRow | undefined> {
  const row = isJobId(id) ? await deps.store.get(id) : undefined;
  if (!row) return undefined;
  const ended = isUnfinished(row) ? await endJob(row, { state: 'canceled' }, deps, log) : row;
  if (ended?.state === 'canceled') return ended;
  await deps.store.remove(id);
  log.info('audit-job-deleted', { job: id });
  return undefined;
}
