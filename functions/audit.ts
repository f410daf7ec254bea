import type { HttpRequest } from '@azure/functions';
import { isJobId } from '../shared/audit/jobs/jobRow.ts';
import { AppError } from '../shared/errors.ts';
import type { Answer } from '../shared/http/answer.ts';
import type { RequestScope } from '../shared/http/endpoint.ts';
import { callerOf, routeParam, sourceAddressOf } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { admit, audits, required, services } from './services.ts';

/**
 * `POST /api/audit`, and `GET`, `DELETE /api/audit/{id}` of one that became a job. One function, as keys are those of a
 * function: whoever may ask for an audit may ask what came of it.
 */
http(
  'audit',
  { methods: ['POST', 'GET', 'DELETE'], authLevel: 'function', route: 'audit/{id?}' },
  async (request, scope) => {
    const id = routeParam(request, 'id');
    if (request.method === 'POST' && id === '') return audit(request, scope);
    if (request.method !== 'POST' && id !== '') return job(id, request, scope);
    throw new AppError(
      'not-found',
      'Send audits to POST /api/audit, and ask GET /api/audit/{id} what came of one that was answered 202.',
    );
  },
);

/** A source tree and its High-Level Design in, a verdict per requirement out; at once, or where that takes too long as a job. */
async function audit(request: HttpRequest, { log }: RequestScope): Promise<Answer> {
  const settings = required(services.settings.audit);
  const caller = callerOf(request);
  const address = sourceAddressOf(request.headers);
  const subject = { caller, ...(address === undefined ? {} : { 'source-address': address }) };
  const headers = await admit('audit', subject, log);
  const { readAnswerForm, readAuditRequest, ...room } = await audits();
  const auditor = await services.auditor();
  const form = readAnswerForm(request.query, request.headers);
  const isEstimate = room.wantsEstimate(request.query);
  using asked = await readAuditRequest(request, settings, required(services.settings.platform));
  const scope = { caller, log };
  // One time for both: what is not answered by its end, the platform cuts off.
  const signal = AbortSignal.timeout(settings.timeoutMs);
  const prepared = await auditor.prepare(asked, scope, signal);
  if (isEstimate) {
    const estimate = { cached: prepared.isCached, ...room.estimateJson(prepared.estimate) };
    return { status: 200, headers, jsonBody: estimate };
  }
  const isPreferred = room.prefersAsync(request.headers);
  if (room.respond(prepared, isPreferred, settings.directS) === 'as-job') {
    const jobs = await services.auditJobs();
    const row = await room.submitJob(jobs, asked, { ...scope, key: prepared.key });
    const applied = isPreferred ? { 'preference-applied': 'respond-async' } : {};
    return room.acceptedAnswer(row, new Date(jobs.clock.now()), { ...headers, ...applied });
  }
  return room.resultAnswer(await auditor.run(prepared, scope, { signal }), form, headers);
}

/**
 * How far a job is, and what came of it; `DELETE` cancels it, or deletes its result. Any key of the function will do with
 * the id, which nobody guesses: a pipeline whose key is changed meanwhile does not lose its audit.
 */
async function job(id: string, request: HttpRequest, { log }: RequestScope): Promise<Answer> {
  const jobs = await services.auditJobs();
  const { cancelJob, readAnswerForm, statusAnswer, toJobView } = await audits();
  if (request.method === 'DELETE') {
    const canceled = await cancelJob(id, jobs, log);
    if (isJobId(id)) log.warn('audit-job-delete-asked', { job: id, by: callerOf(request) });
    return canceled ? { status: 200, jsonBody: toJobView(canceled) } : { status: 204 };
  }
  const form = readAnswerForm(request.query, request.headers);
  return statusAnswer(id, form, { store: jobs.store, now: new Date(jobs.clock.now()) });
}
