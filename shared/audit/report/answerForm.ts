import { AppError } from '../../errors.ts';
import type { Answer } from '../../http/answer.ts';
import type { AuditResult } from './auditResult.ts';
import { type ReportFormat, type ReportFormatName, reportFormatNames, reportFormats } from './formats.ts';

/** In which form a result is wanted. */
export interface AnswerForm {
  /** One report as the whole answer; undefined for the result in JSON. */
  format: ReportFormatName | undefined;
  /** Reports that go along with the result, by name. */
  reports: readonly ReportFormatName[];
}

/**
 * Whether only an estimate is wanted: `?estimate=true`.
 * @throws AppError `invalid-request` for another word, as what is meant for an estimate must not be paid for.
 */
export function wantsEstimate(query: URLSearchParams): boolean {
  const words = new Set(query.getAll('estimate').map((word) => word.trim().toLowerCase()));
  const [word = 'false', ...others] = words;
  if (others.length === 0 && (word === 'true' || word === 'false')) return word === 'true';
  throw new AppError('invalid-request', '"estimate" must be true or false.');
}

const byMediaType: Readonly<Record<string, ReportFormatName>> = {
  'text/markdown': 'markdown',
  'text/html': 'html',
  'application/sarif+json': 'sarif',
  'application/xml': 'junit',
  'text/xml': 'junit',
};

/**
 * `?format=NAME`, else the first media type of `Accept` that is a report's; `?reports=a,b`.
 * @throws AppError `invalid-request` for a report there is not.
 */
export function readAnswerForm(query: URLSearchParams, headers: Pick<Headers, 'get'>): AnswerForm {
  const format = query.get('format');
  const reports = query.getAll('reports').flatMap((names) => names.split(','));
  return {
    format: format === null ? accepted(headers.get('accept') ?? '') : named(format),
    reports: reports.map((name) => name.trim()).flatMap((name) => (name === '' ? [] : [named(name)])),
  };
}

function accepted(accept: string): ReportFormatName | undefined {
  const types = accept.split(',').map((one) => one.split(';')[0]?.trim().toLowerCase() ?? '');
  const [first] = types.filter((type) => type === 'application/json' || Object.hasOwn(byMediaType, type));
  return first === undefined ? undefined : byMediaType[first];
}

function named(name: string): ReportFormatName {
  const found = reportFormatNames.find((known) => known === name);
  if (found) return found;
  throw new AppError(
    'invalid-request',
    `There is no report of this name. Ask for one of ${reportFormatNames.join(', ')}.`,
  );
}

/** The members of a JSON answer that hold a result. */
export function withReports(
  result: AuditResult,
  { reports }: Pick<AnswerForm, 'reports'>,
): { reports?: Record<string, string> } {
  if (reports.length === 0) return {};
  return { reports: Object.fromEntries(reports.map((name) => [name, reportFormats[name].write(result)])) };
}

/** A report as an answer. */
export function reportAnswer(
  result: AuditResult,
  name: ReportFormatName,
  headers: Record<string, string> = {},
): Answer {
  const { contentType, write }: ReportFormat = reportFormats[name];
  return { status: 200, headers: { ...headers, 'content-type': contentType }, body: write(result) };
}

/** A result as the answer of an audit. */
export function resultAnswer(
  result: AuditResult,
  form: AnswerForm,
  headers: Record<string, string> = {},
): Answer {
  if (form.format !== undefined) return reportAnswer(result, form.format, headers);
  return { status: 200, headers, jsonBody: { ...result, ...withReports(result, form) } };
}
