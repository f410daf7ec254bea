import { describe, expect, it, vi } from 'vitest';
import type { OutboundRequest } from '../../../../shared/net/safeFetch.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { memoryLog } from '../../../support/http.ts';
import { bundleOf, contextOf, load, marked } from './setup.ts';

describe('a code tool', () => {
  it('says what it is', async () => {
    const tool = await load(bundleOf('return 1', "outputSchema: { type: 'number' }, sideEffect: false,"));
    expect(tool.definition).toEqual({
      name: 'probe',
      description: 'A probe',
      inputSchema: { type: 'object' },
      outputSchema: { type: 'number' },
      sideEffect: false,
    });
    expect((await load(bundleOf('return 1'))).definition.sideEffect).toBe(true);
  });

  it.each([
    [
      'module.exports',
      "module.exports = { name: 'probe', description: 'd', inputSchema: { type: 'object' }, run: () => 'a' }",
    ],
    [
      'exports.default',
      "exports.default = { name: 'probe', description: 'd', inputSchema: { type: 'object' }, run: () => 'a' }",
    ],
    [
      'an IIFE',
      "var module = module || {}; module.exports = (() => ({ name: 'probe', description: 'd', inputSchema: { type: 'object' }, run: () => 'a' }))()",
    ],
    [
      'an instance',
      "class Probe { name = 'probe'; description = 'd'; inputSchema = { type: 'object' }; #a = 'a'; run() { return this.#a } } module.exports = new Probe()",
    ],
  ])('may be exported as %s', async (_, code) => {
    expect(await (await load(code)).run({}, contextOf(), 5_000)).toBe('a');
  });

  it('gets its input and what the call is about', async () => {
    const tool = await load(
      bundleOf(
        'const { signal, fetch, secret, log, fail, ...facts } = ctx; return { input, facts, ended: signal.aborted, frozen: Object.isFrozen(ctx) }',
      ),
    );
    expect(await tool.run({ a: [1, 'ü'], __proto: {} }, contextOf(), 5_000)).toEqual({
      input: { a: [1, 'ü'], __proto: {} },
      facts: {
        tenantId: 'tenant',
        caller: '+15550100',
        conversationId: 'call-1',
        idempotencyKey: 'key-1',
        askedAt: new Date(1_000).toISOString(),
        now: new Date(2_000).toISOString(),
      },
      ended: false,
      frozen: true,
    });
    const dates = await load(bundleOf('return [ctx.now instanceof Date, typeof ctx.caller]'));
    expect(await dates.run({}, contextOf({ caller: undefined }), 5_000)).toEqual([true, 'undefined']);
  });

  it('keeps what it knows from call to call, and calls apart', async () => {
    const tool = await load(
      `let calls = 0; ${bundleOf('const mine = ++calls; await new Promise((r) => setTimeout(r, input.wait)); return [mine, ctx.tenantId]')}`,
    );
    const runs = [30, 0].map((wait, i) => tool.run({ wait }, contextOf({ tenantId: `t${i}` }), 5_000));
    expect(await Promise.all(runs)).toEqual([
      [1, 't0'],
      [2, 't1'],
    ]);
  });

  it.each([
    ['undefined', null],
    ["'text'", 'text'],
    ['[1, { a: null }]', [1, { a: null }]],
    ['new Date(0)', '1970-01-01T00:00:00.000Z'],
    ['{ then: (give) => give(7) }', 7],
  ])('gives %s as JSON', async (given, expected) => {
    expect(await (await load(bundleOf(`return ${given}`))).run({}, contextOf(), 5_000)).toEqual(expected);
  });

  it.each([
    ['1n'],
    ['(() => { const a = {}; a.a = a; return a })()'],
    ['() => 1'],
    ["'x'.repeat(70_000)"],
    ["JSON.parse('['.repeat(100) + ']'.repeat(100))"],
    ['{ toJSON() { throw 1 } }'],
    ["new Proxy({}, { ownKeys() { throw new Error('secret words') } })"],
  ])('fails for the result %s', async (given) => {
    const tool = await load(bundleOf(`if (input.well) return 'well'; return ${given}`));
    await expect(tool.run({}, contextOf(), 5_000)).rejects.toMatchObject({ code: 'result' });
    expect(await tool.run({ well: true }, contextOf(), 5_000)).toBe('well');
  });

  it('tells the model what it wants told, and of an error only kind and line', async () => {
    const tool = await load(
      bundleOf(
        "if (input.told) ctx.fail('Ask for ' + 'x'.repeat(1000));\n throw new TypeError('of +15550100')",
      ),
    );
    const told = await tool.run({ told: true }, contextOf(), 5_000).catch((error: unknown) => error);
    expect(told).toBeInstanceOf(ToolError);
    expect((told as Error).message).toMatch(/^Ask for x{492}$/);
    await expect(tool.run({}, contextOf(), 5_000)).rejects.toThrow(/^the tool threw: TypeError at line 5$/);
    for (const thrown of ['null', "'words'", 'new Proxy({}, {})', '{ get stack() { throw 1 } }'])
      await expect((await load(bundleOf(`throw ${thrown}`))).run({}, contextOf(), 5_000)).rejects.toThrow(
        'the tool threw: no Error',
      );
  });

  it('refuses an input that is too large', async () => {
    const tool = await load(bundleOf('return 1'));
    await expect(tool.run({ a: 'x'.repeat(70_000) }, contextOf(), 5_000)).rejects.toMatchObject({
      code: 'input',
    });
  });

  it('asks its hosts and no others, and gets secrets it names and no others', async () => {
    const asked: OutboundRequest[] = [];
    const { log, lines } = memoryLog();
    const tool = await load(
      bundleOf(`
        const token = await ctx.secret('TOKEN');
        const answer = await ctx.fetch('https://API.example/a', { method: 'POST', headers: { authorization: token }, body: '{}' });
        const refused = [];
        for (const ask of [() => ctx.fetch('https://other.example'), () => ctx.fetch('http://api.example/'), () => ctx.fetch('https://api.example:8443/'),
          () => ctx.fetch('https://api.example.evil.example/'), () => ctx.fetch('https://api.example@other.example/'), () => ctx.secret('OTHER'), () => ctx.secret('UNSET'),
          () => ctx.fetch('https://api.example/', { method: 'TRACE' }), () => ctx.fetch('https://api.example/', { body: 'x'.repeat(300_000) })])
          try { refused.push(await ask()) } catch (error) { refused.push(error.code) }
        ctx.log('asked.it', { token, nested: [{ [token]: 'Bearer ' + token }], n: 1 });
        ctx.log('words ' + token);
        return { status: answer.status, type: answer.headers['content-type'], text: answer.text, json: answer.json(), refused };`),
      {
        bundle: { hosts: ['api.example'], secrets: ['TOKEN', 'UNSET'] },
        ports: {
          fetch: async (request) => {
            asked.push(request);
            const headers = new Headers({ 'content-type': 'application/json' });
            return { kind: 'answered', status: 201, headers, body: { text: '{"a":1}', truncated: false } };
          },
          secret: (name) => ({ TOKEN: 'tok-12345', OTHER: 'x' })[name],
        },
      },
    );
    expect(await tool.run({}, contextOf({ log }), 5_000)).toEqual({
      status: 201,
      type: 'application/json',
      text: '{"a":1}',
      json: { a: 1 },
      refused: ['host', 'host', 'host', 'host', 'host', 'secret', 'secret', 'request', 'size'],
    });
    expect(asked).toHaveLength(1);
    const { deadlineMs, ...request } = asked[0] as OutboundRequest;
    expect(request).toEqual({
      url: 'https://API.example/a',
      method: 'POST',
      headers: { authorization: 'tok-12345' },
      body: '{}',
      maxBytes: 256 * 1024,
    });
    expect(deadlineMs).toBeGreaterThan(1_000);
    expect(deadlineMs).toBeLessThanOrEqual(5_000);
    const fields = { token: '[secret]', nested: [{ '[secret]': 'Bearer [secret]' }], n: 1 };
    expect(lines).toEqual([
      { level: 'info', event: 'tool-log', fields: { tool: 'probe', says: 'asked.it', fields } },
      { level: 'info', event: 'tool-log', fields: { tool: 'probe', says: 'unnamed', fields: {} } },
    ]);
  });

  it('writes so many lines, of such a size', async () => {
    const { log, lines } = memoryLog();
    const tool = await load(
      bundleOf(
        "ctx.log('a', { x: 'x'.repeat(3000) }); for (let i = 0; i < 1e5; i++) ctx.log('b', { i }); return 1",
      ),
    );
    await tool.run({}, contextOf({ log }), 5_000);
    expect(lines).toHaveLength(20);
    expect(lines[0]?.fields.fields).toEqual({ dropped: 'too large' });
    expect(lines[19]?.fields.fields).toEqual({ i: 18 });
  });

  it('is told where a secret or an answer cannot be had', async () => {
    const ports = {
      secret: (): string => {
        throw new Error('the vault is away');
      },
    };
    const body =
      "return [await ctx.secret('A').catch((e) => e.code), await ctx.fetch('https://a.example').catch((e) => e.code)]";
    const tool = await load(bundleOf(body), { bundle: { secrets: ['A'], hosts: ['A.example'] }, ports });
    expect(await tool.run({}, contextOf(), 5_000)).toEqual(['unavailable', 'name']);
  });

  it('asks for nothing that is too long', async () => {
    const secret = vi.fn(() => 'x');
    const body = `const code = (ask) => ask.then(() => 'asked', (error) => error.code);
      return [
        await code(ctx.fetch('https://a.example/' + 'x'.repeat(17_000))),
        await code(ctx.fetch('https://a.example/', { headers: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => ['h' + i, ''])) })),
        await code(ctx.fetch('https://a.example/', { method: 'POST', body: {} })),
        await code(ctx.secret('x'.repeat(1_000_000))),
      ]`;
    const tool = await load(bundleOf(body), { bundle: { hosts: ['a.example'] }, ports: { secret } });
    expect(await tool.run({}, contextOf(), 5_000)).toEqual(['size', 'size', 'request', 'secret']);
    expect(secret).not.toHaveBeenCalled();
  });

  it('asks so often and no more', async () => {
    let asked = 0;
    const ports = { secret: () => `${++asked}` };
    const body = `let got = 0, refused = 0;
      const count = (ask) => ask.then(() => got++, () => refused++);
      await Promise.all(Array.from({ length: 20 }, () => count(ctx.secret('A'))));
      for (let i = 0; i < 100; i++) await count(ctx.secret('A'));
      return [got, refused]`;
    expect(
      await (await load(bundleOf(body), { bundle: { secrets: ['A'] }, ports })).run({}, contextOf(), 5_000),
    ).toEqual([32, 88]);
    expect(asked).toBe(32);
  });
});

describe('the self-test of a code tool', () => {
  const tested = (test: string) =>
    load(
      bundleOf(
        "const answer = await ctx.fetch('https://api.example/' + input.what, input.method && { method: input.method }); return { ...answer, json: answer.text && answer.json(), key: await ctx.secret('KEY') }",
        `selfTest: ${test},`,
      ),
      { bundle: { hosts: ['api.example'], secrets: ['KEY'] } },
    );

  it('is made with answers it brings along and made-up secrets', async () => {
    const tool = await tested(`{
      input: { what: 'a', method: 'POST' },
      fetches: [{ url: 'https://api.example/a', status: 500 }, { url: 'https://api.example/a', method: 'POST', status: 200, body: { b: [1] } }],
      expect: { status: 200, headers: {}, text: '{"b":[1]}', truncated: false, json: { b: [1] }, key: 'value-of-KEY' } }`);
    await tool.selfTest();
  });

  it.each([
    ["{ input: { what: 'a' }, fetches: [] }", /threw/],
    [
      "{ input: { what: 'a' }, fetches: [{ url: 'https://api.example/a', status: 200 }], expect: 1 }",
      /another result/,
    ],
  ])('fails for %s', async (test, message) => {
    const failure = await (await tested(test)).selfTest().catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'self-test', message: expect.stringMatching(message) });
  });

  it('fails where the tool refuses, in words of ours', async () => {
    const tool = await load(bundleOf("ctx.fail('the private words')", 'selfTest: { input: {} },'));
    await expect(tool.selfTest()).rejects.toThrow('the tool refused its own example');
  });

  it('is passed by a tool that has none', async () => {
    await (await load(bundleOf("throw new Error('never run')"))).selfTest();
  });
});

describe('a bundle that cannot be served', () => {
  const refusal = (code: string, limits = {}) => load(code, { limits }).catch((error: unknown) => error);

  it.each([
    ['export default {}', 'syntax', 'at line 1'],
    ["\n\nconst 'private' = 1;", 'syntax', 'at line 3'],
    ["\nthrow new Error('private')", 'exports', 'threw at line 2'],
    ['throw { get stack() { throw 1 } }', 'exports', 'threw'],
    ['module.exports = null', 'exports', 'threw'],
    ['module.exports = 1', 'exports', 'no function run'],
    ["module.exports = Promise.resolve({ name: 'probe' })", 'exports', 'no function run'],
    [bundleOf('').replace('async run(', 'async runs('), 'exports', 'no function run'],
    [bundleOf('').replace("name: 'probe'", "name: 'private'"), 'exports', 'another name'],
    [bundleOf('').replace("name: 'probe'", "get name() { throw new Error('private') }"), 'exports', 'threw'],
    [bundleOf('').replace("name: 'probe'", 'name: () => 1'), 'exports', 'name: must be text'],
    [bundleOf('').replace("'A probe'", "''"), 'exports', 'description: must not be empty'],
    [
      bundleOf('').replace("type: 'object'", "type: 'private'"),
      'exports',
      'inputSchema: must be a JSON Schema',
    ],
    [
      bundleOf('').replace("inputSchema: { type: 'object' }", 'inputSchema: { get a() { return this } }'),
      'exports',
      'threw',
    ],
    [bundleOf('', 'sideEffect: 1n,'), 'exports', 'threw'],
    [bundleOf('', "sideEffect: 'private',"), 'exports', 'sideEffect: must be true or false'],
    [bundleOf('', "selfTest: { input: 'private' },"), 'exports', 'selfTest.input: must be an object'],
    [bundleOf('', "outputSchema: { a: 'private'.repeat(10_000) },"), 'exports', 'too large'],
    [
      bundleOf('', "outputSchema: { a: JSON.parse('['.repeat(99) + ']'.repeat(99)) },"),
      'exports',
      'nested too deeply',
    ],
    ["module.exports = new Proxy({}, { get() { throw new Error('private') } })", 'exports', 'threw'],
    ["require('fs')", 'exports', 'threw at line 1'],
    [`throw new Promise(() => {}).then; ${bundleOf('')}`, 'exports', 'threw'],
    ['(function f() { f() })()', 'exports', 'threw'],
  ])('%s', async (code, reason, message) => {
    const failure = await refusal(code);
    expect(failure).toMatchObject({
      name: 'ToolLoadError',
      reason,
      message: expect.stringContaining(message),
    });
    expect((failure as Error).message).not.toContain('private');
  });

  it('loops while it is loaded', async () => {
    expect(await refusal('for (;;) {}', { loadMs: 300 })).toMatchObject({ reason: 'timeout' });
    expect(
      await refusal(`${bundleOf('')} (function again() { Promise.resolve().then(again) })()`, {
        loadMs: 300,
      }),
    ).toMatchObject({ reason: 'timeout' });
  });

  it('leaves a rejection behind while it is loaded', async () => {
    expect(await refusal(`${bundleOf('')} Promise.reject(new Error('private'))`)).toMatchObject({
      reason: 'crash',
    });
  });

  it('fills memory while it is loaded', async () => {
    expect(await refusal('const all = []; for (;;) all.push(new Array(1000).fill(all))')).toMatchObject({
      reason: 'crash',
    });
    expect(await refusal('const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))')).toMatchObject({
      reason: 'crash',
    });
  });

  it('is too large', async () => {
    expect(await refusal(`//${'ü'.repeat(600_000)}`)).toMatchObject({ reason: 'size' });
  });

  it('leaves no process behind', async () => {
    const { logLine, running } = marked();
    expect(await refusal('for (;;) {}', { loadMs: 500, logLine })).toMatchObject({ reason: 'timeout' });
    await vi.waitFor(() => expect(running()).toBe(0), 5_000);
  });
});
