import { AppError } from '../../errors.ts';
import type { Answer } from '../../http/answer.ts';
import { type AnswerForm, reportAnswer, withReports } from '../report/answerForm.ts';
import type { AuditResult } from '../report/auditResult.ts';
import type { ReportFormatName } from '../report/formats.ts';
import { fromJobProblem } from './jobProblem.ts';
import { isJobId, isUnfinished, type JobRow, problemOf, type StoredJob } from './jobRow.ts';
import type { JobStore } from './jobStore.ts';
import { retryAfterOf, toJobView } from './jobView.ts';

export interface StatusDeps {
  store: Pick<JobStore, 'get' | 'result'>;
  now: Date;
}

/** The 202 of a job that is not finished: where it is to be looked for, and when. */
export function acceptedAnswer(row: JobRow, now: Date, headers: Record<string, string> = {}): Answer {
  return {
    status: 202,
    headers: { ...headers, location: `/api/audit/${row.partitionKey}`, ...retryHeader(row, now) },
    jsonBody: toJobView(row),
  };
}

const retryHeader = (row: JobRow, now: Date) => ({ 'retry-after': String(retryAfterOf(row, now)) });

/** A job that is known by this id and not expired. @throws AppError `not-found`. */
export async function findJob(store: Pick<JobStore, 'get'>, id: string, now: Date): Promise<StoredJob> {
  const row = isJobId(id) ? await store.get(id) : undefined;
  if (row && row.expiresAt > now) return row;
  throw new AppError(
    'not-found',
    'There is no audit of this id. Its result may have expired or been deleted: send the audit again.',
  );
}

/** The result of a job that is done. @throws AppError `not-found` where it was deleted at this moment. */
export async function resultOf(
  store: Pick<JobStore, 'result'>,
  { partitionKey: id }: JobRow,
): Promise<AuditResult> {
  const result = await store.result(id);
  if (!result) throw new AppError('not-found', 'The result of this audit was deleted. Send the audit again.');
  return result;
}

/**
 * Answers `GET /api/audit/{id}`: the state, with the result and the reports that are wanted once it is there; where one
 * report is wanted alone, that, 202 before, and the failure with its own status.
 * @throws AppError `not-found`, or where one report is wanted the job's own failure.
 */
export async function statusAnswer(id: string, form: AnswerForm, deps: StatusDeps): Promise<Answer> {
  const { store, now } = deps;
  const row = await findJob(store, id, now);
  if (form.format !== undefined) return reportOf(row, form.format, deps);
  if (row.state !== 'done') {
    const headers = isUnfinished(row) ? retryHeader(row, now) : {};
    return { status: 200, headers, jsonBody: toJobView(row) };
  }
  const result = await resultOf(store, row);
  return { status: 200, jsonBody: { ...toJobView(row), result, ...withReports(result, form) } };
}

async function reportOf(
  row: StoredJob,
  format: ReportFormatName,
  { store, now }: StatusDeps,
): Promise<Answer> {
  if (isUnfinished(row)) return acceptedAnswer(row, now);
  const problem = problemOf(row);
  if (problem) throw fromJobProblem(problem);
  if (row.state === 'canceled')
    throw new AppError('not-found', 'This audit was canceled: there is no report. Send it again.');
  return reportAnswer(await resultOf(store, row), format);
}
