import { describe, expect, it } from 'vitest';
import type { OwnLimits } from '../../../shared/limits/ownLimits.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { simulateLimiter } from '../../support/limits/simulatedLimiter.ts';
import { calm } from '../../support/simulation.ts';

describe('limits a tenant has of its own', () => {
  const policy = (rest: Partial<PolicyInput> = {}): PolicyInput => ({
    name: 'calls-tenant',
    operations: ['assistant-request'],
    scope: 'tenant',
    localShare: 0,
    limits: [{ quota: 4, window: '1h' }],
    ...rest,
  });
  const calls = (quota: number, window = '1h'): OwnLimits => ({ calls: [{ quota, window }] });

  function world(...[inputs, options]: Parameters<typeof simulateLimiter>) {
    const simulated = simulateLimiter(inputs, options);
    const { check } = simulated;
    const call = (own?: OwnLimits, tenant = 't', patience: 'none' | 'some' = 'some') =>
      check('assistant-request', { tenant }, {}, patience, own);
    const admitted = async (asks: number, own?: OwnLimits, tenant = 't') => {
      let allowed = 0;
      for (let i = 0; i < asks; i++) if ((await call(own, tenant)).kind === 'allowed') allowed++;
      return allowed;
    };
    return { ...simulated, call, admitted };
  }

  it('hold in place of those of the policy, higher or lower, and for nobody else', async () => {
    const { admitted, call } = world([
      policy(),
      { ...policy(), name: 'other', limits: [{ quota: 9, window: '1h' }] },
    ]);
    expect(await admitted(6, calls(2), 'low')).toBe(2);
    expect(await call(calls(2), 'low')).toMatchObject({
      kind: 'refused',
      violations: [{ policy: { name: 'calls-tenant' }, window: { name: 'calls-tenant', quota: 2 } }],
    });
    expect(await admitted(12, calls(20), 'high')).toBe(9);
    expect(await admitted(6, undefined, 'none')).toBe(4);
    expect(await admitted(6, { toolCalls: [{ quota: 1, window: '1h' }] }, 'tools')).toBe(4);
  });

  it('hold all their windows at once', async () => {
    const { call, admitted, pass } = world([policy()]);
    const own: OwnLimits = {
      calls: [
        { quota: 3, window: '1m' },
        { quota: 5, window: 'day' },
      ],
    };
    expect(await admitted(5, own)).toBe(3);
    await pass(60_000);
    expect(await admitted(5, own)).toBe(2);
    expect(await call(own)).toMatchObject({ violations: [{ window: { name: 'calls-tenant-day' } }] });
  });

  it('refuse nothing where the policy is off or in shadow', async () => {
    const off = world([policy({ mode: 'off' })]);
    expect(await off.admitted(5, calls(1))).toBe(5);
    expect(off.table.operations).toBe(0);
    const { call } = world([policy({ mode: 'shadow' })]);
    await call(calls(1));
    expect(await call(calls(1))).toMatchObject({ kind: 'allowed', shadowed: ['calls-tenant'] });
  });

  it('are worked out once for each configuration that was read, and change nothing where they stay the same', async () => {
    const { call, limiter, scheduler, table, pass } = world([
      policy({ limits: [{ quota: 60, window: '1m' }] }),
    ]);
    const own = calls(6_000, '1m');
    const [limits] = own.calls ?? [];
    let reads = 0;
    if (limits)
      Object.defineProperty(limits, 'quota', {
        get: () => {
          reads++;
          return 6_000;
        },
      });
    for (let i = 0; i < 200; i++) {
      void limiter.check('assistant-request', { tenant: 't' }, {}, 'none', own);
      await pass(10);
    }
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(4);
    const [operations, begun] = [table.operations, scheduler.now];
    for (let i = 0; i < 200; i++) {
      expect((await call(calls(6_000, '1m'))).kind).toBe('allowed');
      await pass(10);
    }
    expect(scheduler.now - begun).toBe(200 * 210);
    expect(table.operations - operations).toBeLessThanOrEqual(200);
    expect(table.reads).toBe(0);
  });

  it('leave nothing in hand of what was leased under the old ones', async () => {
    const { call, limiter, pass, policies } = world([policy()]);
    for (let i = 0; i < 150; i++) {
      void limiter.check('assistant-request', { tenant: 't' }, {}, 'some', calls(6_000, '1m'));
      await pass(5);
    }
    const [common] = policies;
    const minute = policySchema.parse(policy({ limits: [{ quota: 1, window: '1m' }] })).windows[0];
    if (!common || !minute) throw new Error('no policy');
    const held = () => limiter.heldHere(common, minute, 't') / 1e6;
    expect(held()).toBeGreaterThan(1);
    expect(await call(calls(30, '1m'))).toMatchObject({ kind: 'refused' });
    expect(held()).toBe(0);
  });

  it('do not renew what the instance has admitted by itself', async () => {
    const weather = { ...calm, failing: 1 };
    const { call } = world([policy({ localShare: 0.5 })], { weather });
    const kinds = async (own: OwnLimits, asks: number) => {
      const decisions = [];
      for (let i = 0; i < asks; i++) decisions.push((await call(own, 't', 'none')).kind);
      return decisions.filter((kind) => kind === 'allowed').length;
    };
    expect(await kinds(calls(8), 5)).toBe(4);
    expect(await kinds(calls(40), 5)).toBe(0);
    expect(await kinds(calls(2), 5)).toBe(0);
  });

  it('go over from leases to exact reservations and back, and what is given back arrives', async () => {
    const { call, admitted, table, pass } = world([policy()]);
    const both: OwnLimits = {
      calls: [
        { quota: 10, window: '1h' },
        { quota: 10, window: 'day' },
      ],
    };
    const before = await call(calls(10));
    const exact = await call(both);
    if (before.kind !== 'allowed' || exact.kind !== 'allowed') throw new Error('refused');
    const levels = () => [...table.rows.values()].map(({ level }) => Math.round(level / 1e6));
    expect(levels()).toEqual([8, 9]);
    exact.permit.release();
    await pass(200);
    expect(levels()).toEqual([9, 10]);
    before.permit.release();
    expect(await admitted(12, calls(10))).toBe(9);
  });

  it('do not renew the local share of a forgotten bucket by being read again', async () => {
    const { call, table } = world([policy({ localShare: 1 })], { mostIdentifiers: 1 });
    for (const tenant of ['a', 'b', 'a', 'b']) await call(calls(3), tenant, 'none');
    table.weather = { ...calm, failing: 1 };
    // What a forgotten bucket admitted by itself is not admitted again by its successor.
    expect(await call(calls(3), 'a', 'none')).toMatchObject({ kind: 'unavailable' });
  });
});
