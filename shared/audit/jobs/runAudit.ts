import { AppError } from '../../errors.ts';
import type { Clock } from '../../limits/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Share } from '../intake/memoryRoom.ts';
import type { AuditResult } from '../report/auditResult.ts';
import type { AuditRunner } from './auditRunner.ts';
import type { JobHold, StopReason } from './jobHold.ts';
import { progressOf, type StoredJob } from './jobRow.ts';
import type { JobStore } from './jobStore.ts';

/** Whoever was told to stop may take so long for it; then it is left behind. */
const graceMs = 10_000;

export type RunOutcome =
  | { kind: 'done'; result: AuditResult }
  | { kind: 'failed'; error: AppError }
  | { kind: 'stopped'; reason: StopReason };

interface RunDeps {
  store: Pick<JobStore, 'request'>;
  runner(): Promise<Pick<AuditRunner, 'audit'>>;
  /** A share of the instance's memory. */
  room(): Share;
  clock: Clock;
  sliceMs: number;
}

/** Works at a job's audit until it is done, has failed, or has to stop. Never throws. */
export async function runAudit(
  hold: JobHold,
  row: StoredJob,
  { store, runner, room, clock, sliceMs }: RunDeps,
  log: Logger,
): Promise<RunOutcome> {
  const { partitionKey: id, caller } = row;
  const slice = clock.wait(sliceMs);
  void slice.done.then(() => hold.stop('time-up'));
  const grace = graceAfter(hold.signal, clock);
  using share = room();
  try {
    const request = await store.request(id, share);
    if (!request) throw incomplete();
    const { signal } = hold;
    const auditor = await runner();
    signal.throwIfAborted();
    const before = progressOf(row)?.spent;
    const progress = hold.report.bind(hold);
    const audit = auditor.audit(request, { caller, log }, { signal, progress, before });
    return { kind: 'done', result: await Promise.race([audit, grace.over]) };
  } catch (error) {
    const reason = hold.stopped;
    if (reason !== undefined) return { kind: 'stopped', reason };
    return { kind: 'failed', error: toFailure(error) };
  } finally {
    slice.cancel();
    grace.cancel();
  }
}

/** Fails so long after the signal has ended. */
function graceAfter(signal: AbortSignal, clock: Clock): { over: Promise<never>; cancel(): void } {
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => {});
  let cancel = () => {};
  const begin = () => {
    const wait = clock.wait(graceMs);
    cancel = () => wait.cancel();
    void wait.done.then(() => reject(signal.reason));
  };
  signal.addEventListener('abort', begin, { once: true });
  return {
    over,
    cancel() {
      signal.removeEventListener('abort', begin);
      cancel();
    },
  };
}

/** A fault of ours is told as one, and cannot be asked about by the correlation id of some later request. */
function toFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(
    'internal',
    'An unexpected error ended the audit. Quote the id of the job when you report it.',
    {
      cause: error,
    },
  );
}

const incomplete = () =>
  new AppError('internal', 'The audit was not stored whole when it was sent. Send it again.');
