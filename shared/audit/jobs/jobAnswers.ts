import { AppError } from '../../errors.ts';
import type { Answer } from '../../http/answer.ts';
import type { AuditResult } from '../report/auditResult.ts';
import { fromJobProblem } from './jobProblem.ts';
import { isJobId, isUnfinished, type JobRow, problemOf, type StoredJob } from './jobRow.ts';
import type { JobStore } from './jobStore.ts';
import { retryAfterOf, toJobView } from './jobView.ts';

/** A form in which a result can be had. */
export interface ReportFormat {
  contentType: string;
  write(result: AuditResult): string | Promise<string>;
}

export type ReportFormats = Readonly<Record<string, ReportFormat>>;

export interface StatusDeps {
  store: Pick<JobStore, 'get' | 'result'>;
  formats: ReportFormats;
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
 * Answers `GET /api/audit/{id}`: the state, with the result once it is there, and with `?reports=a,b` the reports of
 * these names; with `?format=NAME` the report itself, 202 before, and the failure with its own status.
 * @throws AppError `not-found`, `invalid-request` for a format there is not, or with `format` the job's own failure.
 */
export async function statusAnswer(id: string, query: URLSearchParams, deps: StatusDeps): Promise<Answer> {
  const { store, formats, now } = deps;
  const format = query.get('format') ?? undefined;
  const reports = (query.get('reports') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const [wanted, ...others] = [format, ...reports].map((name) =>
    name === undefined ? undefined : formatOf(formats, name),
  );
  const row = await findJob(store, id, now);
  if (wanted) return reportAnswer(row, wanted, deps);
  if (row.state !== 'done') {
    const headers = isUnfinished(row) ? retryHeader(row, now) : {};
    return { status: 200, headers, jsonBody: toJobView(row) };
  }
  const result = await resultOf(store, row);
  const written = await Promise.all(
    reports.map(async (name, i) => [name, await others[i]?.write(result)] as const),
  );
  const extra = reports.length > 0 ? { reports: Object.fromEntries(written) } : {};
  return { status: 200, jsonBody: { ...toJobView(row), result, ...extra } };
}

async function reportAnswer(
  row: StoredJob,
  format: ReportFormat,
  { store, now }: StatusDeps,
): Promise<Answer> {
  if (isUnfinished(row)) return acceptedAnswer(row, now);
  const problem = problemOf(row);
  if (problem) throw fromJobProblem(problem);
  if (row.state === 'canceled')
    throw new AppError('not-found', 'This audit was canceled: there is no report. Send it again.');
  const result = await resultOf(store, row);
  return { status: 200, headers: { 'content-type': format.contentType }, body: await format.write(result) };
}

function formatOf(formats: ReportFormats, name: string): ReportFormat {
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format) return format;
  throw new AppError(
    'invalid-request',
    `There is no report of this name. Ask for one of ${Object.keys(formats).join(', ')}.`,
  );
}
