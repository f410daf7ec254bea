import { z } from 'zod';
import type { QueueStore } from '../../storage/queueStore.ts';
import { traced } from '../../telemetry/spans.ts';
import { type JobRow, jobsQueue, traceOf } from './jobRow.ts';

const ticketSchema = z.object({
  /** The job's id. What is to be done and when is in its row, so tickets may come twice, late or early. */
  job: z.string().min(1),
  /** The trace of the request, which the job continues. */
  trace: z.object({ traceparent: z.string().optional(), tracestate: z.string().optional() }),
});

/** A message of the `audit-jobs` queue: look at this job. */
export type JobTicket = z.infer<typeof ticketSchema>;

/** @throws ZodError for a queue message that is no ticket. */
export function readJobTicket(message: unknown): JobTicket {
  return ticketSchema.parse(message);
}

/** Queues a ticket for a job, to be read after `delayMs`. */
export function queueJob(
  queues: Pick<QueueStore, 'send'>,
  row: Pick<JobRow, 'partitionKey' | 'trace'>,
  delayMs = 0,
): Promise<void> {
  const ticket: JobTicket = { job: row.partitionKey, trace: traceOf(row as JobRow) };
  return traced(`send ${jobsQueue}`, () => queues.send(jobsQueue, JSON.stringify(ticket), { delayMs }), {
    kind: 'producer',
    attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': jobsQueue },
  });
}
