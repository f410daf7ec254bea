import type { QueueStore } from '../../storage/queueStore.ts';
import { ticketedJob } from './jobSteps.ts';
import type { JobStore } from './jobStore.ts';
import { queueJob } from './ticket.ts';

/** Deletes jobs that have expired, with all that is stored of them; at most `most` in one go. Gives how many went. */
export async function deleteExpiredJobs(store: JobStore, now: Date, most: number): Promise<number> {
  let deleted = 0;
  for await (const { partitionKey } of store.expired(now)) {
    if (deleted >= most) break;
    await store.remove(partitionKey);
    deleted++;
  }
  return deleted;
}

/**
 * Queues a ticket for each job that nobody sees to: its worker was lost, or its ticket was, or went to the poison queue.
 * At most `most` in one go; gives how many. A ticket too many does no harm.
 */
export async function requeueOverdueJobs(
  store: JobStore,
  queues: Pick<QueueStore, 'send'>,
  now: Date,
  most: number,
): Promise<number> {
  let queued = 0;
  for await (const row of store.overdue(now)) {
    if (queued >= most) break;
    if (!(await store.move(row, ticketedJob(row, now)))) continue;
    await queueJob(queues, row);
    queued++;
  }
  return queued;
}
