import { app } from '@azure/functions';
import { readAuditRequest } from '../shared/audit/intake/readAuditRequest.ts';
import { toMarkdown } from '../shared/audit/report/markdown.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { logLevel, required, services } from './services.ts';

/** `POST /api/audit`: a source tree and its High-Level Design in, a verdict per requirement out. */
export const audit = endpoint(async (request, { log }) => {
  const auditor = await services.auditor();
  const input = await readAuditRequest(
    request,
    required(services.config.audit),
    required(services.config.platform),
  );
  const result = await auditor.audit(input, log);
  const markdown = /text\/markdown/i.test(request.headers.get('accept') ?? '');
  return markdown
    ? { status: 200, headers: { 'content-type': 'text/markdown; charset=utf-8' }, body: toMarkdown(result) }
    : { status: 200, jsonBody: result };
}, logLevel);

app.http('audit', { methods: ['POST'], authLevel: 'function', route: 'audit', handler: audit });
