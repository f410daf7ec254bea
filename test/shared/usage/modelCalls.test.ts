import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { toProblem } from '../../../shared/http/problem.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { usageStatistics } from '../../../shared/usage/ledger/statistics.ts';
import type { ModelCall, ModelReply } from '../../../shared/usage/modelCalls.ts';
import { createModelAccess } from '../../support/audit.ts';
import { memoryLog } from '../../support/http.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

/** No budget or quota refills while a test runs, except when a month ends. */
const month = (quota: number) => [{ quota, window: 'month' }];
const policy = (
  unit: 'requests' | 'tokens' | 'microdollars',
  quota: number,
  more: Partial<PolicyInput> = {},
) =>
  ({
    name: unit,
    operations: ['model-call'],
    scope: 'deployment',
    unit,
    limits: month(quota),
    localShare: 0,
    ...more,
  }) satisfies PolicyInput;

/** gpt-4o: 2.5 dollars in, 1.25 cached, 10 out for a million. */
const priced = { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-4o"}}' };
const call: ModelCall = {
  provider: 'openai',
  deployment: 'd',
  caller: 'c',
  tenant: 't',
  inputTokens: 1_000,
  maxOutputTokens: 400,
};
const worstCost = 1_000 * 2.5 + 400 * 10;
const tokens = { input: 900, cached: 100, written: 0, output: 50 };
const cost = 800 * 2.5 + 100 * 1.25 + 50 * 10;
const done = (told: Partial<ModelReply<string>> = {}): ModelReply<string> =>
  ({ tokens, ...told, ok: true, value: 'answer' }) as ModelReply<string>;
const failed = (more: Partial<Extract<ModelReply<string>, { ok: false }>> = {}): ModelReply<string> => ({
  ok: false,
  error: new AppError('engine-failed', 'It broke.'),
  isThrottled: false,
  isRetryable: true,
  ...more,
});

type Options = Parameters<typeof createModelAccess>[1];

function setup(policies: readonly PolicyInput[] = [], options: Options = {}) {
  const access = createModelAccess(policies, { env: priced, ...options });
  const { log, lines } = memoryLog();
  const never = new AbortController().signal;
  const run = (
    attempt: () => ModelReply<string> | Promise<ModelReply<string>>,
    of: Partial<ModelCall> = {},
    signal = never,
  ) => access.calls.run({ ...call, ...of }, async () => attempt(), signal, log);
  const left = async (name: string, identifier = 'd') =>
    (await access.admin.status(name, identifier)).tokens_remaining;
  const figures = async () => (await usageStatistics(access.stores.tables, new Date(), 2, [])).totals;
  const events = () => lines.map(({ event }) => event);
  return { ...access, run, left, figures, lines, events };
}

const codeOf = (error: unknown) => (error instanceof AppError ? error.code : error);

describe('a reservation', () => {
  it('refuses before the service is asked, and has nothing reserved elsewhere', async () => {
    const { run, left, figures } = setup([
      policy('requests', 1),
      policy('tokens', 10_000),
      policy('microdollars', 1_000_000),
    ]);
    expect(await run(done)).toBe('answer');
    const before = [await left('tokens'), await left('microdollars')];
    await expect(run(() => expect.fail('asked'))).rejects.toMatchObject({
      code: 'quota-exceeded',
      status: 429,
      details: { 'violated-policies': ['requests'] },
    });
    expect([await left('tokens'), await left('microdollars')]).toEqual(before);
    expect((await figures()).calls).toBe(1);
  });

  it('takes the input and all that may come out, in tokens and in money', async () => {
    const { run, left } = setup([policy('tokens', 10_000), policy('microdollars', 100_000)]);
    await run(async () => {
      expect(await left('tokens')).toBe(10_000 - 1_400);
      expect(await left('microdollars')).toBe(100_000 - worstCost);
      return done();
    });
  });

  it('is for each caller, tenant and deployment that a policy names', async () => {
    const { run, left } = setup([
      policy('requests', 9),
      policy('tokens', 10_000, { scope: 'caller' }),
      policy('microdollars', 100_000, { scope: 'tenant' }),
    ]);
    await run(done);
    await run(done, { caller: 'another' });
    expect([await left('requests'), await left('tokens', 'c'), await left('microdollars', 't')]).toEqual([
      7,
      10_000 - 950,
      100_000 - 2 * cost,
    ]);
  });

  it('of more than a whole limit is told apart: waiting does not help', async () => {
    const { run } = setup([policy('tokens', 1_399)]);
    await expect(run(() => expect.fail('asked'))).rejects.toMatchObject({
      code: 'larger-than-limit',
      status: 413,
    });
  });

  it('lets no more through at the same time than the budget covers at worst', async () => {
    const { run, left } = setup([policy('microdollars', 2 * worstCost + 100)], { concurrency: 20 });
    let asked = 0;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        run(async () => {
          asked++;
          await sleep(60);
          return done();
        }),
      ),
    );
    expect(asked).toBe(2);
    const refusals = outcomes.flatMap((o) => (o.status === 'rejected' ? [codeOf(o.reason)] : []));
    expect(new Set(refusals)).toEqual(new Set(['budget-spent']));
    expect(await left('microdollars')).toBe(2 * worstCost + 100 - 2 * cost);
  });

  it('that cannot be made, the store being gone, is neither a refusal nor a call', async () => {
    const { run, stores } = setup([policy('microdollars', 1_000_000)]);
    const down = () => Promise.reject(new Error('down'));
    stores.tables.get = down;
    stores.tables.write = down;
    await expect(run(() => expect.fail('asked'))).rejects.toMatchObject({
      code: 'temporary-reduced-capacity',
      status: 503,
    });
  });

  it('that a shadow policy would refuse is made, and logged', async () => {
    const { run, lines } = setup([policy('requests', 1, { mode: 'shadow' })]);
    await run(done);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await run(done)).toBe('answer');
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        event: 'limit-shadow-refusal',
        fields: { operation: 'model-call', deployment: 'd', limits: ['requests'] },
      },
    ]);
  });
});

describe('a budget that is spent', () => {
  it('is a problem of its own that nobody should repeat, and says when it ends', async () => {
    const { run } = setup([policy('microdollars', worstCost)]);
    await run(done);
    const error = await run(() => expect.fail('asked')).catch(AppError.from);
    if (typeof error === 'string') return expect.fail('not refused');
    const { status, body, headers } = toProblem(error, 'id');
    expect(status).toBe(403);
    expect(headers).not.toHaveProperty('retry-after');
    const now = new Date();
    expect(JSON.parse(body as string)).toMatchObject({
      type: 'urn:gatehouse:problem:budget-spent',
      code: 'budget-spent',
      retryable: false,
      'violated-policies': ['microdollars'],
      resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString(),
    });
  });

  it('ends the tries of a call', async () => {
    const { run } = setup([policy('microdollars', worstCost + cost - 1)]);
    let asked = 0;
    await expect(
      run(() => {
        asked++;
        return failed({ tokens });
      }),
    ).rejects.toMatchObject({ code: 'budget-spent' });
    expect(asked).toBe(1);
  });

  it('was warned of once, when a threshold was passed', async () => {
    const { run, lines } = setup([
      policy('microdollars', 10 * worstCost, { scope: 'tenant', warnAt: [0.1, 0.5] }),
    ]);
    for (const caller of ['a', 'b', 'c']) await run(done, { caller });
    expect(
      lines.filter(({ event }) => event === 'budget-warning').map(({ fields }) => fields.threshold),
    ).toEqual([0.1]);
  });
});

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

describe('tries', () => {
  it('are no more than told, each reserved, settled and counted', async () => {
    const { run, left, figures, lines } = setup([policy('requests', 10)], { attempts: 4 });
    let asked = 0;
    await expect(
      run(() => {
        asked++;
        return failed({ error: new AppError('engine-failed', `Try ${asked}.`) });
      }),
    ).rejects.toThrow('Try 4.');
    expect([asked, await left('requests')]).toEqual([4, 6]);
    expect(await figures()).toMatchObject({ calls: 4, failures: 4 });
    expect(
      lines.filter(({ event }) => event === 'model-call-retry').map(({ fields }) => fields.attempt),
    ).toEqual([1, 2, 3]);
  });

  it('end with the first that succeeds', async () => {
    const { run, figures } = setup();
    let asked = 0;
    expect(await run(() => (++asked < 3 ? failed() : done()))).toBe('answer');
    expect(asked).toBe(3);
    expect(await figures()).toMatchObject({ calls: 3, failures: 2, cost_micro_usd: cost });
  });

  it('are not made where they do not help', async () => {
    const { run } = setup();
    let asked = 0;
    await expect(
      run(() => {
        asked++;
        return failed({ isRetryable: false });
      }),
    ).rejects.toThrow('It broke.');
    expect(asked).toBe(1);
  });

  it('wait a random part of a doubling time', async () => {
    const { run, lines } = setup([], { attempts: 3, random: () => 0.02 });
    await expect(run(() => failed())).rejects.toThrow();
    expect(
      lines.filter(({ event }) => event === 'model-call-retry').map(({ fields }) => fields.waitMs),
    ).toEqual([10, 20]);
  });

  it('wait as long as the service asked for, and are not refused by the block that has just ended', async () => {
    for (let i = 0; i < 15; i++) {
      const { run } = setup([policy('requests', 10), policy('tokens', 10_000)], { random: () => 0 });
      const asked: number[] = [];
      const answer = await run(() => {
        asked.push(performance.now());
        return asked.length === 1 ? failed({ isThrottled: true, retryAfterMs: 25 }) : done();
      });
      expect(answer).toBe('answer');
      // Timers may come a part of a millisecond early.
      expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(24);
    }
  });
});

describe('a deployment that answered 429', () => {
  it('is known empty to all instances, for the time the service told', async () => {
    const policies = [policy('requests', 10), policy('tokens', 10_000), policy('microdollars', 100_000)];
    const one = setup(policies, { attempts: 1 });
    const two = setup(policies, { attempts: 1, instance: 'two', stores: one.stores });
    await expect(two.run(done)).resolves.toBe('answer');
    const began = Date.now();
    await expect(one.run(() => failed({ isThrottled: true, retryAfterMs: 30_000 }))).rejects.toThrow(
      'It broke.',
    );
    const [window] = (await two.admin.status('requests', 'd')).windows;
    const until = Date.parse(window?.blocked_until ?? '');
    expect(until).toBeGreaterThanOrEqual(began + 30_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 30_000);
    const third = setup(policies, { attempts: 1, instance: 'three', stores: one.stores });
    for (const { run } of [one, third]) {
      const error = AppError.from(await run(() => expect.fail('asked')).catch((e: unknown) => e));
      expect(error).toMatchObject({ code: 'quota-exceeded', status: 429 });
      expect(error.retryAfter).toBeGreaterThanOrEqual(29);
      expect(error.retryAfter).toBeLessThanOrEqual(30);
    }
    // Another deployment is not concerned.
    expect(await third.run(done, { deployment: 'gpt-4o' })).toBe('answer');
  });

  it('is left alone for five seconds where the service does not say for how long', async () => {
    const { run, admin } = setup([policy('requests', 10)], { attempts: 1 });
    await expect(run(() => failed({ isThrottled: true }))).rejects.toThrow('It broke.');
    const [window] = (await admin.status('requests', 'd')).windows;
    const inMs = Date.parse(window?.blocked_until ?? '') - Date.now();
    expect(inMs).toBeGreaterThan(4_500);
    expect(inMs).toBeLessThanOrEqual(5_000);
  });
});

describe('a call that may not wait any longer', () => {
  it('stops waiting between tries, and ends with what went wrong', async () => {
    const { run } = setup();
    const began = performance.now();
    const ends = run(() => failed({ retryAfterMs: 20_000 }), {}, AbortSignal.timeout(30));
    await expect(ends).rejects.toThrow('It broke.');
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('does not begin to wait for longer than half a minute', async () => {
    const { run, events } = setup();
    const began = performance.now();
    await expect(run(() => failed({ retryAfterMs: 30_001 }))).rejects.toThrow('It broke.');
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(events()).not.toContain('model-call-retry');
  });

  it('leaves the queue of its deployment, and asks nothing', async () => {
    const { run } = setup([], { concurrency: 1 });
    const busy = Promise.withResolvers<ModelReply<string>>();
    const first = run(() => busy.promise);
    await expect(run(() => expect.fail('asked'), {}, AbortSignal.timeout(20))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    busy.resolve(done());
    expect(await first).toBe('answer');
  });
});

describe('calls of one deployment', () => {
  it('are under way so many at a time, those of others beside them', async () => {
    const { run } = setup([], { concurrency: 2 });
    const [inside, highest] = [new Map<string, number>(), new Map<string, number>()];
    const attempt = (deployment: string) => async () => {
      const n = (inside.get(deployment) ?? 0) + 1;
      inside.set(deployment, n);
      highest.set(deployment, Math.max(n, highest.get(deployment) ?? 0));
      await sleep(5);
      inside.set(deployment, (inside.get(deployment) ?? 0) - 1);
      return done();
    };
    const names = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'd' : 'gpt-4o'));
    await Promise.all(names.map((deployment) => run(attempt(deployment), { deployment })));
    expect([...highest.values()]).toEqual([2, 2]);
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
