import { afterEach, describe, expect, it } from 'vitest';
import { type ModelService, startModelService } from '../../../local/modelService/modelService.ts';
import type { Reply } from '../../../local/modelService/reply.ts';
import { azureBaseUrl, createEngine } from '../../../shared/audit/engines/createEngine.ts';
import { OpenAiEngine } from '../../../shared/audit/engines/openAi/openAiEngine.ts';
import { buildUserPrompt, systemPrompt } from '../../../shared/audit/prompt.ts';
import { assignment, auditSettings, createModelAccess, input } from '../../support/audit.ts';

const good = JSON.stringify({
  summary: 'Two of three.',
  requirements: [
    {
      requirement: 'The shop must hash every password with `scrypt`.',
      verdict: 'implemented',
      reason: 'It does.',
      evidence: [{ file: 'src/users.ts', quote: 'return scrypt(password);' }],
    },
    {
      requirement: 'Orders need approval',
      verdict: 'implemented',
      reason: 'Claimed.',
      evidence: [{ file: 'src/orders.ts', quote: 'requireApproval(order)' }],
    },
    { requirement: 'The exporter', verdict: 'missing', reason: 'Nothing.', evidence: [] },
  ],
});

let service: ModelService;
afterEach(() => service?.stop());

async function engineWith(script: (attempt: number) => Reply, { checks = true, model = 'gpt-4o' } = {}) {
  service = await startModelService({
    apiKey: 'key-1',
    deployments: { 'audit-1': { model } },
    checks,
    answer: (_, attempt) => script(attempt),
  });
  return new OpenAiEngine({
    name: 'azure-openai',
    baseUrl: service.baseUrl,
    apiKey: 'key-1',
    model: 'audit-1',
    ...createModelAccess(),
  });
}

describe('OpenAiEngine', () => {
  it('asks in the agreed order, without temperature, for strict JSON', async () => {
    const engine = await engineWith(() => ({ content: good }));
    await engine.assess({ ...input, question: 'Which hash?' }, assignment());
    const [asked] = service.requests;
    expect(asked).toMatchObject({
      path: '/openai/v1/chat/completions',
      headers: { authorization: 'Bearer key-1' },
      body: {
        model: 'audit-1',
        messages: [
          { role: 'system', content: systemPrompt },
          { role: 'user', content: buildUserPrompt({ ...input, question: 'Which hash?' }) },
        ],
        response_format: { type: 'json_schema', json_schema: { strict: true } },
      },
      status: 200,
    });
    expect(asked?.body).not.toHaveProperty('temperature');
  });

  it('keeps the verdicts whose quotes are in the source, and the usage', async () => {
    const engine = await engineWith(() => ({ content: good, cachedTokens: 128 }));
    const { requirements, usage, summary } = await engine.assess(input, assignment());
    expect(summary).toBe('Two of three.');
    expect(requirements).toMatchObject([
      {
        id: 'R1',
        verdict: 'implemented',
        design_line: 3,
        evidence: [{ file: 'src/users.ts', line: 3, quote: 'return scrypt(password);' }],
      },
      {
        id: 'R2',
        verdict: 'not_assessable',
        design_line: null,
        evidence: [],
        reason: expect.stringContaining('none of the quoted evidence'),
      },
      { id: 'R3', verdict: 'missing' },
    ]);
    expect(usage).toMatchObject({ cached_input_tokens: 128, input_tokens: expect.any(Number) });
    expect(usage?.total_tokens).toBe((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0));
  });

  it('falls back to plain JSON where the server knows no schemas', async () => {
    const engine = await engineWith(
      (attempt) =>
        attempt === 1
          ? { status: 400, message: "'response_format' of type 'json_schema' is not supported" }
          : { content: good },
      { checks: false },
    );
    expect((await engine.assess(input, assignment())).requirements).toHaveLength(3);
    expect(service.requests[1]?.body?.response_format).toEqual({ type: 'json_object' });
  });

  it('counts nothing where the server tells no usage', async () => {
    const engine = await engineWith(() => ({ content: good, usage: null }));
    expect((await engine.assess(input, assignment())).usage).toEqual({
      input_tokens: 0,
      output_tokens: 0,
      cached_input_tokens: 0,
      written_input_tokens: 0,
      total_tokens: 0,
    });
  });

  it.each<[string, Reply, string, RegExp]>([
    ['a refusal', { refusal: 'No.' }, 'engine-failed', /refused/],
    ['the content filter', { content: '{', finish: 'content_filter' }, 'engine-failed', /content filter/],
    ['an answer cut off', { content: '{', finish: 'length' }, 'engine-failed', /cut off/],
    ['an empty answer', { content: null }, 'engine-failed', /empty/],
    ['no JSON', { content: 'Looks fine!' }, 'engine-failed', /other than the JSON/],
    [
      'another JSON',
      { content: '{"requirements":[{}],"summary":""}' },
      'engine-failed',
      /other than the JSON/,
    ],
    ['no requirement', { content: '{"requirements":[],"summary":"ok"}' }, 'engine-failed', /no requirement/],
    ['a wrong key', { status: 401, message: 'no' }, 'engine-failed', /401.*key/],
    ['a wrong deployment', { status: 404, message: 'no' }, 'engine-failed', /404.*AZURE_DEPLOYMENT_NAME/],
    ['another 400', { status: 400, message: 'context_length_exceeded' }, 'engine-failed', /answered 400\.$/],
  ])('never takes %s for a verdict', async (_, reply, code, message) => {
    const engine = await engineWith(() => reply);
    await expect(engine.assess(input, assignment())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('tries again as told when the deployment is busy, and says how long to wait when it stays so', async () => {
    const recovering = await engineWith((attempt) =>
      attempt === 1 ? { retryAfterMs: 0 } : { content: good },
    );
    expect((await recovering.assess(input, assignment())).requirements).toHaveLength(3);
    await service.stop();
    const busy = await engineWith(() => ({ retryAfterMs: 0 }));
    await expect(busy.assess(input, assignment())).rejects.toMatchObject({ status: 502, retryAfter: 0 });
    expect(service.requests).toHaveLength(3);
  });

  it('stops at its deadline', async () => {
    const engine = await engineWith(() => ({ content: good, delayMs: 5_000 }));
    await expect(engine.assess(input, assignment(AbortSignal.timeout(100)))).rejects.toMatchObject({
      code: 'engine-timeout',
      status: 504,
    });
  });

  it('says so when nobody answers', async () => {
    const engine = await engineWith(() => ({ content: good }));
    await service.stop();
    await expect(engine.assess(input, assignment())).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringContaining('cannot be reached'),
    });
  });
});

describe('createEngine', () => {
  it.each([
    [{}, 'lexical', null],
    [
      {
        AZURE_OPENAI_ENDPOINT: 'https://a.openai.azure.com/',
        AZURE_OPENAI_API_KEY: 'k',
        AZURE_DEPLOYMENT_NAME: 'd',
      },
      'azure-openai',
      'd',
    ],
    [{ AZURE_OPENAI_ENDPOINT: 'https://a.openai.azure.com/' }, 'azure-openai', 'gpt-4o'],
    [
      { GATEHOUSE_OPENAI_BASE_URL: 'http://localhost:8000/v1', AZURE_DEPLOYMENT_NAME: 'llama' },
      'openai-compatible',
      'llama',
    ],
  ])('%j: %s', async (env, name, model) => {
    const engine = await createEngine(
      auditSettings(env as unknown as Record<string, string>),
      createModelAccess(),
    );
    expect([engine.name, engine.model]).toEqual([name, model]);
    expect(engine.note).not.toBe('');
  });

  it.each([
    'https://a.openai.azure.com',
    'https://a.openai.azure.com/',
    'https://a.openai.azure.com/openai',
    'https://a.openai.azure.com/openai/v1/',
  ])('reads the endpoint %s', (endpoint) => {
    expect(azureBaseUrl(endpoint)).toBe('https://a.openai.azure.com/openai/v1');
  });
});
