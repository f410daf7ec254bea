import { AppError } from '../../errors.ts';
import type { Clock } from '../../limits/clock.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';
import { reportEnded } from './jobReport.ts';
import { isUnfinished, type StoredJob } from './jobRow.ts';
import { endedJob } from './jobSteps.ts';
import type { JobStore } from './jobStore.ts';

export interface EndDeps {
  store: JobStore;
  clock: Pick<Clock, 'now'>;
  retentionMs: number;
}

const tries = 5;

/**
 * Ends a job, whatever is written to its row meanwhile, unless it has ended otherwise by then; what is of no use any more
 * is deleted. Gives the job as it ended; undefined where it is gone.
 */
export async function endJob(
  row: StoredJob,
  end: Parameters<typeof endedJob>[1],
  { store, clock, retentionMs }: EndDeps,
  log: Logger,
): Promise<StoredJob | undefined> {
  const { partitionKey: id } = row;
  let current: StoredJob | undefined = row;
  for (let i = 0; i < tries && current && isUnfinished(current); i++) {
    const now = new Date(clock.now());
    const ended = await store.move(current, endedJob(current, end, now, retentionMs));
    if (ended) {
      reportEnded(ended, now);
      const failure = end.state === 'failed' ? { code: end.error.code, ...errorFields(end.error) } : {};
      log[end.state === 'failed' ? 'warn' : 'info'](`audit-job-${end.state}`, { job: id, ...failure });
      current = ended;
    } else {
      const found: StoredJob | undefined = await store.get(id);
      // Of a failure only the one who has the job can speak.
      if (end.state === 'failed' && found?.owner !== row.owner) return found;
      current = found;
    }
  }
  if (current && isUnfinished(current))
    throw new AppError('storage-unavailable', 'The job could not be ended. Try again shortly.', {
      retryAfter: 1,
    });
  await store.dropRequest(id);
  if (current?.state !== 'done') await store.dropResult(id);
  return current;
}
