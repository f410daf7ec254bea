import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { Clock } from '../../limits/clock.ts';
import type { QueueStore } from '../../storage/queueStore.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { carrierOf, continueTrace } from '../../telemetry/propagation.ts';
import { traced } from '../../telemetry/spans.ts';
import type { Share } from '../intake/memoryRoom.ts';
import type { AuditRunner } from './auditRunner.ts';
import { endJob } from './endJob.ts';
import { JobHold } from './jobHold.ts';
import { reportBegun } from './jobReport.ts';
import { jobsQueue, type StoredJob } from './jobRow.ts';
import type { JobSlots } from './jobSlots.ts';
import {
  claimedJob,
  claimMs,
  dueOf,
  isOverdueSoon,
  passes,
  ticketedJob,
  turnMsOf,
  waitingJob,
} from './jobSteps.ts';
import type { JobStore } from './jobStore.ts';
import { runAudit } from './runAudit.ts';
import { queueJob, readJobTicket } from './ticket.ts';

export interface JobDeps {
  store: JobStore;
  queues: Pick<QueueStore, 'send'>;
  runner(): Promise<Pick<AuditRunner, 'audit'>>;
  /** A share of the instance's memory: a job whose source does not fit waits. */
  room(): Share;
  /** One for the instance. */
  slots: Pick<JobSlots, 'take'>;
  /** By the store's time: claims are compared across instances. */
  clock: Clock;
  /** Longest that one invocation works at a job. */
  sliceMs: number;
  /** How long a finished job is kept. */
  retentionMs: number;
}

/** A ticket comes again after this where another worker was quicker. */
const outrunMs = 2_000;

/**
 * Processes one ticket of the `audit-jobs` queue. The job's row says what is due, so tickets may come twice, late, early
 * and in any order: of several one claims the row and works, the others come again when its claim can have run out, and
 * a job that has ended is left alone. A job is worked at until it has ended, its time in this invocation is up, a limit
 * puts it off, it is canceled, or the worker is lost; whoever goes on finds the finished steps remembered. Anything
 * thrown brings the message back.
 */
export async function processJob(message: unknown, deps: JobDeps, log: Logger): Promise<void> {
  const { job, trace } = readJobTicket(message);
  const { traceparent, tracestate } = trace;
  await continueTrace(carrierOf({ traceParent: traceparent, traceState: tracestate }), () =>
    traced(
      `process ${jobsQueue}`,
      async (span) => {
        const { row, waitMs } = await work(job, deps, log);
        span.set({ 'gatehouse.state': row?.state });
        if (row && waitMs !== undefined) await queueJob(deps.queues, row, waitMs);
      },
      {
        kind: 'consumer',
        attributes: { 'messaging.operation.type': 'process', 'messaging.destination.name': jobsQueue },
      },
    ),
  );
}

/** The job as it is now, and after how many milliseconds the ticket is to come again; undefined where never. */
interface Looked {
  row: StoredJob | undefined;
  waitMs?: number;
}

async function work(id: string, deps: JobDeps, log: Logger): Promise<Looked> {
  const { store, clock } = deps;
  const row = await store.get(id);
  const due = dueOf(row, new Date(clock.now()));
  if (!row || due.kind === 'over') {
    await store.dropRequest(id);
    return { row };
  }
  if (due.kind === 'later') return { row, waitMs: due.waitMs };
  if (due.kind === 'hopeless')
    return { row: await endJob(row, { state: 'failed', error: broken() }, deps, log) };
  const leave = deps.slots.take();
  if (!leave)
    return {
      row: await inLine(row, deps),
      waitMs: turnMsOf(row, new Date(clock.now())) * (1 + clock.random()),
    };
  try {
    return await claimAndRun(row, deps, log);
  } finally {
    leave();
  }
}

/** A job that has waited for its turn for long has its ticket all the same: the row says so, before another one is added. */
async function inLine(row: StoredJob, { store, clock }: JobDeps): Promise<StoredJob> {
  const now = new Date(clock.now());
  return isOverdueSoon(row, now) ? ((await store.move(row, ticketedJob(row, now))) ?? row) : row;
}

async function claimAndRun(row: StoredJob, deps: JobDeps, log: Logger): Promise<Looked> {
  const { store, queues, clock } = deps;
  // The message of a worker that is lost stays hidden for ten minutes; this one looks after it.
  if (row.state === 'queued') await queueJob(queues, row, claimMs);
  const mine = await store.move(row, claimedJob(row, randomUUID(), new Date(clock.now())));
  if (!mine) return { row, waitMs: outrunMs };
  if (row.state === 'queued') reportBegun(mine, new Date(clock.now()));
  log.info('audit-job-begun', { job: mine.partitionKey, key: mine.key, losses: mine.losses });
  const hold = new JobHold({ store, clock, log }, mine);
  const outcome = await runAudit(hold, mine, deps, log);
  const held = await hold.release();
  switch (outcome.kind) {
    case 'done':
      await store.putResult(held.partitionKey, outcome.result);
      return { row: await endJob(held, { state: 'done' }, deps, log) };
    case 'stopped':
      if (outcome.reason === 'time-up') return putOff(held, undefined, deps, log);
      log.warn('audit-job-stopped', { job: held.partitionKey, reason: outcome.reason });
      return outcome.reason === 'lost' ? { row: held, waitMs: outrunMs } : { row: held };
    case 'failed':
      return passes(outcome.error)
        ? putOff(held, outcome.error, deps, log)
        : { row: await endJob(held, { state: 'failed', error: outcome.error }, deps, log) };
  }
}

/** Gives a job back to be gone on with; it fails where it was put off often enough. */
async function putOff(
  row: StoredJob,
  error: AppError | undefined,
  deps: JobDeps,
  log: Logger,
): Promise<Looked> {
  const now = new Date(deps.clock.now());
  const waiting = waitingJob(row, error ?? 'time-up', now);
  if (!waiting) {
    return { row: await endJob(row, { state: 'failed', error: error ?? neverDone() }, deps, log) };
  }
  const moved = await deps.store.move(row, waiting);
  const waitMs = (waiting.dueAt ?? now).getTime() - now.getTime();
  const fields = { job: row.partitionKey, code: error?.code ?? 'time-up', waitMs };
  log.info('audit-job-put-off', fields);
  return { row: moved ?? row, waitMs: moved ? waitMs : outrunMs };
}

const broken = () =>
  new AppError(
    'internal',
    'The audit was begun several times and broke off each time. Audit a smaller tree.',
  );

const neverDone = () =>
  new AppError(
    'engine-timeout',
    'The audit came no further in all the time it had. Send it again later, or audit a smaller tree.',
  );
