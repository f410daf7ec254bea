import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, eventually, startApp } from '../support/app.ts';
import { runToEnd } from '../support/process.ts';
import { sampleMessage } from '../support/voice.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const get = async (path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.base}${path}`, { headers });
const json = async (path: string) => (await (await get(path)).json()) as Record<string, never[]>;

const tool = (name: string, args: object, id: string) =>
  sampleMessage('tool-calls', {
    toolCallList: [{ id, type: 'function', function: { name, arguments: args } }],
    toolCalls: undefined,
    toolWithToolCallList: undefined,
  });

it('what callers left is listed, filtered, given as CSV, and forgotten on request', async () => {
  await app.deliver(tool('create_lead', { service: '=Drains', urgency: 'today' }, 'a'));
  await app.deliver(tool('take_message', { message: 'Please, "ring" Sam' }, 'b'));
  await app.deliver(tool('request_callback', { wanted_time: 'tomorrow' }, 'c'));
  await app.deliver(sampleMessage('end-of-call-report'));
  const calls = await eventually(async () => {
    const { calls: rows } = await json('/api/tenants/acme/calls?status=ended');
    return rows?.length ? rows : undefined;
  }, 'the stored call');
  expect(calls).toMatchObject([{ endedReason: 'customer-ended-call', durationSeconds: 38.01 }]);

  const [{ callId } = { callId: '' }] = calls;
  const one = await get(`/api/tenants/acme/calls/${callId}`);
  expect(one.headers.get('etag')).toMatch(/^"[\w-]+"$/);
  expect(await one.json()).toEqual(calls[0]);
  const transcript = `/api/tenants/acme/calls/${callId}/transcript`;
  expect(await json(transcript)).toEqual({
    callId,
    turns: expect.arrayContaining([{ role: 'user', text: expect.stringMatching(/\w/) }]),
  });
  const words = await get(transcript, { accept: 'text/plain' });
  expect(words.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await words.text()).toMatch(/^AI: .+\nUser: /);
  await app.deliver(
    sampleMessage('status-update', { call: { id: 'silent' }, timestamp: Date.now(), status: 'queued' }),
  );
  const refusalOf = async (path: string) => {
    const response = await get(path);
    return [response.status, ((await response.json()) as { detail: string }).detail];
  };
  const none = [404, expect.stringContaining('There is no call of this id')];
  expect((await get('/api/tenants/acme/calls/silent')).status).toBe(200);
  expect(await refusalOf('/api/tenants/acme/calls/silent/transcript')).toEqual([
    404,
    expect.stringContaining('nothing was said'),
  ]);
  for (const [tenant, id] of [
    ['acme', 'nobody'],
    ['other', callId],
    ['acme', 't%7C8204791348681%7Cc'],
  ])
    for (const end of ['', '/transcript'])
      expect(await refusalOf(`/api/tenants/${tenant}/calls/${id}${end}`)).toEqual(none);

  const { leads } = await json('/api/tenants/acme/leads');
  expect(leads?.map(({ kind }) => kind)).toEqual(['callback', 'message', 'lead']);
  expect((await json('/api/tenants/acme/leads?urgency=today')).leads).toHaveLength(1);
  expect((await json('/api/tenants/acme/calls?status=ringing')).calls).toEqual([]);
  const csv = await get('/api/tenants/acme/leads', { accept: 'text/csv' });
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const text = await csv.text();
  expect(text.split('\r\n')).toHaveLength(5);
  expect(text).toContain(`'=Drains`);
  expect(text).toContain('"Please, ""ring"" Sam"');
  for (const wrong of ['limit=0', 'from=yesterday', 'cursor=!'])
    expect((await get(`/api/tenants/acme/calls?${wrong}`)).status).toBe(400);

  const forget = await fetch(`${app.base}/api/tenants/acme/callers/0491%20570%20156`, { method: 'DELETE' });
  expect(await forget.json()).toEqual({ calls: 2, leads: 3, deliveries: 0 });
  for (const path of [transcript, `/api/tenants/acme/calls/${callId}`])
    expect(await refusalOf(path)).toEqual(none);
  expect((await json('/api/tenants/acme/leads')).leads).toEqual([]);
  expect((await json('/api/tenants/acme/calls')).calls).toEqual([]);
});

it('a number is left alone by campaigns once it is on the list', async () => {
  const path = `/api/tenants/acme/do-not-call/${encodeURIComponent('+61255509999')}`;
  const change = (method: string, at = path) => fetch(`${app.base}${at}`, { method });
  const eligible = async () =>
    (
      await app.deliver({
        ...sampleMessage('assistant-request'),
        type: 'campaign.predial',
        contact: { number: '+61255509999' },
      })
    ).json();
  expect(await eligible()).toEqual({ eligible: true });
  expect((await change('PUT')).status).toBe(204);
  expect(await eligible()).toEqual({ eligible: false });
  expect((await change('DELETE')).status).toBe(204);
  expect(await eligible()).toEqual({ eligible: true });
  expect((await change('PUT', '/api/tenants/acme/do-not-call/12')).status).toBe(400);
});

it('all tenants are written into a file that can be imported again', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tenants-')), 'all.json');
  const env = { AzureWebJobsStorage: app.azurite.connectionString };
  expect(await runToEnd('local/tenants.ts', ['export', file], env)).toMatchObject({ code: 0 });
  expect(await runToEnd('local/tenants.ts', ['check', file], env)).toMatchObject({
    code: 0,
    printed: expect.stringContaining('valid acme: Acme Plumbing'),
  });
  expect(await runToEnd('local/tenants.ts', ['token', 'acme'], env)).toMatchObject({
    code: 1,
    printed: expect.stringContaining('GATEHOUSE_WEBHOOK_TOKEN_KEYS'),
  });
  const keys = { GATEHOUSE_WEBHOOK_TOKEN_KEYS: 'k'.repeat(32) };
  expect(await runToEnd('local/tenants.ts', ['token', 'acme'], keys)).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/^\/api\/vapi\/webhook\/v1[\w-]+\n$/),
  });
});

it('editors find the schemas of a tenant, a tool, an audit and its baseline', async () => {
  const response = await get('/api/schemas/tenant.json');
  expect(response.headers.get('content-type')).toContain('application/schema+json');
  const schema = (await response.json()) as { required: string[]; properties: Record<string, object> };
  expect(schema.required).toEqual(['tenantId', 'businessName', 'services']);
  expect(Object.keys(schema.properties)).toContain('transfer');
  const tool = (await (await get('/api/schemas/tool')).json()) as typeof schema;
  expect(tool.required).toEqual(['name', 'description', 'inputSchema', 'sideEffect', 'request', 'response']);
  for (const name of ['audit', 'baseline']) {
    const audit = (await (await get(`/api/schemas/${name}`)).json()) as typeof schema;
    expect(audit).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
  }
  expect((await get('/api/schemas/nothing')).status).toBe(404);
});

it('a delivery to an address that is not public is tried and never made', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const tenant = {
    businessName: 'Shop',
    businessHours: '9-5',
    services: ['x'],
    phoneNumbers: ['+61255508888'],
    delivery: {
      url: `https://127.0.0.1:${port}/hook`,
      secrets: [`whsec_${Buffer.alloc(24, 7).toString('base64')}`],
    },
  };
  const put = await fetch(`${app.base}/api/tenants/shop`, { method: 'PUT', body: JSON.stringify(tenant) });
  expect(put.status).toBe(201);
  expect(JSON.stringify(await put.json())).not.toContain('whsec_');
  const line = { phoneNumber: { number: '+61255508888' }, call: { id: 'of-the-shop' } };
  await app.deliver({ ...tool('create_lead', { service: 'x' }, 'd'), ...line });
  const [delivery] = await eventually(async () => {
    const { deliveries } = await json('/api/tenants/shop/deliveries?state=pending');
    const tried = deliveries?.filter(({ attempts }) => Number(attempts) > 0);
    return tried?.length ? tried : undefined;
  }, 'the first try');
  expect(delivery).toMatchObject({ eventType: 'lead.created', state: 'pending', attempts: 1 });
  expect(asked).toBe(0);
  const { eventId } = delivery as unknown as { eventId: string };
  const again = await fetch(`${app.base}/api/tenants/shop/deliveries/${eventId}/retry`, { method: 'POST' });
  expect(again.status).toBe(202);
  expect((await get('/api/tenants/shop/deliveries?state=lost')).status).toBe(400);
  const forgotten = await fetch(
    `${app.base}/api/tenants/shop/callers/${encodeURIComponent('+61491570156')}`,
    { method: 'DELETE' },
  );
  expect(await forgotten.json()).toMatchObject({ leads: 1, deliveries: 1 });
  expect((await json('/api/tenants/shop/deliveries')).deliveries).toEqual([]);
  server.close();
});
