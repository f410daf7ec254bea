import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../shared/limits/decision.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { simulateLimiter } from '../../support/limits/simulatedLimiter.ts';
import { calm, Scheduler, SimulatedBuckets } from '../../support/simulation.ts';
import { startMemoryTelemetry } from '../../support/telemetry.ts';

type Allowed = Extract<Decision, { kind: 'allowed' }>;

const often: PolicyInput = {
  name: 'often',
  operations: ['audit'],
  scope: 'caller',
  localShare: 0,
  limits: [
    { quota: 5, window: '1m' },
    { quota: 8, window: '1h' },
  ],
};
const tokens: PolicyInput = {
  name: 'tokens',
  operations: ['audit', 'model-call'],
  scope: 'caller',
  unit: 'tokens',
  localShare: 0,
  limits: [{ quota: 100, window: '1m' }],
};
const everybody: PolicyInput = {
  name: 'everybody',
  operations: ['audit'],
  scope: 'global',
  localShare: 0,
  limits: [{ quota: 1_000, window: '1h' }],
};

function setUp(...[inputs, options]: Parameters<typeof simulateLimiter>) {
  const simulated = simulateLimiter(inputs, options);
  const { policies, limiter, check } = simulated;
  const allowed = async (...asked: Parameters<Limiter['check']>): Promise<Allowed> => {
    const decision = await check(...asked);
    if (decision.kind !== 'allowed') throw new Error(`was ${decision.kind}`);
    return decision;
  };
  const held = (policy: number, caller = 'a') => {
    const [p] = policies.slice(policy);
    return p?.windows.map((window) => limiter.heldHere(p, window, caller) / 1e6);
  };
  return { ...simulated, allowed, held };
}

const remaining = (decision: Decision) =>
  decision.kind === 'unavailable' ? [] : decision.limits().map((limit) => limit.remaining);

describe('Limiter', () => {
  it('holds all windows of a policy at once, and says which refused and for how long', async () => {
    const { check, pass } = setUp([often]);
    for (let i = 0; i < 5; i++)
      expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
    await pass(60_000);
    for (let i = 0; i < 3; i++)
      expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
    const hour = await check('audit', { caller: 'a' });
    expect(hour).toMatchObject({
      kind: 'refused',
      violations: [{ policy: { name: 'often' }, window: { name: 'often-1h', quota: 8 } }],
    });
    const wait = hour.kind === 'refused' ? (hour.violations[0]?.retryAfterMs ?? 0) : 0;
    await pass(wait - 1_000);
    expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'refused' });
    await pass(1_000);
    expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
  });

  it('takes from all policies or none', async () => {
    const { check, table } = setUp([often, tokens, everybody]);
    expect(remaining(await check('audit', { caller: 'a' }, { tokens: 90 }))).toEqual([4, 7, 10, 999]);
    for (let i = 0; i < 5; i++) {
      const refused = await check('audit', { caller: 'a' }, { tokens: 50 });
      expect(refused).toMatchObject({ kind: 'refused', violations: [{ policy: { name: 'tokens' } }] });
    }
    expect(remaining(await check('audit', { caller: 'a' }, { tokens: 1 }))).toEqual([
      3,
      6,
      expect.any(Number),
      998,
    ]);
    expect(table.rows.size).toBe(4);
  });

  it('gives back once, however often it is told', async () => {
    const { allowed, held, pass } = setUp([{ ...often, limits: [{ quota: 60, window: '1m' }] }]);
    const { permit } = await allowed('audit', { caller: 'a' });
    permit.release();
    const before = held(0);
    permit.release();
    await permit.settle({ requests: 0 });
    await pass(10);
    expect(held(0)).toEqual(before);
  });

  it('costs a long window little while a short one refuses', async () => {
    const limits = [
      { quota: 5, window: '1m' },
      { quota: 60, window: '1h' },
    ];
    const { check, pass } = setUp([{ ...often, limits }]);
    let allowed = 0;
    for (let i = 0; i < 300; i++) {
      if ((await check('audit', { caller: 'a' })).kind === 'allowed') allowed++;
      await pass(800);
    }
    // 5 at once, and one each 12 s for 299 s.
    expect(allowed).toBe(29);
  });

  it('gives back what is released, and corrects what is settled', async () => {
    const { allowed, pass, held } = setUp([often, tokens]);
    const first = await allowed('audit', { caller: 'a' }, { tokens: 60 });
    first.permit.release();
    expect(held(0)).toEqual([1, 1]);
    await pass(100);
    const second = await allowed('audit', { caller: 'a' }, { tokens: 80 });
    expect(remaining(second)).toEqual([4, 7, 20]);
    void second.permit.settle({ tokens: 30.2 });
    await pass(100);
    expect(remaining(second)[2]).toBe(69);
    void second.permit.settle({});
    await pass(100);
    expect(remaining(second)[2]).toBe(69);
  });

  it('says whether a budget that refuses may yet pass: what it lacks is reserved and not settled', async () => {
    const { allowed, check, pass } = setUp([tokens]);
    const mayPass = async (amount: number) => {
      const decision = await check('audit', { caller: 'a' }, { tokens: amount });
      return decision.kind === 'refused' ? decision.violations.map((violation) => violation.mayPass) : [];
    };
    const [first, second] = [
      await allowed('audit', { caller: 'a' }, { tokens: 40 }),
      await allowed('audit', { caller: 'a' }, { tokens: 50 }),
    ];
    expect(await mayPass(60)).toEqual([true]);
    void first.permit.settle({ tokens: 40 });
    void first.permit.settle({ tokens: 40 });
    await pass(100);
    expect(await mayPass(60)).toEqual([true]);
    expect(await mayPass(99)).toEqual([false]);
    void second.permit.settle({});
    await pass(100);
    expect(await mayPass(60)).toEqual([false]);
    expect(await mayPass(101)).toEqual([false]);
  });

  it('knows whether a unit is limited for a subject', () => {
    const { limiter } = setUp([tokens, { ...everybody, mode: 'shadow' }]);
    expect(limiter.hasPolicy('model-call', { caller: 'a' }, 'tokens')).toBe(true);
    expect(limiter.hasPolicy('model-call', { deployment: 'd' }, 'tokens')).toBe(false);
    expect(limiter.hasPolicy('model-call', { caller: 'a' }, 'microdollars')).toBe(false);
    expect(limiter.hasPolicy('audit', { caller: 'a' }, 'requests')).toBe(false);
  });

  it('lets the same caller do one thing while another is used up, and other callers all', async () => {
    const { check } = setUp([{ ...often, limits: [{ quota: 1, window: '1h' }] }, tokens]);
    expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
    expect(await check('audit', { caller: 'a' })).toMatchObject({ kind: 'refused' });
    expect(await check('audit', { caller: 'b' })).toMatchObject({ kind: 'allowed' });
    expect(await check('model-call', { caller: 'a' }, { tokens: 5 })).toMatchObject({ kind: 'allowed' });
    expect(await check('tool-calls', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
  });

  it('does not apply policies whose identifier or amount is not given', async () => {
    const { check, table } = setUp([often, tokens]);
    for (const subject of [{}, { caller: '' }, { tenant: 'a' }]) {
      const decision = await check('audit', subject, { tokens: 5 });
      expect([decision.kind, remaining(decision)]).toEqual(['allowed', []]);
    }
    expect(await check('model-call', { caller: 'a' }, { tokens: 0 })).toMatchObject({ kind: 'allowed' });
    expect(await check('model-call', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
    expect(table.operations).toBe(0);
  });

  it('says at once that a request can never fit', async () => {
    const { check, table } = setUp([tokens]);
    expect(await check('audit', { caller: 'a' }, { tokens: 101 })).toMatchObject({
      kind: 'refused',
      violations: [{ retryAfterMs: Number.POSITIVE_INFINITY }],
    });
    expect(table.operations).toBe(0);
  });

  it('counts in shadow and refuses nothing, and does nothing at all when off', async () => {
    const shadow = setUp([{ ...often, mode: 'shadow' }]);
    const shadowed: string[] = [];
    for (let i = 0; i < 7; i++) {
      const decision = await shadow.check('audit', { caller: 'a' });
      expect([decision.kind, remaining(decision)]).toEqual(['allowed', []]);
      if (decision.kind === 'allowed') shadowed.push(...decision.shadowed);
    }
    expect(shadowed).toEqual(['often-1m', 'often-1m']);
    const off = setUp([{ ...often, mode: 'off' }]);
    for (let i = 0; i < 20; i++)
      expect(await off.check('audit', { caller: 'a' })).toMatchObject({ kind: 'allowed' });
    expect(off.table.operations).toBe(0);
  });

  it('tells refused, degraded and unavailable apart', async () => {
    const weather = { ...calm, failing: 1 };
    const alone = { ...often, limits: [{ quota: 20, window: '1m' }], localShare: 0.1 };
    const { check, table, pass } = setUp([alone, { ...tokens, localShare: 0.1 }], { weather });
    for (let i = 0; i < 2; i++)
      expect(await check('audit', { caller: 'a' }, { tokens: 5 })).toMatchObject({
        kind: 'allowed',
        permit: { degraded: true },
      });
    expect(await check('audit', { caller: 'a' }, { tokens: 5 })).toEqual({
      kind: 'unavailable',
      retryAfterMs: 2_000,
      policies: ['often', 'tokens'],
    });
    expect(await check('audit', { caller: 'a' }, { tokens: 200 })).toMatchObject({
      kind: 'refused',
      violations: [{ policy: { name: 'tokens' } }],
    });
    table.weather = calm;
    await pass(2_000);
    // The first check back is the probe of one bucket; the others still count as gone.
    await check('audit', { caller: 'a' }, { tokens: 5 });
    expect(await check('audit', { caller: 'a' }, { tokens: 5 })).toMatchObject({
      kind: 'allowed',
      permit: { degraded: false },
    });
  });

  it('answers at once where nobody may wait, however slow the store', async () => {
    const weather = { ...calm, latencyMs: () => 400 };
    const { limiter, pass } = setUp([{ ...often, localShare: 0.2 }], { weather });
    const decision = limiter.check('audit', { caller: 'a' }, {}, 'none');
    expect(await Promise.race([decision, pass(0).then(() => 'later')])).toMatchObject({
      kind: 'allowed',
      permit: { degraded: false },
    });
    await pass(5_000);
  });

  it('blocks the buckets of a scope, and no budget', async () => {
    const money: PolicyInput = { ...tokens, name: 'money', unit: 'microdollars', operations: ['model-call'] };
    const { limiter, check, pass } = setUp([often, tokens, money, everybody]);
    void limiter.block('audit', { caller: 'a' }, 'caller', 4_999.5);
    await pass(50);
    expect(await check('audit', { caller: 'a' }, { tokens: 1 })).toMatchObject({
      kind: 'refused',
      violations: [
        { window: { name: 'often-1m' } },
        { window: { name: 'often-1h' } },
        { policy: { name: 'tokens' } },
      ],
    });
    expect(await check('audit', { caller: 'b' }, { tokens: 1 })).toMatchObject({ kind: 'allowed' });
    expect(await check('model-call', { caller: 'a' }, { microdollars: 1 })).toMatchObject({
      kind: 'allowed',
    });
    await pass(5_000);
    expect(await check('audit', { caller: 'a' }, { tokens: 1 })).toMatchObject({ kind: 'allowed' });
  });

  it('remembers so many identifiers and forgets the one used longest ago', async () => {
    const { allowed, held, policies } = setUp([{ ...often, limits: [{ quota: 8, window: '1h' }] }], {
      mostIdentifiers: 2,
    });
    expect(policies).toHaveLength(1);
    for (const caller of ['a', 'b', 'a', 'c']) (await allowed('audit', { caller })).permit.release();
    expect(['a', 'b', 'c'].map((caller) => held(0, caller))).toEqual([[1], [0], [1]]);
  });

  it('forgets what it holds and knows of one identifier', async () => {
    const { limiter, allowed, held, policies } = setUp([often]);
    for (const caller of ['a', 'b']) (await allowed('audit', { caller })).permit.release();
    for (const policy of policies) limiter.forget(policy, 'a');
    expect([held(0, 'a'), held(0, 'b')]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('tells limits in whole units and seconds', async () => {
    const { check } = setUp([often, everybody]);
    const decision = await check('audit', { caller: 'a' });
    expect(decision.kind !== 'unavailable' && decision.limits()).toEqual([
      { name: 'often-1m', unit: 'requests', quota: 5, windowSeconds: 60, remaining: 4, resetSeconds: 12 },
      { name: 'often-1h', unit: 'requests', quota: 8, windowSeconds: 3_600, remaining: 7, resetSeconds: 450 },
      {
        name: 'everybody',
        unit: 'requests',
        quota: 1_000,
        windowSeconds: 3_600,
        remaining: 999,
        resetSeconds: 4,
      },
    ]);
  });

  it('admits exactly the quota of a flood, on the machine clock as well', async () => {
    const scheduler = new Scheduler();
    const table = new SimulatedBuckets(scheduler, () => 0.5);
    const rows = {
      read: async (key: string) => table.rows.get(key),
      write: async (...w: Parameters<typeof table.apply>) => table.apply(...w),
    };
    const policies = [policySchema.parse({ ...often, limits: [{ quota: 100, window: '30d' }] })];
    const limiter = new Limiter({ policies, store: rows, instance: 'i' });
    const decisions = await Promise.all(
      Array.from({ length: 1_000 }, () => limiter.check('audit', { caller: 'a' })),
    );
    expect(decisions.filter(({ kind }) => kind === 'allowed')).toHaveLength(100);
    expect(decisions.filter(({ kind }) => kind === 'refused')).toHaveLength(900);
  });

  it('counts checks by policy, mode and result, and names no identifier', async () => {
    const telemetry = startMemoryTelemetry();
    const { check, table } = setUp([{ ...often, limits: [{ quota: 1, window: '1h' }], localShare: 1 }]);
    for (let i = 0; i < 3; i++) await check('audit', { caller: '+4930123456' });
    table.weather = { ...calm, failing: 1 };
    for (let i = 0; i < 2; i++) await check('audit', { caller: '+4930123457' });
    const metrics = await telemetry.metrics();
    const checks = metrics.find(({ descriptor }) => descriptor.name === 'gatehouse.rate_limit.checks');
    expect(
      checks?.dataPoints.map(({ attributes, value }) => [attributes['gatehouse.result'], value]),
    ).toEqual([
      ['allowed', 1],
      ['refused', 2],
      ['degraded', 1],
      ['error', 1],
    ]);
    expect(JSON.stringify(metrics)).not.toContain('4930');
    await telemetry.stop();
  });
});
