import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createToolRegistry, fixedSource, type ToolAdvice } from '../../../shared/tools/registry.ts';
import { defineTool, type ToolContext, ToolTimeout } from '../../../shared/tools/tool.ts';
import { callAdvice } from '../../../shared/voice/tools/callAdvice.ts';
import { memoryLog } from '../../support/http.ts';

const echo = defineTool({
  name: 'echo',
  description: 'Gives back what it got',
  input: z.object({ text: z.string(), more: z.string().optional() }),
  run: async (input, { tenantId }) => ({ ...input, tenantId }),
});

const context: ToolContext = {
  tenantId: 't',
  caller: undefined,
  conversationId: undefined,
  idempotencyKey: 'k',
  askedAt: new Date(0),
  now: new Date(0),
  log: memoryLog().log,
};

describe('createToolRegistry', () => {
  it('runs a tool with checked arguments: an object, JSON text, null as missing', async () => {
    const registry = createToolRegistry(fixedSource([echo]));
    const expected = { ok: true, result: { text: 'a', tenantId: 't' } };
    expect(await registry.run('echo', { text: 'a', more: null, surprise: 1 }, context, 100)).toEqual(
      expected,
    );
    expect(await registry.run('echo', '{"text":"a"}', context, 100)).toEqual(expected);
    expect(await registry.run('echo', '', context, 100)).toMatchObject({
      ok: false,
      error: expect.stringContaining('text'),
    });
  });

  it('tells the model what to do about a failure, in the words of whoever made it', async () => {
    const broken = { ...echo, run: async () => Promise.reject(new Error('secret')) };
    const slow = { ...echo, name: 'slow', run: () => new Promise(() => {}) };
    const told = async (name: string, args: unknown, advice?: ToolAdvice) => {
      const registry = createToolRegistry(fixedSource([broken, slow]), advice && { advice });
      const outcome = await registry.run(name, args, context, 20);
      return outcome.ok ? undefined : outcome.error;
    };
    expect(await told('echo', { text: 'a' })).toBe('The tool failed. Go on without it.');
    expect(await told('slow', { text: 'a' })).toBe('The tool took too long. Go on without it.');
    expect(await told('echo', { text: 'a' }, callAdvice)).toBe(
      'The tool failed. Apologise and offer to take a message.',
    );
    expect(await told('echo', { text: 1 }, callAdvice)).toMatch(
      /^The arguments are not valid\. text: .* Ask the caller for what is missing and call the tool again\.$/,
    );
  });

  it('tells a tool that is late from one that fails, also where the tool itself says so', async () => {
    const runs = [
      () => new Promise<never>(() => {}),
      () => Promise.reject(new ToolTimeout('the tool did not answer in time')),
    ];
    for (const run of runs) {
      const { log, lines } = memoryLog();
      const registry = createToolRegistry(fixedSource([{ ...echo, run }]));
      const outcome = await registry.run('echo', { text: 'a' }, { ...context, log }, 20);
      expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('took too long') });
      expect(lines.map(({ event }) => event)).toEqual(['tool-timeout']);
    }
  });

  it('refuses names that are taken or not allowed', () => {
    expect(() => fixedSource([echo, echo])).toThrow('defined twice');
    expect(() => fixedSource([{ ...echo, name: 'Echo-1' }])).toThrow('must be 1 to 40 of a-z');
  });

  it('finds by name what it lists, for those who may have it, and nothing else', () => {
    const listed = [echo, { ...echo, name: 'of_acme', tenants: new Set(['acme']) }];
    const set = fixedSource(listed).current();
    expect(set.tools).toEqual(listed);
    for (const tool of listed) expect(set.find(tool.name, 'acme')).toBe(tool);
    expect(set.find('of_acme', 'other')).toBeUndefined();
    for (const name of ['', 'ECHO', 'echo ', 'constructor', '__proto__', 'size', 'tools'])
      expect(set.find(name, 'acme')).toBeUndefined();
  });

  it('repeats no strange characters of an unknown name', async () => {
    expect(await createToolRegistry(fixedSource([])).run('a\n<b>', {}, context, 100)).toEqual({
      ok: false,
      error: 'Unknown tool: a??b?.',
    });
  });

  it('gives the arguments as JSON Schema', () => {
    expect(echo.inputSchema).toMatchObject({
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string' } },
    });
  });
});
