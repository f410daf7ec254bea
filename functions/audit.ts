import { readAuditRequest } from '../shared/audit/intake/readAuditRequest.ts';
import { toMarkdown } from '../shared/audit/report/markdown.ts';
import { callerOf, sourceAddressOf } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { admit, required, services } from './services.ts';

/** `POST /api/audit`: a source tree and its High-Level Design in, a verdict per requirement out. */
http('audit', { methods: ['POST'], authLevel: 'function', route: 'audit' }, async (request, { log }) => {
  const auditor = await services.auditor();
  const caller = callerOf(request);
  const address = sourceAddressOf(request.headers);
  const subject = { caller, ...(address === undefined ? {} : { 'source-address': address }) };
  const headers = await admit('audit', subject, log);
  using asked = await readAuditRequest(
    request,
    required(services.settings.audit),
    required(services.settings.platform),
  );
  const result = await auditor.audit(asked, { caller, log });
  const markdown = /text\/markdown/i.test(request.headers.get('accept') ?? '');
  return markdown
    ? {
        status: 200,
        headers: { ...headers, 'content-type': 'text/markdown; charset=utf-8' },
        body: toMarkdown(result),
      }
    : { status: 200, headers, jsonBody: result };
});
