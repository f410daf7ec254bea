import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { ModelServiceOptions } from '../../../local/modelService/modelService.ts';
import type { Reply } from '../../../local/modelService/reply.ts';
import { errorOf, hello, startClients } from './clients.ts';

const script = (...replies: Reply[]): ModelServiceOptions => ({
  answer: (_, attempt) => replies[Math.min(attempt, replies.length) - 1] ?? { content: '' },
});
const ask = (client: OpenAI, options: { signal?: AbortSignal; timeout?: number } = {}) =>
  client.chat.completions.create({ model: 'gpt-4o', messages: hello }, options);

describe('a busy service', () => {
  it.each<[string, Reply, Record<string, string>]>([
    ['seconds', { retryAfterMs: 1_500 }, { 'retry-after': '2', 'retry-after-ms': '1500' }],
    ['milliseconds', { retryAfterMs: 1_500, as: 'milliseconds' }, { 'retry-after-ms': '1500' }],
    ['a date', { retryAfterMs: 1_500, as: 'date' }, { 'retry-after': 'Sat, 21 Nov 2026 00:00:02 GMT' }],
  ])('says in %s when to come back', async (_, reply, headers) => {
    const now = Date.UTC(2026, 10, 21);
    const { azure } = await startClients({ ...script(reply), now: () => now });
    const error = await errorOf(ask(azure));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    const said = ['retry-after', 'retry-after-ms'].flatMap((name) => {
      const value = error.headers?.get(name);
      return value ? [[name, value]] : [];
    });
    expect(Object.fromEntries(said)).toEqual(headers);
  });

  it.each<[string, Reply, number, number]>([
    ['seconds', { retryAfterMs: 1_000 }, 990, 1_900],
    ['milliseconds', { retryAfterMs: 120, as: 'milliseconds' }, 115, 900],
    ['a date', { retryAfterMs: 900, as: 'date' }, 890, 2_900],
  ])('is asked again by the client after that time, told in %s', async (_, reply, least, most) => {
    const { v1, service } = await startClients(script(reply, { content: 'Yes' }), 1);
    const started = performance.now();
    expect((await ask(v1)).choices[0]?.message.content).toBe('Yes');
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(least);
    expect(took).toBeLessThan(most);
    expect(service.requests.map(({ status }) => status)).toEqual([429, 200]);
  });

  it('says what was used up in the words of each service', async () => {
    const reply: Reply = { retryAfterMs: 3_000, quota: 'tokens' };
    const { openAi, azure } = await startClients(script(reply));
    const [one, two] = [await errorOf(ask(openAi)), await errorOf(ask(azure))];
    expect([one.type, one.code]).toEqual(['tokens', 'rate_limit_exceeded']);
    expect([two.code, two.message]).toEqual([
      '429',
      expect.stringMatching(/token rate limit.*after 3 seconds/),
    ]);
  });
});

describe('limits', () => {
  it('of requests: headers count down, 429 says how long, and the minute heals', async () => {
    let now = 1_000_000;
    const { v1, service } = await startClients({ limits: { requestsPerMinute: 2 }, now: () => now });
    const left: (string | null)[] = [];
    for (const wait of [0, 10_000]) {
      now += wait;
      const { response } = await v1.chat.completions
        .create({ model: 'gpt-4o', messages: hello })
        .withResponse();
      left.push(response.headers.get('x-ratelimit-remaining-requests'));
    }
    expect(left).toEqual(['1', '0']);
    now += 20_000;
    const { status, headers } = await errorOf(ask(v1));
    const names = [
      'retry-after',
      'x-ratelimit-limit-requests',
      'x-ratelimit-remaining-requests',
      'x-ratelimit-reset-requests',
    ];
    expect([status, ...names.map((name) => headers?.get(name))]).toEqual([429, '30', '2', '0', '30']);
    now += 30_000;
    expect((await ask(v1)).object).toBe('chat.completion');
    expect(service.requests.map((entry) => entry.status)).toEqual([200, 200, 429, 200]);
  });

  it('of tokens: prompt and allowed output count, for each deployment on its own', async () => {
    const { azure } = await startClients({
      limits: { tokensPerMinute: 1_000 },
      deployments: {
        a: { model: 'gpt-4o' },
        b: { model: 'gpt-4o' },
        c: { model: 'gpt-4o', limits: { tokensPerMinute: 9_000 } },
      },
    });
    const take = (model: string, max_tokens: number) =>
      azure.chat.completions.create({ model, messages: hello, max_tokens }).withResponse();
    const { response } = await take('a', 600);
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('392');
    const error = await errorOf(take('a', 600));
    expect([error.status, error.headers?.get('retry-after')]).toEqual([429, '60']);
    expect((await take('b', 600)).data.object).toBe('chat.completion');
    expect((await take('c', 6_000)).response.headers.get('x-ratelimit-limit-tokens')).toBe('9000');
  });
});

describe('a failing service', () => {
  it.each([500, 502, 503, 529])('answers %i', async (status) => {
    const { v1, service } = await startClients(
      script({ status, message: 'down', headers: { 'x-mine': '1' } }),
    );
    const error = await errorOf(ask(v1));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect([error.status, error.type, error.headers?.get('x-mine')]).toEqual([status, 'server_error', '1']);
    expect(service.requests).toHaveLength(1);
  });

  it('can say any other error', async () => {
    const { v1 } = await startClients(
      script({ status: 403, message: 'no role', code: 'PermissionDenied', param: 'p' }),
    );
    const error = await errorOf(ask(v1));
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect([error.code, error.param, error.message]).toEqual(['PermissionDenied', 'p', '403 no role']);
  });

  it('filters a prompt', async () => {
    const { azure } = await startClients(script({ promptFiltered: true }));
    const error = await errorOf(ask(azure));
    expect([error.status, error.code, error.param]).toEqual([400, 'content_filter', 'prompt']);
    expect(error.error).toMatchObject({ innererror: { code: 'ResponsibleAIPolicyViolation' } });
  });

  it.each<[string, Reply]>([
    ['breaks the connection before the answer', { broken: 'socket' }],
    ['breaks it halfway', { broken: 'midway' }],
  ])('%s', async (_, reply) => {
    const { v1, service } = await startClients(script(reply));
    await expect(ask(v1)).rejects.toThrow(/connection error|terminated/i);
    expect(service.requests).toMatchObject([{ status: undefined }]);
  });

  it('sends half a JSON text', async () => {
    const { v1, service } = await startClients(script({ broken: 'json' }));
    await expect(ask(v1)).rejects.toThrow(SyntaxError);
    expect(service.requests).toMatchObject([{ status: 200 }]);
  });

  it('is slow, and lets go when the client does', async () => {
    const { v1, service } = await startClients(
      script({ content: 'late', delayMs: 300 }, { content: 'soon', delayMs: 500 }),
    );
    await expect(ask(v1, { signal: AbortSignal.timeout(100) })).rejects.toThrow(OpenAI.APIUserAbortError);
    const started = performance.now();
    expect((await ask(v1)).choices[0]?.message.content).toBe('soon');
    expect(performance.now() - started).toBeGreaterThan(490);
    expect(service.requests.map(({ status }) => status)).toEqual([undefined, 200]);
  });

  it('is slower than the client waits', async () => {
    const { v1, service } = await startClients(script({ content: 'late', delayMs: 60_000 }), 1);
    await expect(ask(v1, { timeout: 100 })).rejects.toThrow(OpenAI.APIConnectionTimeoutError);
    expect(service.requests).toHaveLength(2);
  });
});
