import { Readable } from 'node:stream';
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../shared/errors.ts';
import type { Answer } from '../shared/http/answer.ts';
import { toCsv } from '../shared/http/csv.ts';
import { etagOf } from '../shared/http/etag.ts';
import { callerOf, routeParam } from '../shared/http/identity.ts';
import { readLimit } from '../shared/http/paging.ts';
import type { Property } from '../shared/storage/tableStore.ts';
import { callFields, toView } from '../shared/voice/calls/callRow.ts';
import type { Page, PageQuery } from '../shared/voice/calls/page.ts';
import { leadFields } from '../shared/voice/leads/lead.ts';
import { readUtterances } from '../shared/voice/messages/transcript.ts';
import { http } from './register.ts';
import { services } from './services.ts';

type View = Readonly<Record<string, Property>>;

/** `GET /api/tenants/{id}/calls?from=…&to=…&status=…&endedReason=…&limit=50&cursor=…`: latest first; JSON or CSV. */
http('calls', { methods: ['GET'], authLevel: 'function', route: 'tenants/{id}/calls' }, async (request) => {
  const { calls } = await services.records();
  const tenant = routeParam(request, 'id');
  const { query } = request;
  const [status, endedReason] = ['status', 'endedReason'].map((name) => query.get(name) ?? undefined);
  return listing(request, callFields, 'calls', (page) =>
    calls.page(tenant, { ...page, status, endedReason }),
  );
});

/** `GET /api/tenants/{id}/leads?from=…&to=…&urgency=…&limit=50&cursor=…`: latest first; JSON or CSV. */
http('leads', { methods: ['GET'], authLevel: 'function', route: 'tenants/{id}/leads' }, async (request) => {
  const { leads } = await services.records();
  const tenant = routeParam(request, 'id');
  const urgency = request.query.get('urgency') ?? undefined;
  return listing(request, leadFields, 'leads', (page) => leads.page(tenant, { ...page, urgency }));
});

/**
 * `GET /api/tenants/{id}/calls/{callId}`: a call as the list has it, with its version. `DELETE`: erases its rows, report
 * and transcript.
 */
http(
  'call',
  { methods: ['GET', 'DELETE'], authLevel: 'function', route: 'tenants/{id}/calls/{callId}' },
  async (request, { log }) => {
    const { calls, erasure } = await services.records();
    const [tenant, callId, by] = [
      routeParam(request, 'id'),
      routeParam(request, 'callId'),
      callerOf(request),
    ];
    if (request.method === 'DELETE') {
      const erased = await erasure.eraseCall(tenant, callId);
      log.warn('call-erased', { tenant, by, ...erased });
      return { status: 200, jsonBody: erased };
    }
    const row = await calls.get(tenant, callId);
    if (!row) throw noCall();
    log.info('call-read', { tenant, by });
    return { status: 200, headers: { etag: etagOf(row.etag) }, jsonBody: toView(row) };
  },
);

/** `GET /api/tenants/{id}/calls/{callId}/transcript`: what was said; JSON, or as text with `Accept: text/plain`. */
http(
  'transcript',
  { methods: ['GET'], authLevel: 'function', route: 'tenants/{id}/calls/{callId}/transcript' },
  async (request, { log }) => {
    const { calls } = await services.records();
    const [tenant, callId] = [routeParam(request, 'id'), routeParam(request, 'callId')];
    const transcript = await calls.transcript(tenant, callId);
    if (transcript === undefined) throw (await calls.get(tenant, callId)) ? noTranscript() : noCall();
    log.info('transcript-read', { tenant, by: callerOf(request) });
    return request.headers.get('accept')?.includes('text/plain')
      ? { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: transcript }
      : { status: 200, jsonBody: { callId, turns: readUtterances(transcript) } };
  },
);

const noCall = () =>
  new AppError('not-found', 'There is no call of this id: it was never stored, or it has been erased.');
const noTranscript = () =>
  new AppError('not-found', 'This call has no transcript: nothing was said, or its report has not come yet.');

/** `DELETE /api/tenants/{id}/callers/{number}`: all calls and leads of a caller. */
http(
  'callers',
  { methods: ['DELETE'], authLevel: 'function', route: 'tenants/{id}/callers/{number}' },
  async (request, { log }) => {
    const { erasure } = await services.records();
    const tenant = routeParam(request, 'id');
    const erased = await erasure.eraseCaller(tenant, routeParam(request, 'number'));
    log.warn('caller-erased', { tenant, by: callerOf(request), ...erased });
    return { status: 200, jsonBody: erased };
  },
);

/** A page as JSON; as CSV all of them, written as they are read. */
async function listing(
  { query, headers }: HttpRequest,
  fields: readonly string[],
  name: string,
  read: (page: PageQuery) => Promise<Page<View>>,
): Promise<Answer> {
  const span = { from: timeOf(query, 'from'), to: timeOf(query, 'to') };
  const limit = readLimit(query);
  const cursor = query.get('cursor') ?? undefined;
  if (!headers.get('accept')?.includes('text/csv')) {
    const { items, cursor: next } = await read({ ...span, limit, cursor });
    return { status: 200, jsonBody: { [name]: items, cursor: next } };
  }
  // Read before the answer begins: a failure can still be told.
  const first = await read({ ...span, limit: atOnce });
  return {
    status: 200,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: Readable.from(toCsv(rowsOf(first, read, span), fields)),
  };
}

const atOnce = 500;

async function* rowsOf(
  first: Page<View>,
  read: (page: PageQuery) => Promise<Page<View>>,
  span: Pick<PageQuery, 'from' | 'to'>,
): AsyncGenerator<View> {
  yield* first.items;
  for (let { cursor } = first; cursor !== undefined; ) {
    const page = await read({ ...span, limit: atOnce, cursor });
    yield* page.items;
    cursor = page.cursor;
  }
}

function timeOf(query: URLSearchParams, name: string): Date | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new AppError('invalid-request', `${name} must be a date or an ISO time, for example 2026-11-21.`);
  return time;
}
