import { randomBytes } from 'node:crypto';
import type { Entity, StoredEntity } from '../../storage/tableStore.ts';
import type { TraceCarrier } from '../../telemetry/propagation.ts';
import type { Progress } from '../engines/engine.ts';
import type { JobProblem } from './jobProblem.ts';

export const jobsTable = 'jobs';
export const jobsQueue = 'audit-jobs';
export const jobsContainer = 'audit-jobs';
export const jobRowKey = 'job';

export const jobStates = ['queued', 'running', 'done', 'failed', 'canceled'] as const;

/** States move one way: `queued`, `running`, then one of the other three. A job that waits for a limit stays `running`. */
export type JobState = (typeof jobStates)[number];

export interface JobRow extends Entity {
  rowKey: typeof jobRowKey;
  state: JobState;
  /** Whose limits and budget it is. */
  caller: string;
  /** Content hash of what is audited and how. */
  key: string;
  createdAt: Date;
  updatedAt: Date;
  /** After this the job is not known any more, and is deleted. */
  expiresAt: Date;
  /** Only while unfinished: after this its ticket is taken for lost, and another one is queued. */
  overdueAt?: Date | undefined;
  /** Only while unfinished: before this nobody works at it. */
  dueAt?: Date | undefined;
  /** Who works at it, and until when others have to take that for true. */
  owner?: string | undefined;
  ownedUntil?: Date | undefined;
  /** How often in a row whoever worked at it was lost without having come further than `furthest`. */
  losses: number;
  /** How often in a row it was put off without that. */
  idleRuns: number;
  furthest: number;
  /** JSON of {@link Progress}; undefined until it was begun. */
  progress?: string | undefined;
  /** JSON of {@link JobProblem}, where it failed. */
  problem?: string | undefined;
  /** JSON of the {@link TraceCarrier} of the request that asked for it. */
  trace: string;
}

export type StoredJob = StoredEntity<JobRow>;

const jobId = /^aud_[\w-]{24}$/;

/** An id that nobody guesses: 144 random bits. Whoever knows it and has a key of the app may read and cancel the job. */
export function newJobId(): string {
  return `aud_${randomBytes(18).toString('base64url')}`;
}

export function isJobId(text: string): boolean {
  return jobId.test(text);
}

export function isUnfinished({ state }: Pick<JobRow, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

export function progressOf({ progress }: JobRow): Progress | undefined {
  return progress === undefined ? undefined : (JSON.parse(progress) as Progress);
}

export function problemOf({ problem }: JobRow): JobProblem | undefined {
  return problem === undefined ? undefined : (JSON.parse(problem) as JobProblem);
}

export function traceOf({ trace }: JobRow): TraceCarrier {
  return JSON.parse(trace) as TraceCarrier;
}
