import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelService, startModelService } from '../../local/modelService/modelService.ts';
import type { Reply } from '../../local/modelService/reply.ts';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { type App, startApp } from '../support/app.ts';
import { tree } from '../support/archive.ts';
import { root } from '../support/process.ts';
import { askingOf, promptOf, scriptedModel } from '../support/scriptedModel.ts';

const sample = (path: string) => readFileSync(`${root}local/sample/bookings/${path}`, 'utf8');
const files = {
  'docs/hld.md': sample('docs/hld.md'),
  'src/server.ts': sample('src/server.ts'),
  'src/slots.ts': sample('src/slots.ts'),
};
const gzip = { 'content-type': 'application/gzip' };

describe('POST /api/audit with the lexical engine', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app?.stop());

  it('answers, and the second time from the cache with nothing billed', async () => {
    const bytes = await tree(files);
    const [first, second] = [
      await app.post('/api/audit?hld=docs/hld.md', bytes, gzip),
      await app.post('/api/audit?hld=docs/hld.md', bytes, gzip),
    ];
    const [a, b] = [(await first.json()) as AuditResult, (await second.json()) as AuditResult];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect([
      a.token_report.local_cache_hit,
      b.token_report.local_cache_hit,
      b.token_report.total_tokens_billed,
    ]).toEqual([false, true, 0]);
    expect(a.engine.name).toBe('lexical');
    expect(b.requirements).toEqual(a.requirements);
    expect(a.requirements.find((r) => r.requirement.includes('GET /slots'))).toMatchObject({
      verdict: 'implemented',
      evidence: expect.arrayContaining([expect.objectContaining({ file: 'src/server.ts' })]),
    });
  });

  it('takes the same tree as JSON and answers in Markdown', async () => {
    const { 'docs/hld.md': hld, ...source } = files;
    const response = await app.post('/api/audit', JSON.stringify({ files: source, hld }), {
      'content-type': 'application/json',
      accept: 'text/markdown',
    });
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await response.text()).toContain('# Token Usage & Optimization Report');
  });

  it('streams an archive sent in chunks', async () => {
    const bytes = new Uint8Array(await tree(files));
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 500) controller.enqueue(bytes.slice(at, at + 500));
        controller.close();
      },
    });
    const response = await fetch(`${app.base}/api/audit?hld=docs/hld.md`, {
      method: 'POST',
      body: pieces,
      headers: gzip,
      duplex: 'half',
    });
    expect(response.status).toBe(200);
  });

  it.each([
    ['no archive', 'x', gzip, '?hld=a.md', 422, 'unreadable-archive'],
    ['broken JSON', '{', { 'content-type': 'application/json' }, '', 400, 'invalid-json'],
    [
      'a form',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      '',
      415,
      'unsupported-media-type',
    ],
  ])('refuses %s with a problem document', async (_, body, headers, query, status, code) => {
    const response = await app.post(`/api/audit${query}`, body, headers);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { code, detail: expect.any(String), correlationId: response.headers.get('x-correlation-id') },
    ]);
  });

  it('refuses a bomb while it is still arriving', async () => {
    const bomb = await tree({ 'a.ts': 'x', 'zero.bin': new Uint8Array(64 * 2 ** 20) });
    const response = await app.post('/api/audit?hld=a.md', bomb, gzip);
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'unsafe-archive' }]);
  });

  it.each([
    ['a type it does not take', 'text/plain', '', 415],
    ['no design named', 'application/gzip', '', 400],
    ['something else than it says', 'application/gzip', '?hld=a.md', 422],
  ])(
    'refuses a large upload with %s at once, and answers the next on that connection',
    async (_, type, query, status) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const send = (path: string, body: Buffer) =>
        new Promise<number | undefined>((resolve, reject) => {
          const outgoing = request(
            `${app.base}${path}`,
            { agent, method: 'POST', headers: { 'content-type': type } },
            (response) => response.resume().once('end', () => resolve(response.statusCode)),
          );
          outgoing.once('error', reject).end(body);
        });
      const started = performance.now();
      expect(await send(`/api/audit${query}`, Buffer.alloc(30_000_000, 7))).toBe(status);
      expect(await send('/api/audit', Buffer.from('x'))).toBeGreaterThanOrEqual(400);
      expect(performance.now() - started).toBeLessThan(4_000);
      agent.destroy();
    },
  );

  it('is alive and ready', async () => {
    expect(await (await fetch(`${app.base}/api/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${app.base}/api/readyz`)).json()).toMatchObject({
      status: 'ready',
      settings: [],
    });
  });
});

describe('POST /api/audit with a model', () => {
  const sundays = 'There are no slots on Sundays.';
  const script = scriptedModel({
    quotes: () => [sundays],
    opinion: () => ({
      verdict: 'implemented',
      evidence: [{ file: 'src/slots.ts', quote: 'if (day.getDay() === 0) return [];' }],
    }),
  });
  let service: ModelService;
  let app: App;
  beforeAll(async () => {
    service = await startModelService({
      deployments: { 'gpt-4': { model: 'gpt-4o' } },
      answer: async (request, attempt) =>
        ({ ...(await script(request, attempt)), cachedTokens: 64 }) as Reply,
    });
    app = await startApp({
      AZURE_OPENAI_ENDPOINT: service.baseUrl,
      AZURE_OPENAI_API_KEY: 'k',
      AZURE_DEPLOYMENT_NAME: 'gpt-4',
      GATEHOUSE_AUDIT_DIRECT_S: '200',
    });
  });
  afterAll(async () => {
    await app?.stop();
    await service?.stop();
  });

  it('asks once, verifies the evidence, bills once', async () => {
    const ask = async () =>
      (await (
        await app.post('/api/audit?hld=docs/hld.md&question=Sundays%3F', await tree(files), gzip)
      ).json()) as AuditResult;
    const [first, second] = [await ask(), await ask()];
    const asked = service.requests.flatMap(({ request }) => {
      const prompt = request && promptOf(request);
      return prompt ? [askingOf(prompt)] : [];
    });
    expect(asked).toEqual(['extract', 'assess', 'question']);
    expect(first.requirements.filter(({ requirement }) => requirement === sundays)).toMatchObject([
      {
        verdict: 'implemented',
        verified: true,
        design_line: 34,
        evidence: [{ file: 'src/slots.ts', line: 8 }],
      },
    ]);
    expect(first.summary).toContain('Forty-two.');
    expect(first.token_report).toMatchObject({
      encoding: 'cl100k_base',
      model_called: true,
      azure_cached_tokens: 3 * 64,
    });
    expect(first.token_report.total_tokens_billed).toBeGreaterThan(0);
    expect(second.token_report).toEqual({
      ...first.token_report,
      local_cache_hit: true,
      total_tokens_billed: 0,
      cost: expect.objectContaining({ billed_usd: 0 }),
    });
  });
});
