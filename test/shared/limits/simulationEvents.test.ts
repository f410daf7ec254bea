import { describe, expect, it } from 'vitest';
import { LimitAdmin } from '../../../shared/limits/limitAdmin.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { Fleet } from '../../support/limits/fleet.ts';
import { promised, unitsOf, worstSpan } from '../../support/limits/timeline.ts';
import { calm, skewedClock } from '../../support/simulation.ts';

const count = Number(process.env.GATEHOUSE_SCHEDULES ?? 250);
const seeds = Array.from({ length: count }, (_, i) => i + 1);

const requests = (limit: PolicyInput['limits'][number], rest: Partial<PolicyInput> = {}): PolicyInput => ({
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  localShare: 0,
  leaseLifeMs: 400,
  ...rest,
  limits: [limit],
});

function adminOf(fleet: Fleet): LimitAdmin {
  const { policies, store, scheduler, random } = fleet;
  return new LimitAdmin({
    policies,
    store,
    limiter: fleet.limiter(0),
    clock: skewedClock(scheduler, 0, random),
  });
}

/** Leaves tokens in the hands of every instance. */
async function hoard(fleet: Fleet, each: number): Promise<void> {
  for (const instance of fleet.limiters.keys())
    for (let i = 0; i < each; i++) void fleet.ask({ instance, releasedAfterMs: 120 });
  await fleet.pass(130);
}

/** Units of the first policy's first window. */
function heldBy(fleet: Fleet, instance: number): number {
  const [policy] = fleet.policies;
  const [window] = policy?.windows ?? [];
  return policy && window ? fleet.limiter(instance).heldHere(policy, window, 'a') / 1e6 : Number.NaN;
}

describe('a reset', () => {
  it('fills the bucket once: what instances held before is void at their next look at the store', async () => {
    const policy = requests({ quota: 60, window: '30s' });
    let voided = 0;
    for (const seed of seeds) {
      const fleet = new Fleet({ seed, policies: [policy], instances: 2 + (seed % 3) });
      const each = 3 + (seed % 8);
      await hoard(fleet, each);
      const since = fleet.scheduler.now;
      void adminOf(fleet).reset('p', 'a');
      await fleet.pass(20);
      for (const instance of fleet.limiters.keys()) {
        const held = heldBy(fleet, instance);
        voided += held;
        void fleet.ask({ instance, requests: held + 1, units: held + 1 });
      }
      await fleet.pass(100);
      for (let i = 0; i < 90; i++) void fleet.ask({ instance: i % fleet.limiters.length });
      await fleet.finish();
      const after = fleet.admissions().filter(({ at }) => at >= since);
      const line = promised({ ...policy, strict: true }, { instances: 0, skewMs: 0 });
      expect(worstSpan(after, line), `seed ${seed}`).toBeLessThanOrEqual(0);
      expect(unitsOf(after)).toBeGreaterThanOrEqual(55);
    }
    expect(voided).toBeGreaterThan(count);
  });

  it('is not topped up by what was reserved before it and is given back after it', async () => {
    const budget = requests({ quota: 500, window: 'day' }, { unit: 'microdollars' });
    const fleet = new Fleet({ seed: 1, policies: [budget], instances: 2 });
    void fleet.ask({ instance: 1, units: 400, used: 0, afterMs: 1_000 });
    await fleet.pass(100);
    void adminOf(fleet).reset('p', 'a');
    await fleet.pass(100);
    void fleet.ask({ instance: 0, units: 150 });
    void fleet.ask({ instance: 1, units: 50 });
    await fleet.finish();
    expect(fleet.row('p', 'day')).toMatchObject({ level: 300, epoch: 1 });
  });
});

describe('a block', () => {
  const policy = requests({ quota: 40, window: '2s' });

  it('keeps every instance from admitting once leases have ended, and not a moment longer', async () => {
    let after = 0;
    for (const seed of seeds) {
      const fleet = new Fleet({ seed, policies: [policy], instances: 1 + (seed % 4) });
      const { random, scheduler } = fleet;
      await hoard(fleet, 4);
      const called = scheduler.now;
      const until = called + 1_500;
      void fleet.block(seed % fleet.limiters.length, 1_500);
      while (scheduler.now < until + 500) {
        void fleet.ask({ instance: Math.floor(random() * fleet.limiters.length) });
        await fleet.pass(40 * random());
      }
      await fleet.finish();
      const times = fleet.admissions().map(({ at }) => at);
      expect(
        times.filter((at) => at > called + 450 && at < until),
        `seed ${seed}`,
      ).toEqual([]);
      after += times.filter((at) => at >= until).length;
    }
    expect(after).toBeGreaterThan(10 * count);
  });

  it.each([
    ['lands', calm],
    ['cannot be written', { ...calm, failing: 1 }],
  ])('holds at once on the instance that heard it, where it %s', async (_, weather) => {
    const local = requests({ quota: 40, window: '2s' }, { localShare: 1 });
    const fleet = new Fleet({ seed: 2, policies: [local], instances: 1, weather });
    void fleet.ask({ instance: 0 });
    await fleet.pass(1);
    void fleet.block(0, 900);
    const asked = Array.from({ length: 8 }, async () => {
      await fleet.scheduler.wait(100 * fleet.random());
      return fleet.ask({ instance: 0, patience: 'none' });
    });
    await fleet.pass(850);
    expect(await Promise.all(asked)).toEqual(
      Array.from({ length: 8 }, () => expect.objectContaining({ kind: 'refused' })),
    );
    await fleet.pass(2_000);
    expect(await fleet.decide({ instance: 0 })).toMatchObject({ kind: 'allowed' });
  });

  it('ends with a reset', async () => {
    const fleet = new Fleet({ seed: 4, policies: [policy], instances: 2 });
    void fleet.block(1, 60_000);
    await fleet.pass(100);
    expect(await fleet.decide({ instance: 0 })).toMatchObject({
      kind: 'refused',
      violations: [{ retryAfterMs: expect.closeTo(59_890, -2) }],
    });
    void adminOf(fleet).reset('p', 'a');
    await fleet.pass(8_000);
    for (const instance of [0, 1])
      expect(await fleet.decide({ instance })).toMatchObject({ kind: 'allowed' });
  });
});

describe('in good weather', () => {
  const limits = [
    { quota: 400, window: '10s' },
    { quota: 100, window: '10s' },
    { quota: 1_000, window: '10s' },
  ];

  it.each([1, 4, 16])('%d instances together admit at least 95 of 100 of the ideal', async (instances) => {
    for (const limit of instances > 4 ? limits.slice(1, 2) : limits) {
      const fleet = new Fleet({
        seed: 42 + instances,
        policies: [requests(limit, { leaseLifeMs: undefined })],
        instances,
      });
      const { random, scheduler } = fleet;
      const gapMs = 1_000 / Math.max(25, limit.quota / 4);
      for (const end = scheduler.now + 10_000; scheduler.now < end; ) {
        void fleet.ask({ instance: Math.floor(random() * instances) });
        await fleet.pass(-Math.log(1 - random()) * gapMs);
      }
      await fleet.finish();
      expect(fleet.kinds.allowed).toBeGreaterThanOrEqual(0.95 * 2 * limit.quota);
      expect(fleet.kinds.unavailable).toBe(0);
    }
  });

  it('a first check of a new identifier costs one storage operation', async () => {
    const fleet = new Fleet({ seed: 3, policies: [requests({ quota: 60, window: '1m' })], instances: 1 });
    for (let i = 0; i < 100; i++) void fleet.ask({ instance: 0, caller: `c${i}` });
    await fleet.finish();
    expect(fleet.kinds.allowed).toBe(100);
    expect(fleet.store.operations).toBe(100);
  });

  it('a hot identifier costs few', async () => {
    const policy = requests({ quota: 6_000, window: '1m' });
    const fleet = new Fleet({ seed: 3, policies: [policy], instances: 2 });
    for (let i = 0; i < 3_000; i++) {
      void fleet.ask({ instance: i % 2 });
      await fleet.pass(1);
    }
    await fleet.finish();
    expect(fleet.kinds.allowed).toBeGreaterThan(2_900);
    expect(fleet.store.operations).toBeLessThan(300);
  });
});
