import type { Clock } from '../../limits/clock.ts';
import type { QueueStore } from '../../storage/queueStore.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { currentTrace } from '../../telemetry/propagation.ts';
import type { AuditRequest } from '../auditRequest.ts';
import { reportAccepted } from './jobReport.ts';
import { type JobRow, newJobId } from './jobRow.ts';
import { acceptedJob } from './jobSteps.ts';
import type { JobStore } from './jobStore.ts';
import { queueJob } from './ticket.ts';

export interface SubmitDeps {
  store: JobStore;
  queues: Pick<QueueStore, 'send'>;
  clock: Pick<Clock, 'now'>;
  retentionMs: number;
}

/**
 * Takes an audit for a job. Once this returns the job will be worked at; if it throws, nothing is left of it. The row
 * comes first, so that whatever else is stored can be found and deleted.
 * @param key content hash of what is audited and how.
 */
export async function submitJob(
  { store, queues, clock, retentionMs }: SubmitDeps,
  request: AuditRequest,
  { caller, key, log }: { caller: string; key: string; log: Logger },
): Promise<JobRow> {
  const id = newJobId();
  const row = acceptedJob({ id, caller, key, trace: currentTrace() }, new Date(clock.now()), retentionMs);
  await store.insert(row);
  try {
    await store.putRequest(id, request);
    await queueJob(queues, row);
  } catch (error) {
    await store.remove(id).catch(() => {});
    throw error;
  }
  reportAccepted();
  log.info('audit-job-accepted', { job: id, key, files: request.input.files.length });
  return row;
}
