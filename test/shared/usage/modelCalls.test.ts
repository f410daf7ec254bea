import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { toProblem } from '../../../shared/http/problem.ts';
import type { ModelReply } from '../../../shared/usage/modelCalls.ts';
import { cost, done, failed, policy, setup, tokens, worstCost } from './modelCallsSetup.ts';

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
    expect(new Set(refusals)).toEqual(new Set(['quota-exceeded']));
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
