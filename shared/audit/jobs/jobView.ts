import type { Progress } from '../engines/engine.ts';
import type { JobProblem } from './jobProblem.ts';
import { isUnfinished, type JobRow, type JobState, problemOf, progressOf } from './jobRow.ts';

/** A job as its client sees it. Times are ISO. */
export interface JobView {
  id: string;
  state: JobState;
  created_at: string;
  updated_at: string;
  /** Until when the job and its result are kept; null while it is unfinished. */
  expires_at: string | null;
  /** Before this it is not gone on with, as a limit is reached; null where it does not wait. */
  waits_until: string | null;
  /** Null until it was begun. */
  progress: {
    stage: Progress['stage'];
    steps_done: number;
    steps: number;
    tokens: number;
    /** So far; null where the price is not known. */
    cost_usd: number | null;
  } | null;
  /** Of a failed one. */
  problem?: JobProblem;
}

export function toJobView(row: JobRow): JobView {
  const { partitionKey: id, state, createdAt, updatedAt, expiresAt, dueAt } = row;
  const [progress, problem] = [progressOf(row), problemOf(row)];
  return {
    id,
    state,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    expires_at: isUnfinished(row) ? null : expiresAt.toISOString(),
    waits_until: dueAt?.toISOString() ?? null,
    progress: progress ? toProgressView(progress) : null,
    ...(problem ? { problem } : {}),
  };
}

function toProgressView({ stage, stepsDone, steps, tokens, costMicroUsd }: Progress): JobView['progress'] {
  return {
    stage,
    steps_done: stepsDone,
    steps,
    tokens,
    cost_usd: costMicroUsd === undefined ? null : costMicroUsd / 1_000_000,
  };
}

const [leastRetryAfter, mostRetryAfter] = [2, 15];

/** Seconds after which looking again makes sense: often at first, or when a limit lets it go on. */
export function retryAfterOf({ createdAt, dueAt }: JobRow, now: Date): number {
  const age = (now.getTime() - createdAt.getTime()) / 1000;
  const waits = dueAt ? (dueAt.getTime() - now.getTime()) / 1000 : 0;
  return Math.ceil(Math.min(Math.max(leastRetryAfter, age / 4, waits), mostRetryAfter));
}
