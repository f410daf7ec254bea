import { readAuditRequest } from '../shared/audit/intake/readAuditRequest.ts';
import { acceptedAnswer } from '../shared/audit/jobs/jobAnswers.ts';
import { prefersAsync, respond } from '../shared/audit/jobs/respond.ts';
import { submitJob } from '../shared/audit/jobs/submitJob.ts';
import { estimateJson } from '../shared/audit/maximum.ts';
import { readAnswerForm, resultAnswer } from '../shared/audit/report/answerForm.ts';
import { callerOf, sourceAddressOf } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { admit, required, services } from './services.ts';

/**
 * `POST /api/audit`: a source tree and its High-Level Design in, a verdict per requirement out; at once, or where that
 * takes too long as a job.
 */
http('audit', { methods: ['POST'], authLevel: 'function', route: 'audit' }, async (request, { log }) => {
  const auditor = await services.auditor();
  const settings = required(services.settings.audit);
  const caller = callerOf(request);
  const address = sourceAddressOf(request.headers);
  const subject = { caller, ...(address === undefined ? {} : { 'source-address': address }) };
  const headers = await admit('audit', subject, log);
  const form = readAnswerForm(request.query, request.headers);
  using asked = await readAuditRequest(request, settings, required(services.settings.platform));
  const scope = { caller, log };
  const prepared = await auditor.prepare(asked, scope);
  if (request.query.get('estimate') === 'true')
    return {
      status: 200,
      headers,
      jsonBody: { cached: prepared.isCached, ...estimateJson(prepared.estimate) },
    };
  if (respond(prepared, prefersAsync(request.headers), settings.directS) === 'as-job') {
    const jobs = await services.auditJobs();
    const row = await submitJob(jobs, asked, { ...scope, key: prepared.key });
    return acceptedAnswer(row, new Date(jobs.clock.now()), headers);
  }
  return resultAnswer(await auditor.run(prepared, scope), form, headers);
});
