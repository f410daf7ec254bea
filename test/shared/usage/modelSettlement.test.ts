import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usageStatistics } from '../../../shared/usage/ledger/statistics.ts';
import type { ModelReply } from '../../../shared/usage/modelCalls.ts';
import { memoryLog } from '../../support/http.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';
import { call, cost, done, failed, policy, setup, tokens, worstCost } from './modelCallsSetup.ts';

describe('a settlement', () => {
  it('gives back what was not used, and writes down what was', async () => {
    const { run, left, figures, lines } = setup([
      policy('requests', 10),
      policy('tokens', 10_000),
      policy('microdollars', 100_000),
    ]);
    await run(() => done({ model: 'gpt-4o-2024-11-20' }));
    expect(await left('requests')).toBe(9);
    expect(await left('tokens')).toBe(10_000 - 950);
    expect(await left('microdollars')).toBe(100_000 - cost);
    expect(await figures()).toMatchObject({
      calls: 1,
      failures: 0,
      unpriced_calls: 0,
      input_tokens: 900,
      cached_tokens: 100,
      written_tokens: 0,
      output_tokens: 50,
      cost_micro_usd: cost,
    });
    expect(lines).toMatchObject([
      { level: 'info', event: 'model-call', fields: { outcome: 'done', costMicroUsd: cost } },
    ]);
  });

  it('charges what was used beyond the estimate', async () => {
    const { run, left } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    await run(() => done({ tokens: { input: 5_000, cached: 0, written: 0, output: 1_000 } }));
    expect(await left('tokens')).toBe(4_000);
    expect(await left('microdollars')).toBe(100_000 - 5_000 * 2.5 - 1_000 * 10);
  });

  it('keeps usage under the model, caller and tenant', async () => {
    const { run, stores } = setup();
    await run(done);
    await run(done, { caller: undefined, tenant: undefined });
    const { groups } = await usageStatistics(stores.tables, new Date(), 2, ['model', 'caller', 'tenant']);
    expect(groups.map(({ model, caller, tenant }) => `${model} ${caller} ${tenant}`).toSorted()).toEqual([
      'gpt-4o - -',
      'gpt-4o c t',
    ]);
  });

  it('of a failure gives tokens and money back, and counts it', async () => {
    const { run, left, figures } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)], {
      attempts: 1,
    });
    await expect(run(() => failed())).rejects.toThrow('It broke.');
    expect([await left('tokens'), await left('microdollars')]).toEqual([10_000, 100_000]);
    expect(await figures()).toMatchObject({
      calls: 1,
      failures: 1,
      unpriced_calls: 0,
      cost: 0,
      input_tokens: 0,
    });
  });

  it('of a failure that was billed charges it', async () => {
    const { run, left, figures } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    await expect(run(() => failed({ tokens, isRetryable: false }))).rejects.toThrow('It broke.');
    expect([await left('tokens'), await left('microdollars')]).toEqual([10_000 - 950, 100_000 - cost]);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1, cost_micro_usd: cost, output_tokens: 50 });
  });

  it('of an attempt that throws gives everything back, the request too', async () => {
    const { run, left } = setup([
      policy('requests', 10),
      policy('tokens', 10_000),
      policy('microdollars', 100_000),
    ]);
    await expect(
      run(() => {
        throw new Error('a mistake of ours');
      }),
    ).rejects.toThrow('a mistake of ours');
    await expect.poll(() => left('tokens')).toBe(10_000);
    await expect.poll(() => left('requests')).toBe(10);
    expect(await left('microdollars')).toBe(100_000);
  });

  it.each<[string, Partial<ModelReply<string>>]>([
    ['nothing', { tokens: undefined }],
    ['zeros', { tokens: { input: 0, cached: 0, written: 0, output: 0 } }],
  ])('of an answer whose usage is told as %s leaves what was reserved, and no cost of 0', async (_, told) => {
    const { run, left, figures } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    await run(() => done(told));
    expect(await left('tokens')).toBe(10_000 - 1_400);
    expect(await left('microdollars')).toBe(100_000 - worstCost);
    expect(await figures()).toMatchObject({ calls: 1, failures: 0, unpriced_calls: 1, cost: 0 });
  });

  it('of an unusable answer without usage leaves what was reserved as well', async () => {
    const { run, left, figures } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    const zeros = { input: 0, cached: 0, written: 0, output: 0 };
    await expect(run(() => failed({ tokens: zeros, isRetryable: false }))).rejects.toThrow('It broke.');
    expect([await left('tokens'), await left('microdollars')]).toEqual([10_000 - 1_400, 100_000 - worstCost]);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1, unpriced_calls: 1, cost: 0 });
  });

  it('of a failure that may have been billed leaves what was reserved', async () => {
    const { run, left, figures } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    await expect(run(() => failed({ isUnknown: true, isRetryable: false }))).rejects.toThrow('It broke.');
    expect([await left('tokens'), await left('microdollars')]).toEqual([10_000 - 1_400, 100_000 - worstCost]);
    expect(await figures()).toMatchObject({ calls: 1, failures: 1, unpriced_calls: 1, cost: 0 });
  });

  it('takes usage that makes no sense for none, and goes on counting', async () => {
    const { run, figures, events } = setup([policy('tokens', 10_000)]);
    const odd = { input: 900.7, cached: Number.NaN, written: -5, output: '50' as unknown as number };
    await run(() => done({ tokens: odd }));
    await run(() => done({ tokens: { ...tokens, output: Number.POSITIVE_INFINITY } }));
    await run(done);
    expect(events()).not.toContain('usage-not-recorded');
    expect(await figures()).toMatchObject({
      calls: 3,
      input_tokens: 2_700,
      cached_tokens: 200,
      written_tokens: 0,
      output_tokens: 50,
    });
  });

  it('keeps sums whole when a service tells of absurd amounts', async () => {
    const { run, figures, events } = setup();
    for (let i = 0; i < 3; i++)
      await run(() => done({ tokens: { ...tokens, input: Number.MAX_SAFE_INTEGER } }));
    await run(done);
    expect(events()).not.toContain('usage-not-recorded');
    expect(Number.isSafeInteger((await figures()).cost_micro_usd)).toBe(true);
    expect((await figures()).calls).toBe(4);
  });

  it('does not hold an answer back that was paid for, where usage cannot be written down', async () => {
    const { run, stores, lines } = setup();
    const down = () => Promise.reject(new Error('down'));
    stores.tables.write = down;
    stores.queues.send = down;
    expect(await run(done)).toBe('answer');
    expect(lines).toContainEqual({
      level: 'error',
      event: 'usage-not-recorded',
      fields: expect.objectContaining({ model: 'gpt-4o', calls: 1, cost, inputTokens: 900 }),
    });
  });
});

describe('a price that is not known', () => {
  const unknown = { env: { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "home-made"}}' } };

  it('with a budget is a mistake of the settings, and nothing is asked', async () => {
    const { run, figures } = setup([policy('microdollars', 100_000)], unknown);
    await expect(run(() => expect.fail('asked'))).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('"d"'),
    });
    expect((await figures()).calls).toBe(0);
  });

  it('without one is told as unpriced, never as a cost of 0 alone', async () => {
    const telemetry = startMemoryTelemetry();
    try {
      const { run, figures } = setup([policy('tokens', 10_000)], unknown);
      await run(done);
      await expect(run(() => failed({ isRetryable: false }))).rejects.toThrow('It broke.');
      expect(await figures()).toMatchObject({ calls: 2, unpriced_calls: 1, cost: 0, input_tokens: 900 });
      const names = (await telemetry.metrics()).map(({ descriptor }) => descriptor.name);
      expect(names).toContain('gatehouse.llm.unpriced');
      expect(names).not.toContain('gatehouse.llm.cost');
    } finally {
      await telemetry.stop();
    }
  });

  it('becomes known by the model that the service reports', async () => {
    const { run, figures, calls } = setup([], { env: {} });
    expect(await calls.saved(call, tokens, 0, memoryLog().log)).toEqual({ microUsd: undefined });
    await run(() => done({ model: 'gpt-4o-2024-11-20' }));
    expect(await figures()).toMatchObject({ unpriced_calls: 0, cost_micro_usd: cost });
    await run(done);
    expect(await figures()).toMatchObject({ unpriced_calls: 0, cost_micro_usd: 2 * cost });
    expect(await calls.saved(call, tokens, 0, memoryLog().log)).toEqual({ microUsd: cost });
  });

  it('is another thing than tokens that are included', async () => {
    const env = { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-4o", "type": "provisioned"}}' };
    const { run, left, figures } = setup([policy('microdollars', 1)], { env });
    expect(await run(done)).toBe('answer');
    expect(await run(() => done({ tokens: undefined }))).toBe('answer');
    expect(await left('microdollars')).toBe(1);
    expect(await figures()).toMatchObject({ calls: 2, unpriced_calls: 0, cost: 0 });
  });
});

describe('savings', () => {
  it('are written down in tokens and money, beside no call', async () => {
    const { calls, figures, lines } = setup();
    const log = memoryLog().log;
    expect(await calls.saved(call, tokens, 1, log)).toEqual({ microUsd: cost });
    expect(await calls.saved(call, { ...tokens, output: 0 }, 0, log)).toEqual({ microUsd: cost - 500 });
    expect(await figures()).toMatchObject({
      calls: 0,
      cost: 0,
      cache_hits: 1,
      saved_tokens: 950 + 900,
      saved_cost: (2 * cost - 500) / 1e6,
    });
    expect(lines).toEqual([]);
  });

  it('of a deployment whose price is not known are told in tokens alone', async () => {
    const { calls, figures } = setup([], { env: {} });
    expect(await calls.saved(call, tokens, 1, memoryLog().log)).toEqual({ microUsd: undefined });
    expect(await figures()).toMatchObject({ saved_tokens: 950, saved_cost: 0 });
  });

  it('that make no sense spoil nothing', async () => {
    const { calls, figures } = setup();
    const { log, lines } = memoryLog();
    await calls.saved(call, { ...tokens, output: 0.5 }, 1, log);
    await calls.saved(call, tokens, 1, log);
    expect(lines).toEqual([]);
    expect((await figures()).saved_tokens).toBe(900 + 950);
  });
});

describe('what is told of a call', () => {
  let telemetry: MemoryTelemetry;
  beforeEach(() => {
    telemetry = startMemoryTelemetry();
  });
  afterEach(() => telemetry.stop());

  it('is a span for each try in the GenAI conventions', async () => {
    const { run } = setup();
    let asked = 0;
    await run(() => (++asked === 1 ? failed() : done({ model: 'gpt-4o-2024-11-20', finishReason: 'stop' })));
    const spans = telemetry.spans().filter(({ name }) => name === 'chat d');
    expect(spans.map(({ attributes }) => attributes)).toMatchObject([
      { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'd', 'error.type': 'engine-failed' },
      {
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.max_tokens': 400,
        'gen_ai.response.model': 'gpt-4o-2024-11-20',
        'gen_ai.usage.input_tokens': 900,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.cache_read.input_tokens': 100,
        'gen_ai.response.finish_reasons': ['stop'],
      },
    ]);
    expect(spans[1]?.attributes).not.toHaveProperty('error.type');
  });

  it('is measured in calls, tokens and money, and names neither caller nor tenant', async () => {
    const { run } = setup();
    await run(done, { caller: 'secret-c', tenant: 'secret-t' });
    const metrics = await telemetry.metrics();
    const value = (name: string) =>
      metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints.map((point) => point.value);
    expect(value('gatehouse.llm.calls')).toEqual([1]);
    expect(value('gatehouse.llm.cost')).toEqual([cost / 1e6]);
    expect(value('gen_ai.client.inference.usage.input_tokens')).toEqual([900]);
    expect(value('gen_ai.client.inference.usage.output_tokens')).toEqual([50]);
    expect(value('gatehouse.llm.unpriced')).toBeUndefined();
    expect(JSON.stringify([metrics, telemetry.spans().map(({ attributes }) => attributes)])).not.toContain(
      'secret',
    );
  });
});
