import { callerOf, sourceAddressOf } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { admit, audits, required, services } from './services.ts';

/**
 * `POST /api/audit`: a source tree and its High-Level Design in, a verdict per requirement out; at once, or where that
 * takes too long as a job.
 */
http('audit', { methods: ['POST'], authLevel: 'function', route: 'audit' }, async (request, { log }) => {
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
  if (isEstimate)
    return {
      status: 200,
      headers,
      jsonBody: { cached: prepared.isCached, ...room.estimateJson(prepared.estimate) },
    };
  const isPreferred = room.prefersAsync(request.headers);
  if (room.respond(prepared, isPreferred, settings.directS) === 'as-job') {
    const jobs = await services.auditJobs();
    const row = await room.submitJob(jobs, asked, { ...scope, key: prepared.key });
    const applied = isPreferred ? { 'preference-applied': 'respond-async' } : {};
    return room.acceptedAnswer(row, new Date(jobs.clock.now()), { ...headers, ...applied });
  }
  return room.resultAnswer(await auditor.run(prepared, scope, { signal }), form, headers);
});
