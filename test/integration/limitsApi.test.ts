import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelService, startModelService } from '../../local/modelService/modelService.ts';
import { type App, eventually, startApp } from '../support/app.ts';
import { input } from '../support/audit.ts';
import { sampleMessage } from '../support/voice.ts';

const spoken = 'We are all on the line. Please ring again.';
const forTests = [
  { name: 'audit-caller', limits: [{ quota: 3, window: '1h' }] },
  { name: 'calls-number', limits: [{ quota: 2, window: '1h' }], localShare: 0.5 },
  { name: 'failed-credentials', limits: [{ quota: 2, window: '1h' }], localShare: 0 },
  {
    name: 'money-caller',
    operations: ['model-call'],
    scope: 'caller',
    unit: 'microdollars',
    limits: [{ quota: 75_000, window: 'day' }],
    warnAt: [0.1],
  },
];

let service: ModelService;
let app: App;
beforeAll(async () => {
  service = await startModelService({ apiKey: 'k' });
  app = await startApp({
    GATEHOUSE_LIMITS: JSON.stringify(forTests),
    GATEHOUSE_OVER_LIMIT_MESSAGE: spoken,
    GATEHOUSE_OPENAI_BASE_URL: service.baseUrl,
    GATEHOUSE_OPENAI_API_KEY: 'k',
    AZURE_DEPLOYMENT_NAME: 'gpt-4o',
    GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS: '2048',
  });
  // The first to ask waits for the connection to storage, longer than for a lease.
  await get('/api/limits/audit-caller/nobody');
});
afterAll(async () => {
  await app.stop();
  await service.stop();
});

const files = Object.fromEntries(input.files.map(({ path, text }) => [path, text]));
const audit = (question: string, key = 'pipeline-a', padding = '') =>
  app.post(
    '/api/audit',
    JSON.stringify({ files: { ...files, 'pad.ts': padding }, hld: input.designs[0]?.text, question }),
    {
      'content-type': 'application/json',
      'x-functions-key': key,
    },
  );
const get = (path: string, key = 'pipeline-a', method = 'GET') =>
  fetch(`${app.base}${path}`, { method, headers: { 'x-functions-key': key } });
type Json = Record<string, unknown>;

describe('an audit', () => {
  it('says how the limits stand, is refused beyond them, and passes again once they are reset', async () => {
    const first = await audit('one?');
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe(
      '"audit-caller";q=3;w=3600, "audit-global";q=300;w=60',
    );
    expect(first.headers.get('ratelimit')).toMatch(/^"audit-caller";r=2;t=\d+, "audit-global";r=\d+;t=\d+$/);
    await audit('two?');
    await audit('three?');
    const refused = await audit('four?');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      code: 'quota-exceeded',
      retryable: true,
      'violated-policies': ['audit-caller'],
    });
    const [retryAfter, reset] = [
      Number(refused.headers.get('retry-after')),
      Number(/t=(\d+)/.exec(refused.headers.get('ratelimit') ?? '')?.[1]),
    ];
    expect(retryAfter).toBeGreaterThan(1_000);
    expect(retryAfter).toBeLessThanOrEqual(1_200);
    expect(reset).toBeGreaterThanOrEqual(retryAfter);
    expect((await audit('four?', 'pipeline-b')).status).toBe(200);

    const status = (await (await get('/api/limits/audit-caller/me')).json()) as Json;
    expect(status).toMatchObject({
      policy: 'audit-caller',
      tokens_remaining: 0,
      total_limit: 3,
      reset_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect((await get('/api/limits/audit-caller/me', 'pipeline-a', 'DELETE')).status).toBe(204);
    expect((await (await get('/api/limits/audit-caller/me')).json()) as Json).toMatchObject({
      tokens_remaining: 3,
      reset_time: null,
    });
    expect((await audit('five?')).status).toBe(200);
    expect(app.output()).toMatch(/limit-reset .*policy=audit-caller by=key-[\da-f]{16}/);
    expect(app.output()).not.toContain('pipeline-a');
  });

  it('is refused for good where its budget is spent, and the service is not asked', async () => {
    const padding = (n: number) => `const word${n} = word + word;\n`.repeat(1_000);
    const codes: number[] = [];
    let last: Response | undefined;
    while (codes.length < 3 && codes.at(-1) !== 403) {
      last = await audit('why?', 'pipeline-rich', padding(codes.length));
      codes.push(last.status);
    }
    expect(new Set(codes)).toEqual(new Set([200, 403]));
    const asked = service.requests.length;
    last = await audit('why?', 'pipeline-rich', padding(9));
    expect([last.status, service.requests.length]).toEqual([403, asked]);
    expect(last?.headers.get('retry-after')).toBeNull();
    expect(await last?.json()).toMatchObject({
      code: 'budget-spent',
      retryable: false,
      'violated-policies': ['money-caller'],
      resetsAt: expect.stringMatching(/T00:00:00\.000Z$/),
    });
    expect(app.output()).toMatch(/budget-warning .*policy=money-caller threshold=0\.1/);
  });

  it('is in the usage, to the micro-dollar', async () => {
    const usage = (await (await get('/api/usage?days=1&by=caller,model')).json()) as {
      total_calls: number;
      total_cost: number;
      totals: { cost_micro_usd: number; input_tokens: number };
      groups: Json[];
    };
    expect(usage.total_calls).toBe(service.requests.length);
    expect(usage.totals.cost_micro_usd).toBe(Math.round(usage.total_cost * 1e6));
    expect(usage.totals.cost_micro_usd).toBeGreaterThan(0);
    expect(usage.groups.map(({ model }) => model)).toEqual(['gpt-4o', 'gpt-4o', 'gpt-4o']);
    const csv = await (await get('/api/usage?days=1&by=model&format=csv')).text();
    expect(csv.split('\r\n')[0]).toMatch(/^model,calls,cost,cost_micro_usd,/);
    expect(csv).toContain(`gpt-4o,${usage.total_calls},`);
  });
});

describe('limits over HTTP', () => {
  it.each([
    ['/api/limits/nothing/x', 404, 'not-found'],
    ['/api/usage?days=0', 400, 'invalid-request'],
    ['/api/usage?by=colour', 400, 'invalid-request'],
  ])('%s is %d', async (path, status, code) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('an identifier may hold any character', async () => {
    const path = `/api/limits/calls-number/${encodeURIComponent('+61 2/5550%')}`;
    expect((await (await get(path)).json()) as Json).toMatchObject({ total_limit: 2, tokens_remaining: 2 });
  });
});

describe('a call', () => {
  it('over the limit gets words, never an HTTP error, and no caller waits for the limit', async () => {
    const answers: Json[] = [];
    for (let i = 0; i < 4; i++)
      answers.push((await (await app.deliver(sampleMessage('assistant-request'))).json()) as Json);
    expect(answers[0]).toHaveProperty('assistant');
    expect(answers.at(-1)).toEqual({ error: spoken });
    expect(answers.filter((answer) => 'assistant' in answer).length).toBeLessThanOrEqual(3);
  });

  it('that is over leaves its minutes and money once, however often its report comes', async () => {
    const report = sampleMessage('end-of-call-report');
    await app.deliver(report);
    await app.deliver(report);
    const day = String(report.endedAt).slice(0, 10);
    const acme = await eventually(async () => {
      const usage = await get('/api/usage?days=30&by=tenant,day');
      const { groups } = (await usage.json()) as { groups: Json[] };
      return groups.find((group) => group.tenant === 'acme' && group.day === day);
    }, 'the usage of the call');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(acme).toMatchObject({ voice_calls: 1, vapi_cost: report.cost });
  });
});

describe('wrong credentials', () => {
  it('are refused faster once an address has tried too often; the right one is let in all the same', async () => {
    const from = { 'x-forwarded-for': '10.0.0.1, 203.0.113.7:4711' };
    const codes: number[] = [];
    for (let i = 0; i < 4; i++)
      codes.push((await app.deliver({ type: 'hang' }, { 'x-vapi-secret': 'guess', ...from })).status);
    expect(codes).toEqual([401, 401, 429, 429]);
    expect((await app.deliver({ type: 'hang' }, { 'x-vapi-secret': 'open-sesame', ...from })).status).toBe(
      200,
    );
    const other = { 'x-forwarded-for': '203.0.113.7, 203.0.113.8' };
    expect((await app.deliver({ type: 'hang' }, { 'x-vapi-secret': 'guess', ...other })).status).toBe(401);
  });
});
