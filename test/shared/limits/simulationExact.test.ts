import { describe, expect, it } from 'vitest';
import { periodStart } from '../../../shared/limits/bucket.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { Fleet } from '../../support/limits/fleet.ts';
import { storm } from '../../support/limits/schedule.ts';
import { promised, unitsOf, worstSinceStart, worstSpan } from '../../support/limits/timeline.ts';
import { pick, seeded } from '../../support/simulation.ts';

const count = Number(process.env.GATEHOUSE_SCHEDULES ?? 250);
const seeds = Array.from({ length: count }, (_, i) => i + 1);

const tokens = (limit: PolicyInput['limits'][number]): PolicyInput => ({
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  unit: 'tokens',
  localShare: 0,
  limits: [limit],
});
const budget = (window: 'day' | 'month', quota: number): PolicyInput => ({
  ...tokens({ quota, window }),
  unit: 'microdollars',
});
const tokenLimits = [
  { quota: 60, window: '2s' },
  { quota: 400, window: '4s' },
  { quota: 90, window: '10s' },
];

interface Demand {
  seconds: number;
  /** Mean units a second. */
  rate: number;
  most: number;
  /** Part of what was reserved that is used, at least. */
  leastUsed: number;
}

/** Requests of random size at random instances, whose estimates are corrected a while later. */
async function demand(fleet: Fleet, { seconds, rate, most, leastUsed }: Demand): Promise<void> {
  const { random, scheduler } = fleet;
  for (const end = scheduler.now + seconds * 1_000; scheduler.now < end; ) {
    const units = 1 + Math.floor(random() * most);
    const used = Math.ceil(units * (leastUsed + (1 - leastUsed) * random()));
    const instance = Math.floor(random() * fleet.limiters.length);
    void fleet.ask({ instance, units, used, afterMs: random() * 800 });
    await fleet.pass((-Math.log(1 - random()) * 500 * most) / rate);
  }
}

describe('amounts that are reserved exactly and corrected afterwards', () => {
  it.each(['calm', 'stormy', 'skewed', 'dying'])('never exceed what is promised: %s', async (kind) => {
    const exceeding: [number, number][] = [];
    let admitted = 0;
    for (const seed of seeds) {
      const limit = tokenLimits[seed % tokenLimits.length] as (typeof tokenLimits)[number];
      const skewMs = kind === 'skewed' ? 1_000 : 0;
      const instances = 1 + (seed % 4);
      const fleet = new Fleet({ seed, policies: [tokens(limit)], instances, skewMs });
      if (kind === 'stormy' || kind === 'dying') fleet.store.weather = storm(fleet.random);
      const rate = (limit.quota / Number.parseInt(limit.window, 10)) * 4;
      for (let part = 0; part < 3; part++) {
        await demand(fleet, { seconds: 1, rate, most: limit.quota / 3, leastUsed: 0.1 });
        if (kind === 'dying') fleet.replace(part % instances);
      }
      await fleet.finish();
      const line = promised(tokens(limit), { instances: 0, skewMs });
      const excess = worstSinceStart(fleet.admissions(), line);
      if (excess > 0) exceeding.push([seed, excess]);
      admitted += fleet.kinds.allowed;
    }
    expect(exceeding).toEqual([]);
    expect(admitted).toBeGreaterThan(5 * count);
  });

  it('come back to the last unit where nothing fails, however many instances compete', async () => {
    let allowed = 0;
    for (const seed of seeds.slice(0, 80)) {
      const quota = 3_000;
      const fleet = new Fleet({ seed, policies: [budget('day', quota)], instances: 1 + (seed % 4) });
      await demand(fleet, { seconds: 3, rate: pick([200, 1_500], seeded(seed)()), most: 200, leastUsed: 0 });
      await fleet.finish();
      allowed += fleet.kinds.allowed;
      expect(fleet.row('p', 'day')?.level, `seed ${seed}`).toBe(quota - unitsOf(fleet.admissions()));
    }
    expect(allowed).toBeGreaterThan(800);
  });

  it('are charged to the last unit where more was used than reserved', async () => {
    const fleet = new Fleet({ seed: 5, policies: [budget('day', 100)], instances: 2 });
    void fleet.ask({ instance: 0, units: 40, used: 90, afterMs: 100 });
    void fleet.ask({ instance: 1, units: 40, used: 95, afterMs: 100 });
    await fleet.finish();
    expect(fleet.row('p', 'day')?.level).toBe(100 - 90 - 95);
    expect(await fleet.decide({ instance: 0 })).toMatchObject({ kind: 'refused' });
  });
});

describe('budgets of a calendar period', () => {
  const midnights = [
    ['day', '2026-11-21T00:00:00Z'],
    ['day', '2028-02-29T00:00:00Z'],
    ['month', '2027-01-01T00:00:00Z'],
    ['month', '2028-03-01T00:00:00Z'],
  ] as const;

  it.each(midnights)(
    '%s: what each holds before and after %s is never more than the quota',
    async (window, at) => {
      const midnight = Date.parse(at);
      const [quota, used] = [500, new Map<number, number[]>()];
      let both = 0;
      for (const seed of seeds.slice(0, Math.ceil(count / 2))) {
        const startsAt = midnight - 1_500;
        const fleet = new Fleet({
          seed,
          policies: [budget(window, quota)],
          instances: 1 + (seed % 3),
          startsAt,
        });
        if (seed % 2) fleet.store.weather = storm(fleet.random);
        await demand(fleet, { seconds: 3, rate: 1_200, most: 120, leastUsed: 0.3 });
        await fleet.finish();
        const periods = Map.groupBy(fleet.admissions(), (a) => periodStart(window, a.at));
        if (periods.size === 2) both++;
        used.set(
          seed,
          [...periods.values()].map((list) => worstSinceStart(list, { burst: 0, perMs: 0 })),
        );
      }
      expect([...used].filter(([, periods]) => periods.some((units) => units > quota))).toEqual([]);
      expect(Math.max(...[...used.values()].flat())).toBeGreaterThan(0.9 * quota);
      expect(both).toBeGreaterThan(0.9 * used.size);
    },
  );

  it('end by any clock once: a period that one clock has begun is not begun again by a slower one', async () => {
    for (const seed of seeds.slice(0, 60)) {
      const startsAt = Date.parse('2026-12-01T00:00:00Z') - 700;
      const fleet = new Fleet({
        seed,
        policies: [budget('month', 50)],
        instances: 3,
        skewMs: 1_000,
        startsAt,
      });
      for (let i = 0; i < 60; i++) {
        void fleet.ask({ instance: i % 3, units: 5 });
        await fleet.pass(25);
      }
      await fleet.finish();
      expect(unitsOf(fleet.admissions()), `seed ${seed}`).toBeLessThanOrEqual(100);
    }
  });
});

describe('several policies at once', () => {
  const policies: PolicyInput[] = [
    {
      name: 'often',
      operations: ['audit'],
      scope: 'caller',
      localShare: 0,
      limits: [
        { quota: 20, window: '2s' },
        { quota: 45, window: '10s' },
      ],
    },
    { ...tokens({ quota: 300, window: '4s' }), name: 'tokens' },
    { ...budget('day', 900), name: 'money' },
    {
      name: 'all',
      operations: ['audit'],
      scope: 'global',
      localShare: 0,
      limits: [{ quota: 30, window: '2s' }],
    },
  ];

  it('hold each by itself, and what one refuses costs the others nothing', async () => {
    let admitted = 0;
    for (const seed of seeds) {
      const fleet = new Fleet({ seed, policies, instances: 1 + (seed % 3) });
      const stormy = seed % 2 === 1;
      if (stormy) fleet.store.weather = storm(fleet.random);
      await demand(fleet, { seconds: 3, rate: 400, most: 30, leastUsed: 0.5 });
      await fleet.finish();
      const admissions = fleet.admissions();
      const requests = admissions.map(({ at }) => ({ at, units: 1 }));
      const over = [
        worstSpan(
          requests,
          promised(
            { ...(policies[0] as PolicyInput), limits: [{ quota: 20, window: '2s' }] },
            { instances: 0, skewMs: 0 },
          ),
        ),
        worstSpan(
          requests,
          promised(
            { ...(policies[0] as PolicyInput), limits: [{ quota: 45, window: '10s' }] },
            { instances: 0, skewMs: 0 },
          ),
        ),
        worstSpan(requests, promised(policies[3] as PolicyInput, { instances: 0, skewMs: 0 })),
        worstSinceStart(admissions, promised(policies[1] as PolicyInput, { instances: 0, skewMs: 0 })),
        worstSinceStart(admissions, { burst: 900, perMs: 0 }),
      ];
      expect(Math.max(...over), `seed ${seed}`).toBeLessThanOrEqual(0);
      if (!stormy) expect(fleet.row('money', 'day')?.level, `seed ${seed}`).toBe(900 - unitsOf(admissions));
      admitted += admissions.length;
    }
    expect(admitted).toBeGreaterThan(5 * count);
  });
});
