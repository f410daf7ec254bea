import { describe, expect, it } from 'vitest';
import type { OwnLimits } from '../../../shared/limits/ownLimits.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { Fleet } from '../../support/limits/fleet.ts';
import { type Kind, storm } from '../../support/limits/schedule.ts';
import { type Line, promised, unitsOf, worstSpan } from '../../support/limits/timeline.ts';
import { pick } from '../../support/simulation.ts';

const count = Number(process.env.GATEHOUSE_SCHEDULES ?? 250);
const seeds = Array.from({ length: count }, (_, i) => i + 1);
const leaseMs = 200;

const kinds: Record<string, Kind> = {
  calm: {},
  skewed: { skewMs: 1_000 },
  stormy: { weather: storm, skewMs: 300 },
  strict: { policy: { strict: true } },
  cold: { cold: true },
  'cold and stormy': { cold: true, weather: storm },
};

const policyOf = ({ cold, policy }: Kind): PolicyInput => ({
  name: 'calls-tenant',
  operations: ['assistant-request'],
  scope: 'tenant',
  leaseLifeMs: leaseMs,
  localShare: cold ? 0.05 : 0,
  ...policy,
  limits: [{ quota: 20, window: '2s' }],
});

/** A fresh object each time, as after each read of the tenant. */
const calls = (quota: number, window = '2s'): OwnLimits => ({ calls: [{ quota, window }] });

function fleetOf(kind: Kind, seed: number): Fleet {
  const { skewMs = 0 } = kind;
  const fleet = new Fleet({ seed, policies: [policyOf(kind)], instances: 1 + (seed % 4), skewMs });
  if (kind.weather) fleet.store.weather = kind.weather(fleet.random);
  return fleet;
}

/** What is promised of limits of its own, whatever the policy says itself. */
function lineOf(kind: Kind, fleet: Fleet, own: OwnLimits | undefined): Line {
  const policy = policyOf(kind);
  const alone = { instances: kind.cold ? fleet.lives : 0, skewMs: kind.skewMs ?? 0 };
  return promised({ ...policy, limits: own?.calls ?? policy.limits }, alone);
}

/** Bursts at random instances, some of which leave tokens in hands, with pauses of every length. */
async function press(fleet: Fleet, kind: Kind, callers: Record<string, number>, ms: number): Promise<void> {
  const { random, scheduler } = fleet;
  for (const end = scheduler.now + ms; scheduler.now < end; ) {
    const releasedAfterMs = random() < 0.4 ? leaseMs * 0.4 : undefined;
    for (const [caller, quota] of Object.entries(callers))
      for (let i = 0; i < quota * pick([0.1, 0.5, 1.2], random()); i++)
        void fleet.ask({
          instance: Math.floor(random() * fleet.limiters.length),
          caller,
          patience: kind.cold ? 'none' : 'some',
          ...(releasedAfterMs === undefined ? {} : { releasedAfterMs }),
        });
    await fleet.pass(pick([5, leaseMs * 0.5, leaseMs * 1.5, 900], random()));
  }
}

describe('tenants with limits of their own under one policy', () => {
  const owns: Record<string, OwnLimits | undefined> = {
    low: calls(5),
    high: calls(90),
    long: calls(30, '5s'),
    none: undefined,
    other: { toolCalls: [{ quota: 1, window: '31d' }] },
  };
  const quotas = { low: 5, high: 90, long: 30, none: 20, other: 20 };

  it.each(Object.keys(kinds))('each get what is promised of theirs: %s', async (name) => {
    const kind = kinds[name] ?? {};
    const exceeding: [number, string, number][] = [];
    const admitted = { low: 0, high: 0, long: 0, none: 0, other: 0 };
    let raised = 0;
    for (const seed of seeds.slice(0, Math.ceil(count / 3))) {
      const fleet = fleetOf(kind, seed);
      fleet.own = (_, caller) => structuredClone(owns[caller]);
      await press(fleet, kind, quotas, 3_000);
      await fleet.finish();
      for (const caller of Object.keys(quotas) as (keyof typeof quotas)[]) {
        const excess = worstSpan(fleet.admissions(caller), lineOf(kind, fleet, owns[caller]));
        if (excess > 0) exceeding.push([seed, caller, excess]);
        admitted[caller] += unitsOf(fleet.admissions(caller));
      }
      if (worstSpan(fleet.admissions('high'), lineOf(kind, fleet, undefined)) > 0) raised++;
    }
    expect(exceeding).toEqual([]);
    expect(raised).toBeGreaterThan((kind.weather ? 0.03 : 0.6) * (count / 3));
    expect(admitted.high).toBeGreaterThan(2 * admitted.none);
    expect(admitted.none).toBeGreaterThan(1.5 * admitted.low);
    expect(admitted.other / admitted.none).toBeCloseTo(1, 0);
  });
});

describe("a change of a tenant's limits that instances see one after the other", () => {
  const changes = [
    [60, 6],
    [6, 60],
    [40, 30],
    [20, 90],
  ] as const;

  it.each(Object.keys(kinds))('is over once all have seen it: %s', async (name) => {
    const kind = kinds[name] ?? {};
    const [during, after]: [number[], number[]] = [[], []];
    let [lowered, raised] = [0, 0];
    for (const seed of seeds) {
      const [before, then] = changes[seed % changes.length] as (typeof changes)[number];
      const fleet = fleetOf(kind, seed);
      const { random, scheduler } = fleet;
      fleet.own = () => calls(before);
      const most = { a: Math.max(before, then) };
      await press(fleet, kind, most, 1_500);
      const seen = fleet.limiters.map(() => scheduler.now + 800 * random());
      fleet.own = (instance) => calls(scheduler.now < (seen[instance] ?? 0) ? before : then);
      await press(fleet, kind, most, 800);
      // Whoever still waited for the bucket before has their answer, and no lease of it is left.
      await fleet.pass(Math.max(...seen) + leaseMs + 300 - scheduler.now);
      const since = scheduler.now;
      await press(fleet, kind, most, 3_000);
      await fleet.finish();
      const line = lineOf(kind, fleet, calls(Math.max(before, then)));
      if (worstSpan(fleet.admissions(), line) > 0) during.push(seed);
      const late = fleet.admissions().filter(({ at }) => at >= since);
      if (worstSpan(late, lineOf(kind, fleet, calls(then))) > 0) after.push(seed);
      const fits = worstSpan(late, lineOf(kind, fleet, calls(before))) <= 0;
      if (then > before && !fits) raised++;
      if (then < before && late.length > 0) lowered++;
    }
    expect([during, after]).toEqual([[], []]);
    expect(raised).toBeGreaterThan((kind.weather ? 0.1 : 0.4) * count);
    expect(lowered).toBeGreaterThan(0.45 * count);
  });

  it.each(Object.keys(kinds))('gains nothing where they never agree: %s', async (name) => {
    const kind = kinds[name] ?? {};
    const exceeding: number[] = [];
    for (const seed of seeds.slice(0, Math.ceil(count / 2))) {
      const fleet = fleetOf(kind, seed);
      const turns = seed % 3 === 0;
      fleet.own = (instance) => calls((turns ? fleet.random() < 0.5 : instance % 2 === 0) ? 12 : 40);
      await press(fleet, kind, { a: 40 }, 4_000);
      await fleet.finish();
      if (worstSpan(fleet.admissions(), lineOf(kind, fleet, calls(40))) > 0) exceeding.push(seed);
    }
    expect(exceeding).toEqual([]);
  });

  it('is there at once where it was raised, and counts what was used where it was lowered', async () => {
    for (const [before, used, then, left] of [
      [10, 10, 50, 40],
      [50, 4, 10, 6],
      [50, 30, 10, 0],
    ] as const) {
      const fleet = new Fleet({ seed: 3, policies: [policyOf({})], instances: 2 });
      fleet.own = () => calls(before, '1h');
      for (let i = 0; i < used; i++) void fleet.ask({ instance: 0 });
      await fleet.pass(1_000);
      expect(fleet.kinds.allowed).toBe(used);
      fleet.own = () => calls(then, '1h');
      for (let i = 0; i < 60; i++) await fleet.decide({ instance: 0 }, 20);
      expect(fleet.kinds.allowed - used, `${before} to ${then}`).toBe(left);
    }
  });

  it('holds for calendar windows to the last call', async () => {
    const fleet = new Fleet({ seed: 3, policies: [policyOf({})], instances: 2 });
    const admittedAt = async (quota: number) => {
      fleet.own = () => calls(quota, 'day');
      for (let i = 0; i < 30; i++) await fleet.decide({ instance: i % 2 }, 50);
      return unitsOf(fleet.admissions());
    };
    expect(await admittedAt(10)).toBe(10);
    expect(await admittedAt(25)).toBe(25);
    expect(await admittedAt(5)).toBe(25);
    expect(await admittedAt(26)).toBe(26);
    await fleet.pass(86_400_000);
    expect(await admittedAt(7)).toBe(26 + 7);
  });
});
