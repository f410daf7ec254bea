import { CallToolResultSchema, ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { specTypeSchemas } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { Collection } from '../../../shared/mcp/records.ts';
import { ToolError } from '../../../shared/tools/tool.ts';
import { builtInTools } from '../../../shared/voice/tools/builtInTools.ts';
import { memoryLog } from '../../support/http.ts';
import { modernRequest } from '../../support/mcp.ts';
import { createMcp, now, type Seen, tool } from '../../support/mcpWorld.ts';
import { createVoice } from '../../support/voice.ts';

const namesIn = ({ tools }: { tools: { name: string }[] }) => tools.map(({ name }) => name);

describe('tools', () => {
  it('are given in one order, whatever the tenant and the registry say', async () => {
    const names = ['zeta', 'alpha', 'beta_2', 'beta_10'];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(names, { minLength: 4 }),
        fc.shuffledSubarray(names),
        async (registered, functions) => {
          const mcp = await createMcp({ tools: registered.map((name) => tool(name)), functions });
          const { result } = await mcp.ask('tools/list');
          expect(namesIn(result)).toEqual([...functions].sort());
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are those the configuration lists and the tenant may have, and of the scope', async () => {
    const mcp = await createMcp({
      tools: [tool('shared'), tool('unlisted'), tool('of_others', [], { tenants: new Set(['other']) })],
      auditTools: [tool('audit_design')],
      functions: ['shared', 'of_others', 'gone'],
    });
    expect(namesIn((await mcp.ask('tools/list')).result)).toEqual(['audit_design', 'shared']);
    for (const name of ['unlisted', 'of_others', 'gone', '__proto__', ''])
      expect((await mcp.ask('tools/call', { name })).error).toMatchObject({ code: -32602 });
    const { text } = await mcp.keys.create({ tenantId: 'acme', scopes: [] }, now);
    const plain = { authorization: `Bearer ${text}` };
    expect(namesIn((await mcp.ask('tools/list', {}, plain)).result)).toEqual(['shared']);
    expect((await mcp.ask('tools/call', { name: 'audit_design' }, plain)).error).toMatchObject({
      code: -32602,
    });
  });

  it('fit the published schemas of both lines, as do their answers', async () => {
    const voice = await createVoice();
    const { leads, calls, events, tenants } = voice;
    const results = [{ a: 1 }, 'words', ['a', 1], null, 7, 'half a pair \ud800', undefined];
    const mcp = await createMcp({
      tools: [
        ...builtInTools({ leads, calls, events, tenants }),
        ...results.map((result, i) => tool(`gives_${i}`, [], { run: async () => result })),
      ],
    });
    const valid = async (name: 'ListToolsResult' | 'CallToolResult', value: unknown) =>
      expect((await specTypeSchemas[name]['~standard'].validate(value)).issues).toBeUndefined();
    const { result: list } = await mcp.ask('tools/list');
    await valid('ListToolsResult', list);
    expect(ListToolsResultSchema.safeParse(list).error).toBeUndefined();
    expect(list).toMatchObject({ ttlMs: 5_000, cacheScope: 'private' });
    for (const [i, result] of results.entries()) {
      const { result: answer } = await mcp.ask('tools/call', { name: `gives_${i}` });
      await valid('CallToolResult', answer);
      expect(CallToolResultSchema.safeParse(answer).error).toBeUndefined();
      const { content, structuredContent, isError } = answer;
      const text = String(content[0].text);
      expect(text.isWellFormed()).toBe(true);
      expect(typeof result === 'string' ? text : JSON.parse(text)).toEqual(
        typeof result === 'string' ? result.toWellFormed() : (result ?? null),
      );
      expect(structuredContent).toEqual(i === 0 ? result : undefined);
      expect(isError).toBeUndefined();
    }
  });

  it('that fail say so in words, and of a fault nothing', async () => {
    const failing = (name: string, error: Error) => tool(name, [], { run: () => Promise.reject(error) });
    const mcp = await createMcp({
      tools: [
        failing('refuses', new ToolError('That time was just taken.')),
        failing('breaks', new Error('password=hunter2')),
      ],
    });
    expect((await mcp.ask('tools/call', { name: 'refuses' })).result).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'That time was just taken.' }],
    });
    const { result } = await mcp.ask('tools/call', { name: 'breaks' });
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/failed/) }] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('tell what they change, and the worst where that is not known', async () => {
    const mcp = await createMcp({
      tools: [
        tool('adds'),
        tool('looks_up', [], { sideEffect: false }),
        tool('sends', [], { kind: 'http' }),
        tool('reads', [], { kind: 'code', sideEffect: false }),
      ],
    });
    const { tools } = (await mcp.ask('tools/list')).result;
    const told = Object.fromEntries(
      tools.map(({ name, annotations: a }: { name: string; annotations: Record<string, boolean> }) => [
        name,
        [a.readOnlyHint, a.destructiveHint, a.idempotentHint, a.openWorldHint],
      ]),
    );
    expect(told).toEqual({
      adds: [false, false, false, false],
      looks_up: [true, false, true, false],
      sends: [false, true, false, true],
      reads: [true, false, true, true],
    });
  });

  it('run for the tenant of the key and the number of the stored call, whatever the arguments say', async () => {
    const seen: Seen[] = [];
    const mcp = await createMcp({
      tools: [tool('note', seen)],
      deps: {
        callerOf: async (tenantId, callId) =>
          tenantId === 'acme' && callId === 'call-1' ? '+61491570156' : undefined,
      },
    });
    const args = { tenantId: 'other', caller: '+61400000000' };
    const call = (headers: Record<string, string>) =>
      mcp.ask('tools/call', { name: 'note', arguments: args }, headers);
    await call({ 'x-call-id': 'call-1' });
    await call({ 'x-chat-id': 'chat-1' });
    await call({ 'x-call-id': 'no call\u00e9', 'x-caller-number': '+61400000000' });
    expect(seen.map(({ input }) => input)).toEqual([args, args, args]);
    expect(
      seen.map(({ context: { tenantId, caller, conversationId } }) => [tenantId, caller, conversationId]),
    ).toEqual([
      ['acme', '+61491570156', 'call-1'],
      ['acme', undefined, 'chat-1'],
      ['acme', undefined, undefined],
    ]);
  });

  it('run all the same where the stored call cannot be read', async () => {
    const seen: Seen[] = [];
    const deps = { callerOf: () => Promise.reject(new Error('down')) };
    const mcp = await createMcp({ tools: [tool('note', seen)], deps });
    await mcp.ask('tools/call', { name: 'note' }, { 'x-call-id': 'call-1' });
    expect(seen).toMatchObject([{ context: { caller: undefined, conversationId: 'call-1' } }]);
    expect(mcp.lines.map(({ event }) => event)).toContain('mcp-caller-unavailable');
  });

  it('are told the same key when a call asks again, and another without a call', async () => {
    const seen: Seen[] = [];
    const mcp = await createMcp({ tools: [tool('note', seen), tool('look', seen, { sideEffect: false })] });
    const call = { 'x-call-id': 'call-1' };
    for (const headers of [call, call, {}, {}]) await mcp.ask('tools/call', { name: 'note' }, headers);
    const [a, b, ...alone] = seen.map(({ context }) => context.idempotencyKey);
    expect(a).toBe(b);
    expect(new Set([a, ...alone]).size).toBe(3);
    const writes = new Proxy({}, { get: () => expect.unreachable('a look needs no key') });
    const reading = await createMcp({
      tools: [tool('look', seen, { sideEffect: false })],
      deps: { repeats: writes as never },
    });
    expect((await reading.ask('tools/call', { name: 'look' }, call)).result).toMatchObject({
      structuredContent: { done: 'look' },
    });
  });

  it('of a key without a tenant run under the name of the key', async () => {
    const seen: Seen[] = [];
    const mcp = await createMcp({ auditTools: [tool('audit_design', seen)] });
    const { text, keyId } = await mcp.keys.create({ scopes: ['audit'] }, now);
    await mcp.ask('tools/call', { name: 'audit_design' }, { authorization: `Bearer ${text}` });
    expect(seen).toMatchObject([{ context: { tenantId: 'unassigned', caller: `mcp-${keyId}` } }]);
  });
});

describe('records', () => {
  const rows = Array.from({ length: 120 }, (_, i) => ({ leadId: `l ${i}/é` }));
  const leads: Collection = {
    name: 'leads',
    description: 'Leads',
    idName: 'leadId',
    async page(_tenant, { limit, cursor = '0' }) {
      const from = Number(cursor);
      if (Number.isNaN(from)) throw new AppError('invalid-request', 'That cursor is none.');
      const more = from + limit < rows.length ? { cursor: String(from + limit) } : {};
      return { items: rows.slice(from, from + limit), ...more };
    },
    get: async (_tenant, id) => rows.find(({ leadId }) => leadId === id),
  };
  const world = () => createMcp({ deps: { collections: [leads] } });
  const read = async (mcp: Awaited<ReturnType<typeof world>>, uri: string) => {
    const { result, error } = await mcp.ask('resources/read', { uri });
    if (error) return error;
    return JSON.parse(result.contents[0].text);
  };

  it('are read page by page, each once', async () => {
    const mcp = await world();
    const found: unknown[] = [];
    for (let uri: string | undefined = 'gatehouse://leads'; uri !== undefined; ) {
      const page: { leads: unknown[]; next?: string } = await read(mcp, uri);
      expect(page.leads.length).toBeLessThanOrEqual(50);
      found.push(...page.leads);
      expect(found.length).toBeLessThanOrEqual(rows.length);
      uri = page.next;
    }
    expect(found).toEqual(rows);
    expect(await read(mcp, `gatehouse://leads/${encodeURIComponent('l 7/é')}`)).toEqual(rows[7]);
  });

  it('that are not there are told as the protocol does', async () => {
    const mcp = await world();
    for (const uri of [
      'gatehouse://leads/none',
      'gatehouse://secrets',
      'gatehouse://leads/l 7/é',
      'file:///etc/passwd',
      'gatehouse://leads/%ff',
    ])
      expect(await read(mcp, uri)).toEqual({ code: -32602, message: expect.any(String), data: { uri } });
    expect(await read(mcp, 'gatehouse://leads?cursor=x')).toMatchObject({
      code: -32602,
      message: 'That cursor is none.',
    });
  });

  it('are for a key with their scope alone', async () => {
    const mcp = await world();
    const { text } = await mcp.keys.create({ tenantId: 'acme', scopes: ['audit'] }, now);
    for (const method of ['resources/list', 'resources/templates/list', 'resources/read'])
      expect(
        (await mcp.ask(method, { uri: 'gatehouse://leads' }, { authorization: `Bearer ${text}` })).error,
      ).toMatchObject({ code: -32601 });
  });

  it.each([
    { toolsListChanged: true },
    { resourcesListChanged: true },
    { resourceSubscriptions: ['gatehouse://leads'] },
  ])('and tools are not watched: %j is acknowledged as nothing, and ended', async (notifications) => {
    const mcp = await world();
    const { body, headers } = modernRequest('subscriptions/listen', { notifications });
    const answer = await mcp.send(body, headers);
    const said = [...answer.body.matchAll(/^data: (.+)$/gm)].map(([, json = '']) => JSON.parse(json));
    expect(said).toMatchObject([
      { method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } },
      { id: 1, result: { resultType: 'complete' } },
    ]);
  });

  it('keep the text of a failure to themselves', async () => {
    const page = () => Promise.reject(new Error('password=hunter2'));
    const mcp = await createMcp({ deps: { collections: [{ ...leads, page }] } });
    const answer = await read(mcp, 'gatehouse://leads');
    expect(answer).toMatchObject({ code: -32603 });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(mcp.lines.map(({ event }) => event)).toContain('mcp-failed');
  });
});

describe('limits', () => {
  const policy = {
    name: 'tools-tenant',
    operations: ['tool-calls' as const],
    scope: 'tenant' as const,
    limits: [{ quota: 3, window: '1d' }],
    localShare: 1,
  };
  const ping = (id?: number) => ({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), method: 'ping' });
  const legacy = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

  it('count every request of a batch, and no notification', async () => {
    const mcp = await createMcp({ policies: [policy] });
    const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    for (let i = 0; i < 5; i++) expect((await mcp.send(initialized, legacy)).status).toBe(202);
    const batch = await mcp.send(JSON.stringify([ping(1), ping(2)]), legacy);
    expect([batch.status, batch.body.match(/"result":\{\}/g)?.length]).toEqual([200, 2]);
    await expect(mcp.send(JSON.stringify([ping(3), ping(4)]), legacy)).rejects.toMatchObject({
      code: 'quota-exceeded',
      retryAfter: expect.any(Number),
    });
    expect((await mcp.send(JSON.stringify(ping(5)), legacy)).status).toBe(200);
    await expect(mcp.send(JSON.stringify(ping(6)), legacy)).rejects.toMatchObject({ status: 429 });
  });

  it('of the tenant replace those of all', async () => {
    const limits = { toolCalls: [{ quota: 5, window: '1d' as const }] };
    const tenant = async () => ({ functions: [], limits });
    const mcp = await createMcp({ policies: [policy], deps: { tenant } });
    for (let i = 0; i < 5; i++) expect((await mcp.send(JSON.stringify(ping(i)), legacy)).status).toBe(200);
    await expect(mcp.send(JSON.stringify(ping(6)), legacy)).rejects.toMatchObject({ status: 429 });
  });
});

describe('the door', () => {
  const { body, headers } = modernRequest('tools/list');

  it('is open to the origins that are named, letter for letter, and to whoever has none', async () => {
    const mcp = await createMcp({ deps: { settings: { origins: ['https://app.example'] } } });
    const status = async (origin?: string) =>
      (await mcp.send(body, { ...headers, ...(origin === undefined ? {} : { origin }) })).status;
    expect(await status()).toBe(200);
    expect(await status('https://app.example')).toBe(200);
    for (const origin of [
      'https://app.example.evil',
      'http://app.example',
      'null',
      '',
      'https://app.example:444',
    ])
      expect(await status(origin)).toBe(403);
  });

  it('reads no body of strangers', async () => {
    const mcp = await createMcp();
    const read = () => Promise.reject(new Error('was read'));
    const url = 'https://gatehouse.example/api/mcp';
    const stranger = { method: 'POST', url, headers: new Headers(headers), read };
    const { log } = memoryLog();
    await expect(mcp.endpoint.answer(stranger, log)).rejects.toMatchObject({ status: 401 });
    const get = { ...stranger, method: 'GET' };
    expect(await mcp.endpoint.answer(get, log)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  it('logs who asked what kind of thing, and none of it', async () => {
    const mcp = await createMcp({ tools: [tool('note')] });
    await mcp.ask('tools/call', { name: 'note', arguments: { secret: 'hunter2' } });
    await mcp.send('{"jsonrpc":"2.0","id":1,"method":"my number is 5551234"}', headers);
    const logged = JSON.stringify(mcp.lines);
    expect(mcp.lines.map(({ fields }) => [fields.tenant, fields.method])).toEqual([
      ['acme', 'tools/call'],
      ['acme', 'other'],
    ]);
    expect(logged).not.toMatch(/hunter2|5551234|gmk_/);
  });
});
