import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../../local/modelService/modelService.ts';
import type { Reply } from '../../../../local/modelService/reply.ts';
import { azureBaseUrl, createEngine, promptBudget } from '../../../../shared/audit/engines/createEngine.ts';
import { quoteShape } from '../../../../shared/audit/engines/model/answers.ts';
import { ModelEngine } from '../../../../shared/audit/engines/model/modelEngine.ts';
import { expected, learn } from '../../../../shared/audit/engines/openAi/capabilities.ts';
import type { ModelClient } from '../../../../shared/audit/engines/openAi/modelQuestion.ts';
import { OpenAiClient } from '../../../../shared/audit/engines/openAi/openAiClient.ts';
import type { AuditInput } from '../../../../shared/audit/sourceTree.ts';
import { modelLimits } from '../../../../shared/usage/prices/modelLimits.ts';
import { assignment, auditSettings, createModelAccess, input } from '../../../support/audit.ts';
import { type Script, scriptedModel } from '../../../support/scriptedModel.ts';
import { startWorld } from './world.ts';

const missing: Script = { opinion: () => ({ verdict: 'not_assessable' }) };
const refused = (message: string, param: string | null = null, code: string | null = null): Reply => ({
  status: 400,
  message,
  param,
  code,
});
const paths = (requests: readonly JournalEntry[]) => requests.map(({ path }) => path.split('/').at(-1));
/** Enough source for a prompt cache. */
const large: AuditInput = {
  ...input,
  files: [
    ...input.files,
    {
      path: 'src/z.ts',
      text: Array.from({ length: 400 }, (_, n) => `export const z${n} = ${n};`).join('\n'),
    },
  ],
};
const manyRequirements: AuditInput = {
  ...large,
  designs: [
    {
      path: 'd.md',
      text: Array.from({ length: 70 }, (_, n) => `- The shop must have feature number ${n}.`).join('\n'),
    },
  ],
};

describe('what a server does not take', () => {
  it('is asked by Chat Completions where there are no Responses, and remembered', async () => {
    const { engine, service } = await startWorld(missing, {
      checks: false,
    });
    await engine.assess(input, assignment());
    expect(paths(service.requests)).toEqual(['responses', 'responses']);
    const chat = await startWorld(
      {
        ...missing,
        instead: (asking, nth) =>
          asking === 'extract' && nth === 1 ? { status: 404, message: 'Resource not found' } : undefined,
      },
      { checks: false },
    );
    await chat.engine.assess(input, assignment());
    expect(paths(chat.service.requests)).toEqual([
      'responses',
      'completions',
      ...Array(chat.service.requests.length - 2).fill('completions'),
    ]);
  });

  it.each<[string, Reply, (body: Record<string, unknown>) => unknown]>([
    [
      'prompt_cache_options',
      refused(
        'prompt_cache_options is not supported on this model',
        'prompt_cache_options',
        'invalid_parameter',
      ),
      (body) => body.prompt_cache_options,
    ],
    [
      'prompt_cache_key',
      refused('Unrecognized request argument supplied: prompt_cache_key', 'prompt_cache_key'),
      (body) => body.prompt_cache_key,
    ],
    ['store', refused("Unknown parameter: 'store'.", 'store', 'unknown_parameter'), (body) => body.store],
    [
      'max_output_tokens',
      refused("Unsupported parameter: 'max_output_tokens'", 'max_output_tokens'),
      (body) => body.max_output_tokens,
    ],
    [
      'reasoning',
      refused(
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        'reasoning.effort',
      ),
      (body) => body.reasoning,
    ],
  ])('%s is dropped once and not sent again', async (_, reply, memberOf) => {
    const { engine, service } = await startWorld(
      { ...missing, instead: (asking, nth) => (asking === 'extract' && nth === 1 ? reply : undefined) },
      { checks: false, model: 'gpt-5.6-luna', env: { GATEHOUSE_MODEL_EFFORT: 'low' } },
    );
    await engine.assess(input, assignment());
    const [first, ...later] = service.requests.map(({ body }) => memberOf(body ?? {}));
    expect(first).toBeDefined();
    expect(later.length).toBeGreaterThan(1);
    expect(later.every((value) => value === undefined)).toBe(true);
  });

  it('is told the shape in words where it knows no schemas, then where it knows no JSON at all', async () => {
    const { engine, service } = await startWorld(
      {
        ...missing,
        instead: (asking, nth) =>
          asking === 'extract' && nth <= 2 ? refused("'text.format' is not supported") : undefined,
      },
      { checks: false },
    );
    await engine.assess(input, assignment());
    const formats = service.requests.map(({ request }) => request?.format.kind);
    expect(formats).toEqual(['schema', 'object', 'text', 'text']);
    expect(service.requests[2]?.request?.messages[0]?.parts[0]?.text).toContain('JSON Schema');
  });

  it('gives up where it takes nothing away any more', async () => {
    const { engine, service } = await startWorld({ instead: () => refused('something else') });
    await expect(engine.assess(input, assignment())).rejects.toMatchObject({ code: 'engine-failed' });
    expect(service.requests).toHaveLength(1);
  });

  it('is forgotten where leaving it out has not helped', async () => {
    const replies = [refused("Unknown parameter: 'prompt_cache_key'."), refused('something else')];
    const { engine, service } = await startWorld(
      { ...missing, instead: () => replies.shift() },
      { checks: false },
    );
    await expect(engine.assess(input, assignment())).rejects.toMatchObject({ code: 'engine-failed' });
    await engine.assess(input, assignment());
    expect(service.requests.slice(0, 3).map(({ body }) => 'prompt_cache_key' in (body ?? {}))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is learned by questions side by side, each something else', async () => {
    const both = Promise.withResolvers<void>();
    const { service } = await startWorld(
      {},
      {
        checks: false,
        answer: async ({ body, messages }) => {
          const member = messages[0]?.parts[0]?.text === 'one' ? 'prompt_cache_key' : 'store';
          if (member in body && service.requests.length <= 2) {
            if (service.requests.length === 2) both.resolve();
            await both.promise;
            return refused(`Unknown parameter: '${member}'.`);
          }
          return { content: '{"requirements":[]}' };
        },
      },
    );
    const { baseUrl } = service;
    const model = 'gpt-4o';
    const client = new OpenAiClient({ baseUrl, apiKey: 'key-1', model, modelName: model, api: 'responses' });
    const ask = (system: string) => {
      const question = { system, blocks: [{ text: 'x' }], cacheKey: 'c', shape: quoteShape };
      return client.ask({ ...question, maxOutputTokens: 300 }, AbortSignal.timeout(5_000));
    };
    await Promise.all([ask('one'), ask('other')]);
    await ask('third');
    expect(service.requests.at(-1)?.body).not.toHaveProperty('prompt_cache_key');
    expect(service.requests.at(-1)?.body).not.toHaveProperty('store');
  });

  const said = (status: number, message: string, param: string | null = null) =>
    new OpenAI.APIError(status, { message, param }, message, new Headers());

  it.each<[string, ReturnType<typeof said>, object | undefined]>([
    ['a method that is not allowed', said(405, 'Method Not Allowed'), { api: 'chat' }],
    ['a route nobody wrote', said(501, 'Not Implemented'), { api: 'chat' }],
    ['an operation', said(400, 'The requested operation is unsupported.'), { api: 'chat' }],
    [
      'a body with more than it knows',
      said(422, 'Extra inputs are not permitted', 'prompt_cache_key'),
      { cacheKey: false },
    ],
    ['a value of what it knows', said(400, 'max_output_tokens must be at least 16'), undefined],
    ['everything, as it is down', said(500, "Unknown parameter: 'store'."), undefined],
  ])('is told by the refusal of %s', (_, error, lesson) => {
    const can = expected('responses', 'gpt-5.6-luna');
    const before = { ...can };
    expect([learn(can, error), can]).toEqual([lesson !== undefined, { ...before, ...lesson }]);
  });

  it('is not mistaken for a deployment that is not there', async () => {
    const { service } = await startWorld(missing);
    const engine = await createEngine(
      auditSettings({
        AZURE_OPENAI_ENDPOINT: service.origin,
        AZURE_OPENAI_API_KEY: 'key-1',
        AZURE_DEPLOYMENT_NAME: 'nobody',
      }),
      createModelAccess(),
    );
    await expect(engine.assess(input, assignment())).rejects.toThrow(/404.*AZURE_DEPLOYMENT_NAME/);
    expect(paths(service.requests)).toEqual(['responses']);
  });
});

describe('the prompt cache', () => {
  it('is marked after the design where more questions follow, since GPT-5.6', async () => {
    const { engine, service } = await startWorld(missing, { model: 'gpt-5.6-luna' });
    const { usage } = await engine.assess(manyRequirements, assignment());
    const assess = service.requests.slice(1);
    expect(assess).toHaveLength(3);
    for (const { request } of assess) {
      expect(request?.messages[1]?.parts.map(({ breakpoint }) => breakpoint)).toEqual([false, true, false]);
      expect(request?.cacheOptions).toEqual({ mode: 'explicit' });
      expect(request?.cacheKey).toBe(assess[0]?.request?.cacheKey);
    }
    expect(usage?.written_input_tokens).toBeGreaterThan(1_024);
    expect(usage?.cached_input_tokens).toBe(2 * (usage?.written_input_tokens ?? 0));
    expect(usage?.cost?.billed).toBeLessThan(usage?.cost?.uncached ?? 0);
  });

  it('is marked the same by Chat Completions, and told of in what was used', async () => {
    const { service, access } = await startWorld(missing, { model: 'gpt-5.6-luna' });
    const settings = auditSettings({
      GATEHOUSE_OPENAI_BASE_URL: service.baseUrl,
      GATEHOUSE_OPENAI_API_KEY: 'key-1',
      AZURE_DEPLOYMENT_NAME: 'gpt-5.6-luna',
      GATEHOUSE_MODEL_EFFORT: 'low',
    });
    const engine = await createEngine(settings, access);
    const { usage } = await engine.assess(manyRequirements, assignment());
    const assess = service.requests.slice(1);
    expect(paths(assess)).toEqual(Array(3).fill('completions'));
    for (const { request, body } of assess) {
      expect(request?.messages[1]?.parts.map(({ breakpoint }) => breakpoint)).toEqual([false, true, false]);
      expect(body).toMatchObject({ reasoning_effort: 'low' });
    }
    expect(usage?.written_input_tokens).toBeGreaterThan(1_024);
    expect(usage?.cached_input_tokens).toBe(2 * (usage?.written_input_tokens ?? 0));
  });

  it('is marked in the halves of a question whose answer was cut off', async () => {
    const { engine, service } = await startWorld(
      {
        ...missing,
        instead: (asking, _, { asked }) =>
          asking === 'assess' && asked.length > 2 ? { content: '{', finish: 'length' } : undefined,
      },
      { model: 'gpt-5.6-luna' },
    );
    await engine.assess(large, assignment());
    const marks = service.requests
      .slice(1)
      .map(({ request }) => request?.messages[1]?.parts.map(({ breakpoint }) => breakpoint));
    expect(marks).toEqual([
      [false, false, false],
      [false, true, false],
      [false, true, false],
    ]);
  });

  it('is not written to where nothing would read it', async () => {
    const { engine, service } = await startWorld(missing, { model: 'gpt-5.6-luna' });
    const { usage } = await engine.assess(large, assignment());
    expect(service.requests.map(({ request }) => request?.cacheOptions)).toEqual(
      Array(service.requests.length).fill({ mode: 'explicit' }),
    );
    expect(usage).toMatchObject({ written_input_tokens: 0, cached_input_tokens: 0 });
  });

  it('finds the common beginning by itself before GPT-5.6, and is sent no marks', async () => {
    const { engine, service } = await startWorld(missing, { model: 'gpt-5.4' });
    const { usage } = await engine.assess(manyRequirements, assignment());
    expect(JSON.stringify(service.requests.map(({ body }) => body))).not.toContain('breakpoint');
    expect(usage?.cached_input_tokens).toBeGreaterThan(2 * 1_024);
    expect(usage?.written_input_tokens).toBe(0);
  });

  it('is tried with marks where the name of the deployment says nothing, and without once told', async () => {
    const { engine, service } = await startWorld(missing, { model: 'gpt-4o', deployment: 'audit' });
    await engine.assess(manyRequirements, assignment());
    expect(service.requests.map(({ status }) => status)).toEqual([400, 200, 200, 200, 200]);
  });
});

describe('an answer', () => {
  it.each<[string, Reply, RegExp]>([
    ['a refusal', { refusal: 'No.' }, /refused/],
    ['the content filter', { content: '{', finish: 'content_filter' }, /content filter/],
    ['a filtered prompt', { promptFiltered: true }, /content filter refused/],
    ['an answer cut off', { content: '{', finish: 'length' }, /cut off/],
    ['an empty answer', { content: null }, /empty/],
    ['blanks', { content: '  ' }, /empty/],
    ['no JSON', { content: 'Looks fine!' }, /other than the JSON/],
    ['another JSON', { content: '{"requirements":[{}]}' }, /other than the JSON/],
    ['a wrong key', { status: 401, message: 'no' }, /401.*key/],
    [
      'too long a prompt',
      refused('too long', 'input', 'context_length_exceeded'),
      /GATEHOUSE_AUDIT_PROMPT_TOKENS/,
    ],
    ['another 400', refused('no'), /answered 400\.$/],
  ])('that is %s is never a verdict, by either API', async (_, reply, message) => {
    for (const name of ['AZURE_OPENAI_ENDPOINT', 'GATEHOUSE_OPENAI_BASE_URL']) {
      const { service, access } = await startWorld({ ...missing, instead: () => reply }, { checks: false });
      const isAzure = name === 'AZURE_OPENAI_ENDPOINT';
      const settings = auditSettings({
        [name]: isAzure ? service.origin : service.baseUrl,
        [isAzure ? 'AZURE_OPENAI_API_KEY' : 'GATEHOUSE_OPENAI_API_KEY']: 'key-1',
      });
      const engine = await createEngine(settings, access);
      await expect(engine.assess(input, assignment())).rejects.toMatchObject({
        code: 'engine-failed',
        message: expect.stringMatching(message),
      });
      expect(paths(service.requests)[0]).toBe(isAzure ? 'responses' : 'completions');
    }
  });

  it('that lists no requirement is a design that states none', async () => {
    const { engine } = await startWorld({ quotes: () => [] });
    await expect(engine.assess(input, assignment())).rejects.toMatchObject({ code: 'design-not-found' });
  });

  it('that leaves requirements out is asked for once more, and then given up', async () => {
    let answered = 0;
    const { engine, asked } = await startWorld({
      opinion: (requirement) =>
        requirement.includes('scrypt') && answered++ === 0 ? undefined : { verdict: 'not_assessable' },
    });
    await engine.assess(input, assignment());
    expect(asked()).toEqual(['extract', 'assess', 'assess']);
    const silent = await startWorld({ opinion: () => undefined });
    await expect(silent.engine.assess(input, assignment())).rejects.toThrow(/left out requirements/);
    expect(silent.asked()).toEqual(['extract', 'assess', 'assess']);
  });

  it('that is cut off is asked for in halves', async () => {
    const { engine, asked } = await startWorld({
      opinion: () => ({ verdict: 'not_assessable' }),
      instead: (asking, _, { asked: ids }) =>
        asking === 'assess' && ids.length > 10 ? { content: '{', finish: 'length' } : undefined,
    });
    const { requirements, usage } = await engine.assess(manyRequirements, assignment());
    expect(requirements).toHaveLength(70);
    expect(asked().length).toBeGreaterThan(8);
    expect(usage?.calls, 'what was cut off was paid for as well').toBe(asked().length);
  });

  it('wrapped in a fence is read', async () => {
    const { engine } = await startWorld({
      instead: (asking) =>
        asking === 'assess'
          ? {
              content: `\`\`\`json\n${JSON.stringify({ verdicts: ['R1', 'R2', 'R3'].map((id) => ({ id, verdict: 'not_assessable', evidence: [], reason: 'x' })), note: '' })}\n\`\`\``,
            }
          : undefined,
    });
    expect((await engine.assess(input, assignment())).requirements).toHaveLength(3);
  });

  it('without usage is not told as free', async () => {
    const script = scriptedModel(missing);
    const { engine } = await startWorld(missing, {
      answer: async (request, attempt) => ({ ...(await script(request, attempt)), usage: null }) as Reply,
    });
    const { usage } = await engine.assess(input, assignment());
    expect(usage).toMatchObject({ calls: 2, total_tokens: 0, cached_input_tokens: 0, cost: null });
  });

  it('with nothing but zeros for usage is not told as free either', async () => {
    const answers = [
      { requirements: [{ quote: 'The shop must hash every password with `scrypt`.' }] },
      { verdicts: [{ id: 'R1', verdict: 'not_assessable', evidence: [], reason: 'x' }], note: '' },
    ];
    const client: ModelClient = {
      ask: async ({ shape }) => {
        const value = shape.read(JSON.stringify(answers.shift()));
        const tokens = { input: 0, cached: 0, written: 0, output: 0 };
        return { ok: true, tokens, value: { value, tokens, model: undefined } };
      },
    };
    const { calls, sections } = createModelAccess();
    const engine = new ModelEngine({
      name: 'azure-openai',
      baseUrl: 'http://localhost',
      model: 'gpt-4o',
      modelName: 'gpt-4o',
      effort: undefined,
      client,
      calls,
      sections,
      encoding: 'o200k_base',
      promptTokens: 20_000,
      maxOutputTokens: 4_096,
      concurrency: 1,
    });
    const designs = [{ path: 'd.md', text: '- The shop must hash every password with `scrypt`.' }];
    const { usage } = await engine.assess({ ...input, designs }, assignment());
    expect(usage).toMatchObject({ calls: 2, total_tokens: 0, cost: null });
  });

  it('comes after another try where the deployment was busy; told how long to wait where it stays so', async () => {
    const recovering = await startWorld({
      ...missing,
      instead: (asking, nth) => (asking === 'assess' && nth === 1 ? { retryAfterMs: 0 } : undefined),
    });
    expect((await recovering.engine.assess(input, assignment())).requirements).toHaveLength(3);
    const busy = await startWorld({ instead: () => ({ retryAfterMs: 0 }) });
    await expect(busy.engine.assess(input, assignment())).rejects.toMatchObject({
      status: 502,
      retryAfter: 0,
    });
    expect(busy.service.requests).toHaveLength(3);
  });

  it.each<[string, Reply]>([
    ['a connection that breaks', { broken: 'socket' }],
    ['an answer that ends halfway', { broken: 'midway' }],
    ['a fault of the service', { status: 503, message: 'later' }],
  ])('comes after %s', async (_, reply) => {
    const { engine } = await startWorld({
      ...missing,
      instead: (asking, nth) => (asking === 'extract' && nth === 1 ? reply : undefined),
    });
    expect((await engine.assess(input, assignment())).requirements).toHaveLength(3);
  });

  it('that is late is not waited for', async () => {
    const { engine } = await startWorld({ instead: () => ({ content: '{}', delayMs: 5_000 }) });
    await expect(engine.assess(input, assignment(AbortSignal.timeout(100)))).rejects.toThrow();
  });

  it('that nobody gives is told as that', async () => {
    const { engine, service } = await startWorld(missing);
    await service.stop();
    await expect(engine.assess(input, assignment())).rejects.toThrow(/cannot be reached/);
  });
});

describe('createEngine', () => {
  const azure = { AZURE_OPENAI_ENDPOINT: 'https://a.openai.azure.com/', AZURE_OPENAI_API_KEY: 'k' };

  it.each<[Record<string, string>, string, string | null]>([
    [{}, 'lexical', null],
    [{ ...azure, AZURE_DEPLOYMENT_NAME: 'd' }, 'azure-openai', 'd'],
    [{ AZURE_OPENAI_ENDPOINT: 'https://a.openai.azure.com/' }, 'azure-openai', 'gpt-4o'],
    [
      { GATEHOUSE_OPENAI_BASE_URL: 'http://localhost:8000/v1', AZURE_DEPLOYMENT_NAME: 'llama' },
      'openai-compatible',
      'llama',
    ],
  ])('%j: %s', async (env, name, model) => {
    const engine = await createEngine(auditSettings(env), createModelAccess());
    expect([engine.name, engine.model]).toEqual([name, model]);
    expect(engine.note).not.toBe('');
  });

  it.each<[string, Record<string, string>]>([
    ['effort', { GATEHOUSE_MODEL_EFFORT: 'high' }],
    ['model behind a deployment', { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-5-mini"}}' }],
    ['size of a prompt', { GATEHOUSE_AUDIT_PROMPT_TOKENS: '9000' }],
    ['endpoint', { AZURE_OPENAI_ENDPOINT: 'https://b.openai.azure.com/' }],
  ])('takes no answer for its own that another %s gave', async (_, env) => {
    const set = { ...azure, AZURE_DEPLOYMENT_NAME: 'd', GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-5"}}' };
    const printOf = async (given: Record<string, string>) =>
      (await createEngine(auditSettings(given), createModelAccess([], { env: given }))).fingerprint;
    expect(await printOf({ ...set, ...env })).not.toBe(await printOf(set));
    expect(await printOf(set)).toBe(await printOf(set));
  });

  it.each([
    'https://a.openai.azure.com',
    'https://a.openai.azure.com/',
    'https://a.openai.azure.com/openai',
    'https://a.openai.azure.com/openai/v1/',
  ])('reads the endpoint %s', (endpoint) => {
    expect(azureBaseUrl(endpoint)).toBe('https://a.openai.azure.com/openai/v1');
  });

  it.each([
    ['gpt-4o', {}, 107_000, 109_000],
    ['gpt-5', {}, 263_000, 264_000],
    ['gpt-5.6-sol', {}, 263_000, 264_000],
    ['gpt-4.1', {}, 263_000, 264_000],
    ['llama', {}, 107_000, 109_000],
    ['ours', { ours: { model: 'gpt-5.6-sol', type: 'provisioned' as const } }, 107_000, 109_000],
  ])(
    'keeps prompts of %s %j within its window and below the price cliff',
    (name, deployments, least, most) => {
      const tokens = promptBudget(modelLimits(name, deployments), 16_384);
      expect(tokens).toBeGreaterThan(least);
      expect(tokens).toBeLessThan(most);
    },
  );
});
