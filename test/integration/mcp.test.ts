import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyStore } from '../../shared/mcp/keys/keyStore.ts';
import { type Scope, scopes } from '../../shared/mcp/keys/mcpKey.ts';
import { LeadStore } from '../../shared/voice/leads/leadStore.ts';
import { TenantStore } from '../../shared/voice/tenants/tenantStore.ts';
import { type App, eventually, startApp } from '../support/app.ts';
import { clients, modernRequest } from '../support/mcp.ts';
import { root, runToEnd } from '../support/process.ts';
import { acme, sampleMessage } from '../support/voice.ts';

let app: App;
let keys: KeyStore;
let url: string;
/** A key of Acme Plumbing that may everything. */
let acmeKey: string;

beforeAll(async () => {
  app = await startApp();
  url = `${app.base}/api/mcp`;
  keys = new KeyStore(app.stores.tables);
  const other = { ...acme, tenantId: 'other', phoneNumberIds: [], phoneNumbers: [], assistantIds: [] };
  await new TenantStore(app.stores.tables).put({
    ...other,
    tools: { ...acme.tools, functions: ['get_business_hours'] },
  });
  acmeKey = await keyFor('acme', [...scopes]);
});
afterAll(() => app?.stop());

const keyFor = async (tenantId: string | undefined, granted: Scope[] = []) =>
  (await keys.create({ tenantId, scopes: granted }, new Date())).text;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const leadsOf = async (callId: string) => {
  const rows = await Array.fromAsync(new LeadStore(app.stores.tables, () => '').list('acme'));
  return rows.filter((row) => row.callId === callId);
};

async function post(body: string, headers: Record<string, string>) {
  const response = await fetch(url, { method: 'POST', body, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

const modern = (
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) => {
  const { body, headers: own } = modernRequest(method, params);
  return post(body, { ...own, ...bearer(acmeKey), ...headers });
};

describe.each(clients)('a client of %s', (_, connect) => {
  it('lists, runs and reads what its key allows', async () => {
    const client = await connect(url, bearer(acmeKey));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      [...acme.tools.functions, 'audit_design', 'audit_status'].sort(),
    );
    expect(tools.find(({ name }) => name === 'create_lead')?.annotations).toMatchObject({
      readOnlyHint: false,
      destructiveHint: false,
    });
    expect(tools.find(({ name }) => name === 'lookup_faq')?.annotations).toMatchObject({
      readOnlyHint: true,
    });

    const done = await client.callTool({ name: 'create_lead', arguments: { service: 'Blocked drains' } });
    expect(done).toMatchObject({ structuredContent: { ok: true, lead_id: expect.stringMatching(/^lead_/) } });
    const { lead_id: leadId } = done.structuredContent as { lead_id: string };
    expect(JSON.parse((done.content as { text: string }[])[0]?.text ?? '')).toEqual(done.structuredContent);

    const wrong = await client.callTool({ name: 'create_lead', arguments: { service: '' } });
    expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('service') }] });
    await expect(client.callTool({ name: 'drop_table' })).rejects.toMatchObject({ code: -32602 });

    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['gatehouse://leads', 'gatehouse://calls']);
    expect((await client.listResourceTemplates()).resourceTemplates).toContainEqual(
      expect.objectContaining({ uriTemplate: 'gatehouse://leads/{leadId}' }),
    );
    const read = async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
      return JSON.parse(String(contents[0]?.text));
    };
    expect((await read('gatehouse://leads')).leads[0]).toMatchObject({ leadId, service: 'Blocked drains' });
    expect(await read(`gatehouse://leads/${leadId}`)).toMatchObject({ service: 'Blocked drains' });
    await expect(client.readResource({ uri: 'gatehouse://leads/none' })).rejects.toMatchObject({
      code: -32602,
    });
    await client.close();
  });

  it('has a design audited', async () => {
    const client = await connect(url, bearer(await keyFor(undefined, ['audit'])));
    const sample = (path: string) => readFileSync(`${root}local/sample/bookings/${path}`, 'utf8');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'audit_design',
      'audit_status',
    ]);
    const audited = await client.callTool({
      name: 'audit_design',
      arguments: {
        design: sample('docs/hld.md'),
        files: { 'src/server.ts': sample('src/server.ts'), 'src/slots.ts': sample('src/slots.ts') },
      },
    });
    const { requirements } = audited.structuredContent as { requirements: { id: string; verdict: string }[] };
    const lines = String((audited.content as { text: string }[])[0]?.text).split('\n');
    for (const { id, verdict } of requirements) {
      const isOf = (line: string) =>
        line.startsWith(`${id} “`) && line.includes(` is ${verdict.replace('_', ' ')}`);
      expect(lines.filter(isOf)).toHaveLength(1);
    }
    expect(lines.join('\n')).toMatch(/src\/server\.ts:\d+ /);
    const status = { name: 'audit_status', arguments: { id: 'aud_nobody' } };
    expect(await client.callTool(status)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('There is no audit of this id') }],
    });
    await expect(client.readResource({ uri: 'gatehouse://leads' })).rejects.toThrow();
    await client.close();
  });
});

describe('a key', () => {
  const refusal = async (headers: Record<string, string>) => {
    const { body, headers: own } = modernRequest('tools/list');
    const { status, headers: answered } = await post(body, { ...own, ...headers });
    return [status, answered.get('www-authenticate')];
  };

  it('that is missing, of another form, unknown or altered lets nobody in', async () => {
    const altered = acmeKey.slice(0, -1) + (acmeKey.endsWith('A') ? 'E' : 'A');
    const unknown = `gmk_0123456789abcdef_${'x'.repeat(43)}`;
    expect(await refusal({})).toEqual([401, 'Bearer realm="gatehouse"']);
    for (const key of ['open-sesame', unknown, altered])
      expect(await refusal(bearer(key))).toEqual([401, 'Bearer realm="gatehouse", error="invalid_token"']);
    for (const [, connect] of clients) await expect(connect(url, bearer(unknown))).rejects.toThrow();
  });

  it('shows its tenant alone, and no personal data without the scope', async () => {
    const other = bearer(await keyFor('other'));
    const listed = await modern('tools/list', {}, other);
    expect(listed.body.result.tools.map(({ name }: { name: string }) => name)).toEqual([
      'get_business_hours',
    ]);
    const unlisted = await modern('tools/call', { name: 'create_lead', arguments: { service: 'x' } }, other);
    expect([unlisted.status, unlisted.body.error.code]).toEqual([200, -32602]);
    const read = await modern('resources/read', { uri: 'gatehouse://leads' }, other);
    expect(read.body.error.code).toBe(-32601);
    const theirs = bearer(await keyFor('other', ['records']));
    const page = await modern('resources/read', { uri: 'gatehouse://leads' }, theirs);
    expect(JSON.parse(page.body.result.contents[0].text)).toEqual({ leads: [] });
  });

  it('is made, listed and revoked by command, and never shown again', async () => {
    const env = { AzureWebJobsStorage: app.azurite.connectionString };
    const command = (...args: string[]) => runToEnd('local/mcpKeys.ts', args, env);
    const made = await command('create', 'acme', '--label', 'crm', '--records');
    const [, keyId = '', text = ''] = /key (\w+) for acme.*\n(gmk_\S+)/.exec(made.printed) ?? [];
    expect((await modern('tools/list', {}, bearer(text))).status).toBe(200);
    const listed = await command('list', 'acme');
    const today = new Date().toISOString().slice(0, 10);
    expect(listed.printed).toMatch(new RegExp(`${keyId} +acme +records +made .* used ${today} +crm`));
    expect(listed.printed).not.toContain(text);
    expect((await command('revoke', keyId)).code).toBe(0);
    expect((await command('list')).printed).toMatch(new RegExp(`${keyId} .*revoked`));
    expect((await command('revoke', 'nobody')).code).toBe(1);
    const audits = await command('create', '--audits', '--label', 'agents');
    const [auditKey = ''] = /gmk_\S+/.exec(audits.printed) ?? [];
    const { body } = await modern('tools/list', {}, bearer(auditKey));
    expect(body.result.tools).toMatchObject([{ name: 'audit_design' }, { name: 'audit_status' }]);
    for (const args of [['create', 'nowhere'], ['create'], ['create', '--records']])
      expect((await command(...args)).code).toBe(1);
    expect(app.output()).not.toContain(text);
  }, 60_000);

  it('of a tenant that is deleted lets nobody in', async () => {
    const stored = (await (await fetch(`${app.base}/api/tenants/other`)).json()) as { tenant: object };
    const address = `${app.base}/api/tenants/passing`;
    const lines = { phoneNumberIds: ['11111111-2222-4333-8444-777777777777'] };
    const tenant = { ...stored.tenant, ...lines, tenantId: 'passing' };
    expect((await fetch(address, { method: 'PUT', body: JSON.stringify(tenant) })).status).toBe(201);
    const key = bearer(await keyFor('passing', [...scopes]));
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(204);
    for await (const row of keys.list()) if (row.tenantId === 'passing') expect(row.revokedAt).toBeDefined();
    expect(await refusal(key)).toEqual([401, 'Bearer realm="gatehouse", error="invalid_token"']);
    expect((await modern('resources/read', { uri: 'gatehouse://leads' }, key)).status).toBe(401);
  });

  it('revoked before it is used lets nobody in', async () => {
    const { keyId, text } = await keys.create({ tenantId: 'acme', scopes: [] }, new Date());
    await keys.revoke(keyId, new Date());
    expect((await refusal(bearer(text)))[0]).toBe(401);
  });
});

describe('the transport', () => {
  it('refuses web pages of other origins, with a key as without', async () => {
    for (const method of ['POST', 'GET'])
      expect(
        (await fetch(url, { method, headers: { origin: 'https://evil.example', ...bearer(acmeKey) } }))
          .status,
      ).toBe(403);
  });

  it('has no sessions: GET and DELETE are answered 405', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(url, { method, headers: bearer(acmeKey) });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('tells headers that do not fit the body, and revisions it does not know', async () => {
    const mismatch = await modern('tools/call', { name: 'lookup_faq' }, { 'mcp-name': 'create_lead' });
    expect([mismatch.status, mismatch.body.error.code]).toEqual([400, -32020]);
    const method = await modern('tools/list', {}, { 'mcp-method': 'tools/call' });
    expect([method.status, method.body.error.code]).toEqual([400, -32020]);
    const version = { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' };
    const { body, headers } = modernRequest('tools/list', {}, { meta: version });
    const unknown = await post(body, {
      ...headers,
      ...bearer(acmeKey),
      'mcp-protocol-version': '2031-01-01',
    });
    expect([unknown.status, unknown.body.error]).toMatchObject([
      400,
      { code: -32022, data: { supported: ['2026-07-28'], requested: '2031-01-01' } },
    ]);
  });

  it('refuses what is no JSON, no JSON-RPC, a batch of the newest revision, or too large', async () => {
    const { headers } = modernRequest('tools/list');
    const send = (body: string) => post(body, { ...headers, ...bearer(acmeKey) });
    expect((await send('{')).body.error.code).toBe(-32700);
    expect((await send('{"hello":1}')).status).toBe(400);
    const one = JSON.parse(modernRequest('tools/list').body);
    expect((await send(JSON.stringify([one, one]))).status).toBe(400);
    expect((await send(' '.repeat(9_000_000))).status).toBe(413);
    const plain = await post('{}', { 'content-type': 'text/plain', ...bearer(acmeKey) });
    expect(plain.status).toBe(415);
  });

  it('gives lists a time to live, and does not say that they change', async () => {
    const listed = await modern('tools/list');
    expect(listed.body.result).toMatchObject({ ttlMs: 1_000, cacheScope: 'private' });
    const discovered = await modern('server/discover');
    expect(discovered.body.result.capabilities).toEqual({ tools: {}, resources: {} });
    expect(listed.headers.get('ratelimit')).toMatch(/^"tools-tenant";r=\d+/);
    expect(listed.headers.get('x-correlation-id')).toMatch(/./);
  });

  it('answers a client that wants to be told of changes at once, without waiting', async () => {
    const { body, headers } = modernRequest('subscriptions/listen', {
      notifications: { toolsListChanged: true },
    });
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...headers, ...bearer(acmeKey) },
      signal: AbortSignal.timeout(5_000),
    });
    await response.text();
    expect(response.status).toBe(200);
  });
});

describe('Vapi', () => {
  const call = (id: string) => ({ call: { ...(sampleMessage('tool-calls').call as object), id } });
  const ring = async (id: string) => {
    await app.deliver(sampleMessage('status-update', { ...call(id), status: 'in-progress' }));
  };
  const want = { service: 'Hot water', suburb: 'Newtown', caller_name: 'Sam' };
  const createLead = (callId: string, args: object = want) =>
    modern('tools/call', { name: 'create_lead', arguments: args }, { 'x-call-id': callId });

  it('delivers a request twice, or four at a time, and it is done once', async () => {
    await ring('mcp-twice');
    const { suburb, ...rest } = want;
    const answers = [
      ...(await Promise.all([want, want, want, want].map((args) => createLead('mcp-twice', args)))),
      await createLead('mcp-twice', { suburb, ...rest }),
    ].map(({ body }) => body.result.structuredContent.lead_id);
    expect(new Set(answers).size).toBe(1);
    const [lead, ...more] = await leadsOf('mcp-twice');
    expect(more).toEqual([]);
    expect(String(lead?.answerKeys).split('\n')).toHaveLength(1);
    await createLead('mcp-twice', { ...want, notes: 'no pressure at all' });
    const [added] = await leadsOf('mcp-twice');
    expect(String(added?.answerKeys).split('\n')).toHaveLength(2);
  });

  it('has the same done by tool-calls and by MCP, for the number that rings', async () => {
    await ring('by-mcp');
    await createLead('by-mcp', { ...want, service: 'Gutters' });
    await app.deliver(
      sampleMessage('tool-calls', {
        ...call('by-webhook'),
        toolCallList: [
          {
            id: 't1',
            type: 'function',
            function: { name: 'create_lead', arguments: { ...want, service: 'Taps' } },
          },
        ],
        toolCalls: undefined,
        toolWithToolCallList: undefined,
      }),
    );
    const [[mcp], [webhook]] = [await leadsOf('by-mcp'), await leadsOf('by-webhook')];
    const effect = ({ suburb, callerName, callerNumber, kind }: Record<string, unknown> = {}) => ({
      suburb,
      callerName,
      callerNumber,
      kind,
    });
    expect(effect(mcp)).toEqual(effect(webhook));
    expect(mcp?.callerNumber).toBe('+61491570156');
  });

  it('does not tell one withheld number from another, so leads of theirs stay apart', async () => {
    const withheld = { customer: { number: '+266696687' } };
    for (const id of ['hidden-1', 'hidden-2']) {
      const { call: told } = call(id);
      await app.deliver(
        sampleMessage('status-update', {
          call: { ...told, ...withheld },
          ...withheld,
          status: 'in-progress',
        }),
      );
      await createLead(id, { service: 'Withheld' });
    }
    const found = [...(await leadsOf('hidden-1')), ...(await leadsOf('hidden-2'))];
    expect(found.map(({ callId, callerNumber }) => [callId, callerNumber])).toEqual([
      ['hidden-1', undefined],
      ['hidden-2', undefined],
    ]);
  });

  it('leaves no words of a caller in the log', async () => {
    await createLead('mcp-log', { service: 'Very private matter', caller_name: 'Nemo Nobody' });
    await modern('resources/read', { uri: 'gatehouse://leads' });
    const logged = await eventually(
      async () => (/mcp .*method=resources\/read/.test(app.output()) ? app.output() : undefined),
      'the log line',
    );
    expect(logged).toMatch(/mcp .*key=[0-9a-f]{16} tenant=acme method=tools\/call status=200/);
    expect(logged).not.toMatch(/private matter|Nemo|491570156|gmk_/);
  });
});
