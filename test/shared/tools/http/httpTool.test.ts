import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHttpTool } from '../../../../shared/tools/http/httpTool.ts';
import { longestLine, oneLine } from '../../../../shared/tools/http/oneLine.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { answered, contextWith, define, recording, toolOf } from './parts.ts';

const withSecret = { request: { headers: { authorization: 'Bearer {secret:TOKEN}' } } };
const input = { id: '7' };

describe('an HTTP tool', () => {
  it('is what its definition and its entry say', () => {
    const entry = { version: 'v3', hosts: ['shop.example'], secrets: [], tenants: new Set(['acme']) };
    const readInput = () => ({ ok: false as const, faults: ['id: is missing'] });
    const { fetch } = recording(answered(200, {}));
    const tool = createHttpTool(
      define({
        timeoutMs: 900,
        sideEffect: true,
        response: { errors: { default: 'No.', noAnswer: 'Perhaps.' } },
      }),
      entry,
      { fetch, secret: () => 'x' },
      readInput,
    );
    expect(tool).toMatchObject({
      name: 'find_order',
      kind: 'http',
      version: 'v3',
      sideEffect: true,
      timeoutMs: 900,
    });
    expect(tool.tenants).toBe(entry.tenants);
    expect(tool.inputSchema.required).toEqual(['id']);
    expect(tool.readInput({})).toEqual({ ok: false, faults: ['id: is missing'] });
    expect(toolOf(define(), fetch)).toMatchObject({ timeoutMs: 8_000, sideEffect: false });
    expect(toolOf(define(), fetch)).not.toHaveProperty('tenants');
  });

  it('is not made where its host or its secret is not granted', () => {
    const { fetch } = recording(answered(200, {}));
    const make = (hosts: string[], secrets: string[]) => () =>
      createHttpTool(
        define(withSecret),
        { version: '1', hosts, secrets },
        { fetch, secret: () => 'x' },
        (given) => ({ ok: true, input: given }),
      );
    expect(make(['shop.example'], ['TOKEN'])).not.toThrow();
    for (const hosts of [[], ['shop.example:8443'], ['example'], ['a.shop.example'], ['*']])
      expect(make(hosts, ['TOKEN'])).toThrow('may not use the host shop.example');
    expect(make(['shop.example'], ['OTHER'])).toThrow('may not use the secret TOKEN');
  });

  it('gives one line', async () => {
    const { fetch } = recording(answered(200, { state: 'sent\r\n\u2028today\u0000\t ' }));
    expect(await toolOf(define(), fetch).run(input, contextWith().context, 1_000)).toBe('It is sent today .');
  });

  it('asks for at most 256 KB, within its own time and the deadline', async () => {
    const { fetch, sent } = recording(answered(200, { state: 'sent' }));
    const tool = toolOf(define({ timeoutMs: 2_000 }), fetch);
    for (const deadlineMs of [10_000, 2_000, 500, 20, 0])
      await tool.run(input, contextWith().context, deadlineMs);
    expect(sent.map(({ deadlineMs }) => deadlineMs)).toEqual([1_950, 1_950, 450, 1, 1]);
    expect(new Set(sent.map(({ maxBytes }) => maxBytes))).toEqual(new Set([262_144]));
  });

  it('never says a secret, even one that the service sends back', async () => {
    const { fetch } = recording(answered(200, { state: 's3cr3t-value, s3cr3t-value!' }));
    const tool = toolOf(define(withSecret), fetch, () => 's3cr3t-value');
    expect(await tool.run(input, contextWith().context, 1_000)).toBe('It is [secret], [secret]!.');
  });

  it.each([undefined, ''])('sends nothing without its secret, and logs its name', async (value) => {
    const { fetch, sent } = recording(answered(200, { state: 'sent' }));
    const { context, lines } = contextWith();
    await expect(toolOf(define(withSecret), fetch, () => value).run(input, context, 1_000)).rejects.toThrow(
      'a secret of the tool is not set',
    );
    expect(sent).toEqual([]);
    expect(lines).toEqual([
      { level: 'error', event: 'tool-secret-missing', fields: { tool: 'find_order', missing: 'TOKEN' } },
    ]);
  });

  it("tells the definition's words of a failure and logs its status, nothing of what the service says", async () => {
    const { fetch } = recording(answered(404, { state: 'gone', message: 'no order of +41445550100' }));
    const { context, lines } = contextWith();
    const run = toolOf(
      define({ response: { errors: { '404': 'There is no such order.', default: 'No.' } } }),
      fetch,
    ).run(input, context, 1_000);
    await expect(run).rejects.toThrow(new ToolError('There is no such order.'));
    expect(lines).toEqual([
      { level: 'warn', event: 'tool-answer-failed', fields: { tool: 'find_order', status: 404 } },
    ]);
  });

  it.each([
    ['no JSON', answered(200, '<html>')],
    ['another shape', answered(200, { status: 'sent' })],
    ['half an answer', { ...answered(200, ''), body: { text: '{"state":"sent"}', truncated: true } }],
  ])('tells the words for all failures of %s', async (_what, answer) => {
    const { context, lines } = contextWith();
    await expect(
      toolOf(define(), recording(answer as ReturnType<typeof answered>).fetch).run(input, context, 1_000),
    ).rejects.toThrow(new ToolError('It cannot be looked up.'));
    expect(lines).toEqual([
      { level: 'warn', event: 'tool-answer-unexpected', fields: { tool: 'find_order', status: 200 } },
    ]);
  });

  it('tells the words for no answer where there are some, and throws where not', async () => {
    const { fetch } = recording({ kind: 'failed', cause: 'connection', code: 'ECONNRESET' });
    const { context, lines } = contextWith();
    const words = define({ response: { errors: { default: 'No.', noAnswer: 'It is not certain.' } } });
    await expect(toolOf(words, fetch).run(input, context, 1_000)).rejects.toThrow(
      new ToolError('It is not certain.'),
    );
    expect(lines).toMatchObject([
      { event: 'tool-no-answer', fields: { cause: 'connection', problem: 'ECONNRESET' } },
    ]);
    const thrown = await toolOf(define(), fetch)
      .run(input, context, 1_000)
      .catch((error: unknown) => error);
    expect(thrown).not.toBeInstanceOf(ToolError);
    expect(thrown).toMatchObject({ message: 'no answer: ECONNRESET' });
  });

  it('checks the time zone before anything is sent', async () => {
    const properties = { id: { type: 'string' }, zone: { type: 'string' } };
    const definition = define({
      inputSchema: { type: 'object', properties, required: ['id'] },
      response: { say: '{/at|time}', timeZone: '{zone ?? UTC}' },
    });
    const { fetch, sent } = recording(answered(200, { at: '2026-12-01T08:30:00Z' }));
    const tool = toolOf(definition, fetch);
    await expect(tool.run({ ...input, zone: 'here' }, contextWith().context, 1_000)).rejects.toThrow(
      ToolError,
    );
    expect(sent).toEqual([]);
    expect(await tool.run({ ...input, zone: 'Asia/Tokyo' }, contextWith().context, 1_000)).toBe('5:30 pm');
    expect(await tool.run(input, contextWith().context, 1_000)).toBe('8:30 am');
  });
});

it('any text becomes one line of bounded length, and stays it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_500, size: 'max' }), (text) => {
      const line = oneLine(text);
      expect(line.length).toBeLessThanOrEqual(longestLine);
      expect(line).not.toMatch(/[\r\n\p{Cc}\u2028\u2029]/u);
      expect(line.isWellFormed()).toBe(true);
      expect(oneLine(line)).toBe(line);
    }),
  );
});

it('a line is cut between characters, and half a one is replaced', () => {
  expect(oneLine('a\ud800b')).toBe('a\ufffdb');
  expect(oneLine('a'.repeat(longestLine))).toBe('a'.repeat(longestLine));
  expect(oneLine(`${'a'.repeat(longestLine - 2)}🚪b`)).toBe(`${'a'.repeat(longestLine - 2)}…`);
});
