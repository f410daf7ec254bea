import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ModelService, startModelService } from '../../../local/modelService/modelService.ts';
import type { Reply } from '../../../local/modelService/reply.ts';
import { quoteShape } from '../../../shared/audit/engines/model/answers.ts';
import { OpenAiClient } from '../../../shared/audit/engines/openAi/openAiClient.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { usageStatistics } from '../../../shared/usage/ledger/statistics.ts';
import { createModelAccess } from '../../support/audit.ts';
import { memoryLog } from '../../support/http.ts';

const good = JSON.stringify({ requirements: [{ quote: 'It hashes.' }] });
const policies: PolicyInput[] = (
  [
    ['requests', 100],
    ['tokens', 100_000],
    ['microdollars', 1_000_000],
  ] as const
).map(([unit, quota]) => ({
  name: unit,
  operations: ['model-call'],
  scope: 'deployment',
  unit,
  limits: [{ quota, window: 'month' }],
  localShare: 0,
}));

let service: ModelService;
afterEach(() => service?.stop());

type Script = (attempt: number) => Reply | Promise<Reply>;

/** The genuine client against a service that counts tokens as OpenAI's does. */
async function setup(script: Script, options: Parameters<typeof createModelAccess>[1] = {}) {
  service = await startModelService({
    apiKey: 'k',
    deployments: { d: { model: 'gpt-4o' } },
    answer: (_, attempt) => script(attempt),
  });
  const instance = (name: string, stores?: ReturnType<typeof createModelAccess>['stores']) => {
    const env = { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-4o"}}' };
    const access = createModelAccess(policies, {
      env,
      instance: name,
      ...(stores && { stores }),
      ...options,
    });
    const client = new OpenAiClient({
      baseUrl: service.baseUrl,
      apiKey: 'k',
      model: 'd',
      modelName: 'gpt-4o',
      api: 'chat',
    });
    const question = {
      system: 'You audit source code.',
      blocks: [{ text: 'const a = 1;\n'.repeat(200) }],
      cacheKey: 'k',
      shape: quoteShape,
      maxOutputTokens: 4_096,
    };
    const call = {
      provider: 'openai',
      deployment: 'd',
      caller: 'tester',
      inputTokens: 1_000,
      maxOutputTokens: 4_096,
    };
    const ask = (signal = AbortSignal.timeout(10_000)) =>
      access.calls.run(call, () => client.ask(question, signal), signal, memoryLog().log);
    const left = async (policy: string) => (await access.admin.status(policy, 'd')).tokens_remaining;
    const figures = async () => (await usageStatistics(access.stores.tables, new Date(), 2, [])).totals;
    return {
      ...access,
      left,
      figures,
      ask,
    };
  };
  return { ...instance('one'), instance };
}

describe('a model call over the wire', () => {
  it('is settled to the token and the micro-dollar that the service billed', async () => {
    const { ask, left, figures } = await setup(() => ({ content: good, cachedTokens: 128 }));
    const { tokens } = await ask();
    const used = tokens.input + tokens.output;
    const cost = Math.round((tokens.input - 128) * 2.5 + 128 * 1.25 + tokens.output * 10);
    expect(tokens).toMatchObject({ cached: 128, written: 0 });
    expect(tokens.input).toBeGreaterThan(128);
    expect(await left('tokens')).toBe(100_000 - used);
    expect(await left('microdollars')).toBe(1_000_000 - cost);
    expect(await figures()).toMatchObject({
      calls: 1,
      failures: 0,
      cost_micro_usd: cost,
      input_tokens: tokens.input,
      cached_tokens: 128,
      output_tokens: tokens.output,
    });
  });

  it.each<[string, Reply]>([
    ['a refusal', { refusal: 'No.' }],
    ['an answer the content filter stopped', { content: '{"summ', finish: 'content_filter' }],
    ['an answer cut off', { content: '{"summ', finish: 'length' }],
    ['an answer that is not the JSON asked for', { content: 'Looks fine!' }],
  ])('that ends in %s was paid for, is a failure, and is not made again', async (_, reply) => {
    const { ask, left, figures } = await setup(() => reply);
    await expect(ask()).rejects.toMatchObject({ code: 'engine-failed' });
    expect(service.requests).toHaveLength(1);
    const told = await figures();
    expect(told).toMatchObject({ calls: 1, failures: 1, unpriced_calls: 0 });
    expect(told.input_tokens).toBeGreaterThan(100);
    expect(told.output_tokens).toBeGreaterThan(0);
    expect(told.cost_micro_usd).toBe(Math.round(told.input_tokens * 2.5 + told.output_tokens * 10));
    expect(await left('tokens')).toBe(100_000 - told.input_tokens - told.output_tokens);
    expect(await left('microdollars')).toBe(1_000_000 - told.cost_micro_usd);
  });

  it.each<[string, Reply, number]>([
    ['a prompt the content filter refused', { promptFiltered: true }, 1],
    ['a wrong key', { status: 401, message: 'no' }, 1],
    ['a server that breaks', { status: 500, message: 'no' }, 3],
  ])('that ends in %s cost nothing, in %j tries', async (_, reply, tries) => {
    const { ask, left, figures } = await setup(() => reply);
    await expect(ask()).rejects.toMatchObject({ code: 'engine-failed' });
    expect(service.requests).toHaveLength(tries);
    expect(await figures()).toMatchObject({ calls: tries, failures: tries, cost: 0, input_tokens: 0 });
    expect([await left('tokens'), await left('microdollars'), await left('requests')]).toEqual([
      100_000,
      1_000_000,
      100 - tries,
    ]);
  });

  it('whose connection breaks may have been paid for, and is not free', async () => {
    const { ask, left, figures } = await setup(() => ({ broken: 'midway' }), { attempts: 1 });
    await expect(ask()).rejects.toMatchObject({ code: 'engine-failed' });
    expect(await left('tokens')).toBe(100_000 - 1_000 - 4_096);
    expect(await left('microdollars')).toBe(1_000_000 - 2_500 - 40_960);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1, unpriced_calls: 1, cost: 0 });
  });

  it('whose answer comes without usage is not free', async () => {
    const { ask, left, figures } = await setup(() => ({ content: good, usage: null }));
    await ask();
    expect(await left('tokens')).toBe(100_000 - 1_000 - 4_096);
    expect(await left('microdollars')).toBe(1_000_000 - 2_500 - 40_960);
    expect(await figures()).toMatchObject({ calls: 1, unpriced_calls: 1, cost: 0 });
  });

  it.each(['seconds', 'date', 'milliseconds'] as const)(
    'that meets a 429 told in %s keeps every instance from the deployment',
    async (as) => {
      const { ask, stores, instance } = await setup(() => ({ retryAfterMs: 30_000, as }), { attempts: 1 });
      await expect(ask()).rejects.toMatchObject({ code: 'engine-failed', message: /429/ });
      const other = instance('two', stores);
      for (const again of [ask, other.ask]) {
        const refusal = await again().catch((error: unknown) => error);
        expect(refusal).toMatchObject({
          code: 'quota-exceeded',
          status: 429,
          retryAfter: expect.any(Number),
        });
        expect((refusal as { retryAfter: number }).retryAfter).toBeOneOf([28, 29, 30, 31]);
      }
      expect(service.requests).toHaveLength(1);
      expect(await other.left('tokens')).toBe(100_000);
    },
  );

  it('that meets a 429 comes again when it was told to, no sooner', async () => {
    const asked: number[] = [];
    const { ask, figures } = await setup((attempt) => {
      asked.push(performance.now());
      return attempt === 1 ? { retryAfterMs: 150, as: 'milliseconds' } : { content: good };
    });
    await ask();
    expect(asked).toHaveLength(2);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(149);
    expect(await figures()).toMatchObject({ calls: 2, failures: 1 });
  });

  it('stops waiting when its time is up, without another try', async () => {
    const { ask, figures } = await setup(() => ({ retryAfterMs: 20_000 }));
    const began = performance.now();
    await expect(ask(AbortSignal.timeout(150))).rejects.toMatchObject({
      code: 'engine-failed',
      message: /429/,
    });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(service.requests).toHaveLength(1);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1 });
  });

  it('that the service does not answer in time is a failure', async () => {
    const { ask, figures } = await setup(() => ({ content: good, delayMs: 5_000 }));
    await expect(ask(AbortSignal.timeout(150))).rejects.toMatchObject({
      code: 'engine-timeout',
      status: 504,
    });
    expect(service.requests).toHaveLength(1);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1 });
  });

  it('is one of so many at a time', async () => {
    let [inside, highest] = [0, 0];
    const script = async () => {
      highest = Math.max(highest, ++inside);
      await sleep(30);
      inside--;
      return { content: good };
    };
    const { ask, figures } = await setup(script, { concurrency: 3 });
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(highest).toBe(3);
    expect((await figures()).calls).toBe(10);
  });
});
