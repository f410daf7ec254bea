import type { AppError } from '../../errors.ts';
import { failures } from '../../errors.ts';
import type { TraceCarrier } from '../../telemetry/propagation.ts';
import type { Progress } from '../engines/engine.ts';
import { toJobProblem } from './jobProblem.ts';
import { isUnfinished, type JobRow, jobRowKey, progressOf } from './jobRow.ts';

/** How long whoever works at a job is believed to without having said so again; far more than a busy machine is silent. */
export const claimMs = 30_000;
/** A ticket that has not come this long after its time is lost. */
const ticketMs = 15 * 60_000;
/** Workers that may be lost in a row over a job that comes no further: what ends five of them will end the next. */
const mostLosses = 5;
/** Times in a row that a job may be put off without having come further between: a quarter of an hour at the least. */
const mostIdleRuns = 10;
/** Nothing is waited for longer than this after a job was accepted. */
const longestMs = 24 * 3_600_000;

const later = (now: Date, ms: number) => new Date(now.getTime() + ms);

/** A job as it is accepted. */
export function acceptedJob(
  { id, caller, key, trace }: { id: string; caller: string; key: string; trace: TraceCarrier },
  now: Date,
  retentionMs: number,
): JobRow {
  return {
    partitionKey: id,
    rowKey: jobRowKey,
    state: 'queued',
    caller,
    key,
    createdAt: now,
    updatedAt: now,
    expiresAt: later(now, longestMs + retentionMs),
    overdueAt: later(now, ticketMs),
    losses: 0,
    idleRuns: 0,
    furthest: 0,
    trace: JSON.stringify(trace),
  };
}

/** What is to be done about a job whose ticket came. */
export type Due =
  | { kind: 'over' }
  /** Not yet, or somebody is at it: to be looked at again after `waitMs`. */
  | { kind: 'later'; waitMs: number }
  /** Too many workers were lost over it. */
  | { kind: 'hopeless' }
  | { kind: 'now' };

export function dueOf(row: JobRow | undefined, now: Date): Due {
  if (!row || !isUnfinished(row)) return { kind: 'over' };
  const free = Math.max(row.dueAt?.getTime() ?? 0, row.ownedUntil?.getTime() ?? 0);
  if (free > now.getTime()) return { kind: 'later', waitMs: free - now.getTime() };
  return lossesOf(row) >= mostLosses ? { kind: 'hopeless' } : { kind: 'now' };
}

const [leastTurnMs, mostTurnMs] = [1_000, 15_000];

/** After how long a job asks again whether an instance has a place for it: soon at first, less often in a long line. */
export function turnMsOf({ createdAt }: JobRow, now: Date): number {
  return Math.min(Math.max(leastTurnMs, (now.getTime() - createdAt.getTime()) / 4), mostTurnMs);
}

/** Who gives a job up says so: an owner that is still there when its time has run out was lost. */
function lossesOf(row: JobRow): number {
  if (row.owner === undefined) return row.losses;
  return reachedBy(progressOf(row)) > row.furthest ? 1 : row.losses + 1;
}

/** The job in the hands of `owner`. */
export function claimedJob(row: JobRow, owner: string, now: Date): JobRow {
  const furthest = Math.max(reachedBy(progressOf(row)), row.furthest);
  const lost = row.owner === undefined ? {} : { losses: lossesOf(row), furthest };
  return keptJob({ ...row, ...lost, state: 'running', owner, dueAt: undefined }, undefined, now);
}

/** The job with the word that its owner is still there, and what it has reached: a job that is gone on with never goes back. */
export function keptJob(row: JobRow, progress: Progress | undefined, now: Date): JobRow {
  const ownedUntil = later(now, claimMs);
  const before = progressOf(row);
  const isFurther = reachedBy(progress) >= reachedBy(before);
  // What was spent is spent, whether or not it has come as far as the run before.
  const reached = progress && (isFurther ? progress : progress.spent && { ...before, ...spentIn(progress) });
  return {
    ...row,
    updatedAt: now,
    ownedUntil,
    overdueAt: later(ownedUntil, claimMs),
    ...(reached ? { progress: JSON.stringify(reached) } : {}),
  };
}

const spentIn = ({ tokens, costMicroUsd, spent }: Progress) => ({ tokens, costMicroUsd, spent });

/** Why an owner gives a job back unfinished: its time was up, or a failure that passes. */
export type GivenBack = 'time-up' | AppError;

/** The job as it waits to be gone on with; undefined where it has waited enough. */
export function waitingJob(row: JobRow, why: GivenBack, now: Date): JobRow | undefined {
  const reached = reachedBy(progressOf(row));
  const idleRuns = reached > row.furthest ? 0 : row.idleRuns + 1;
  if (idleRuns >= mostIdleRuns) return undefined;
  const dueAt = why === 'time-up' ? now : later(now, waitMsOf(why, idleRuns));
  if (dueAt.getTime() > row.createdAt.getTime() + longestMs) return undefined;
  return {
    ...row,
    updatedAt: now,
    owner: undefined,
    ownedUntil: undefined,
    idleRuns,
    furthest: Math.max(reached, row.furthest),
    dueAt: why === 'time-up' ? undefined : dueAt,
    overdueAt: later(dueAt, ticketMs),
  };
}

/** At least as long as was asked for, and twice as long each time. */
const waitMsOf = ({ retryAfter = 0 }: AppError, idleRuns: number) =>
  Math.max(retryAfter * 1000, 1000 * 2 ** idleRuns);

const stages: readonly Progress['stage'][] = ['reading', 'extracting', 'assessing', 'confirming', 'done'];

/** How far that is, as one number: steps are counted anew in each stage. */
function reachedBy(progress: Progress | undefined): number {
  return progress ? stages.indexOf(progress.stage) * 1e6 + Math.min(progress.stepsDone, 1e6 - 1) : 0;
}

/** True for failures of limits and services that pass, and say when. */
export function passes({ code, retryAfter, status }: AppError): boolean {
  return failures[code].retryable && retryAfter !== undefined && (status === 429 || status === 503);
}

/** The job as it ends, and is kept from then on. */
export function endedJob(
  row: JobRow,
  end: { state: 'done' } | { state: 'canceled' } | { state: 'failed'; error: AppError },
  now: Date,
  retentionMs: number,
): JobRow {
  return {
    ...row,
    state: end.state,
    updatedAt: now,
    expiresAt: later(now, retentionMs),
    owner: undefined,
    ownedUntil: undefined,
    dueAt: undefined,
    overdueAt: undefined,
    ...(end.state === 'failed' ? { problem: JSON.stringify(toJobProblem(end.error)) } : {}),
  };
}

/** True where the time a ticket has is more than half over. */
export function isOverdueSoon({ overdueAt }: JobRow, now: Date): boolean {
  return overdueAt !== undefined && overdueAt.getTime() - now.getTime() < ticketMs / 2;
}

/** The job with a ticket that is known to be on its way. */
export function ticketedJob(row: JobRow, now: Date): JobRow {
  return { ...row, overdueAt: later(now, ticketMs) };
}
