import type { HttpResponse } from '@azure/functions';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startModelService } from '../../local/modelService/modelService.ts';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createEngine } from '../../shared/audit/engines/createEngine.ts';
import { readBytes } from '../../shared/http/body.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { instruments } from '../../shared/telemetry/instruments.ts';
import { Ledger } from '../../shared/usage/ledger/ledger.ts';
import { CallStore } from '../../shared/voice/calls/callStore.ts';
import { processEndOfCall } from '../../shared/voice/calls/processEndOfCall.ts';
import { assignment, auditSettings, createModelAccess, input } from '../support/audit.ts';
import { createAuditor, plainOptions } from '../support/auditor.ts';
import { invocation, memoryLog, request } from '../support/http.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../support/telemetry.ts';
import { createVoice, now, sampleMessage } from '../support/voice.ts';

const remote = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
const traceparent = `00-${remote.trace}-${remote.span}-01`;

let azurite: Azurite;
let stores: Stores;
let telemetry: MemoryTelemetry;

beforeAll(async () => {
  azurite = await startAzurite();
  stores = await createAzureStores({ connectionString: azurite.connectionString });
});
afterAll(() => azurite.stop());
beforeEach(() => {
  telemetry = startMemoryTelemetry();
});
afterEach(() => telemetry.stop());

const named = (name: string): ReadableSpan => {
  const span = telemetry.spans().find((s) => s.name === name);
  if (!span) throw new Error(`no span "${name}" in ${telemetry.spans().map((s) => s.name)}`);
  return span;
};
const idOf = (span: ReadableSpan) => span.spanContext().spanId;
const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId;

async function deliver(message: Record<string, unknown>, headers: Record<string, string> = { traceparent }) {
  const sent: string[] = [];
  const voice = await createVoice({ policies: [] });
  const queues = { ...stores.queues, send: async (_: string, text: string) => void sent.push(text) };
  Object.assign(voice.stores, { blobs: stores.blobs, queues });
  const handler = endpoint(
    async (incoming, { log }) =>
      voice.webhook.answer(await readBytes(incoming, { bytes: 1e6, setting: 'x' }), log),
    { route: '/api/vapi/webhook/{token?}' },
  );
  const body = JSON.stringify({ message });
  const response = (await handler(request({ body, headers }), invocation().context)) as HttpResponse;
  return { response, sent, voice };
}

describe('a finished call', () => {
  it('is one trace, from the webhook through the queue to the stored call', async () => {
    const { response, sent, voice } = await deliver(sampleMessage('end-of-call-report'));
    expect(response.status).toBe(200);
    const [ticket = ''] = sent;
    expect(JSON.parse(ticket)).toMatchObject({
      trace: { traceparent: expect.stringContaining(remote.trace) },
    });
    // Another instance, another day: nothing but the message is left of the request.
    await processEndOfCall(
      JSON.parse(ticket),
      {
        stores,
        calls: new CallStore(stores),
        tenants: voice.tenants,
        ledger: new Ledger({ stores, instance: 'trace', now: () => now }),
        events: voice.events,
        now: () => now,
      },
      memoryLog().log,
    );
    const [server, send, process] = [
      named('POST /api/vapi/webhook/{token?}'),
      named('send end-of-call'),
      named('process end-of-call'),
    ];
    expect(new Set(telemetry.spans().map((span) => span.spanContext().traceId))).toEqual(
      new Set([remote.trace]),
    );
    expect(parentOf(server)).toBe(remote.span);
    expect(parentOf(send)).toBe(idOf(server));
    expect(parentOf(process)).toBe(idOf(send));
    expect(parentOf(named('PUT /inbox'))).toBe(idOf(server));
    for (const name of ['GET /inbox', 'PUT /calls', 'DELETE /inbox', 'POST /$batch'])
      expect(parentOf(named(name)), name).toBe(idOf(process));
    expect(server.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/api/vapi/webhook/{token?}',
      'http.response.status_code': 200,
    });
  });

  it('has its queue age, minutes and money measured, and no number or id in any series', async () => {
    const { sent, voice } = await deliver(sampleMessage('end-of-call-report', { call: { id: 'call-77' } }));
    await processEndOfCall(
      JSON.parse(sent[0] ?? ''),
      {
        stores,
        calls: new CallStore(stores),
        tenants: voice.tenants,
        ledger: new Ledger({ stores, instance: 'm', now: () => now }),
        events: voice.events,
        now: () => new Date(now.getTime() + 2_500),
      },
      memoryLog().log,
    );
    const metrics = await telemetry.metrics();
    const age = metrics.find(({ descriptor }) => descriptor.name === 'gatehouse.end_of_call.queue_age');
    expect(age?.dataPoints[0]?.value).toMatchObject({ sum: 2.5, count: 1 });
    const names = metrics.map(({ descriptor }) => descriptor.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'gatehouse.voice.minutes',
        'gatehouse.voice.cost',
        'http.server.request.duration',
      ]),
    );
    const series = JSON.stringify(metrics.map(({ dataPoints }) => dataPoints.map((p) => p.attributes)));
    expect(series).not.toMatch(/call-77|acme|\+61/);
  });
});

describe('a tool call', () => {
  it('is a span under the request, with its duration measured', async () => {
    await deliver(sampleMessage('tool-calls'));
    const tool = named('execute_tool create_lead');
    expect(parentOf(tool)).toBe(idOf(named('POST /api/vapi/webhook/{token?}')));
    expect(tool.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'create_lead',
      'gatehouse.outcome': 'done',
    });
    const metrics = await telemetry.metrics();
    expect(metrics.map(({ descriptor }) => descriptor.name)).toContain('gatehouse.tool.duration');
  });
});

describe('a request the host traces', () => {
  it('belongs under its span and is no server span; a host that traces nothing is passed over', async () => {
    const handler = (hostTraces: boolean) =>
      endpoint(async () => ({ status: 200 }), { route: '/api/x', hostTraces });
    const host = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };
    const incoming = request({ headers: { traceparent } });
    await handler(true)(incoming, invocation(`00-${host.trace}-${host.span}-01`).context);
    await handler(false)(incoming, invocation(`00-${host.trace}-${host.span}-00`).context);
    await handler(false)(incoming, invocation(`00-${host.trace}-${host.span}-01`).context);
    const seen = telemetry.spans().map((span) => [span.kind, parentOf(span)]);
    expect(seen).toEqual([
      [0, host.span],
      [1, remote.span],
      [1, host.span],
    ]);
  });
});

describe('an audit by a model', () => {
  it('is a span with the call of the model under it, in the GenAI conventions, and every figure measured', async () => {
    const service = await startModelService({ apiKey: 'k' });
    try {
      const settings = auditSettings({
        GATEHOUSE_OPENAI_BASE_URL: service.baseUrl,
        GATEHOUSE_OPENAI_API_KEY: 'k',
        AZURE_DEPLOYMENT_NAME: 'gpt-4o',
      });
      const access = createModelAccess(
        [
          {
            name: 'money',
            operations: ['model-call'],
            scope: 'caller',
            unit: 'microdollars',
            limits: [{ quota: 1_000_000_000, window: 'day' }],
          },
        ],
        {},
      );
      const auditor = createAuditor(await createEngine(settings, access), {
        settings,
        savings: access.calls,
        stores,
        now: () => now,
      });
      const scope = { caller: 'key-77', log: assignment().log };
      const asked = { input, options: plainOptions };
      await auditor.audit(asked, scope);
      await auditor.audit(asked, scope);
      const [chat, audit] = [named('chat gpt-4o'), named('audit')];
      expect(parentOf(chat)).toBe(idOf(audit));
      expect(chat.kind).toBe(2);
      expect(chat.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': expect.any(Number),
        'gen_ai.usage.output_tokens': expect.any(Number),
        'gen_ai.response.finish_reasons': ['stop'],
      });
      const metrics = await telemetry.metrics();
      const names = metrics.map(({ descriptor }) => descriptor.name);
      expect(names).toEqual(
        expect.arrayContaining([
          'gatehouse.audit.count',
          'gatehouse.audit.duration',
          'gatehouse.audit.cache.requests',
          'gatehouse.saved.tokens',
          'gatehouse.saved.cost',
          'gatehouse.llm.cost',
          'gatehouse.llm.calls',
          'gatehouse.rate_limit.checks',
          'gatehouse.rate_limit.remaining',
          'gatehouse.usage.flush.duration',
          'gen_ai.client.operation.duration',
          'gen_ai.client.token.usage',
          'gen_ai.client.inference.usage.input_tokens',
        ]),
      );
      expect(names.filter((name) => !(name in instruments))).toEqual([]);
      const cache = metrics.find(({ descriptor }) => descriptor.name === 'gatehouse.audit.cache.requests');
      expect(cache?.dataPoints.map((p) => p.attributes['gatehouse.result']).sort()).toEqual(['hit', 'miss']);
      expect(
        JSON.stringify(metrics.map(({ dataPoints }) => dataPoints.map((p) => p.attributes))),
      ).not.toContain('key-77');
    } finally {
      await service.stop();
    }
  });
});
