import { describe, expect, it } from 'vitest';
import { largestExcess } from '../../../shared/limits/bound.ts';
import { bucketKey } from '../../../shared/limits/bucketStore.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { Scheduler, SimulatedBuckets, seeded, skewedClock, type Weather } from '../../support/simulation.ts';

interface Admission {
  at: number;
  /** Units really used. */
  units: number;
  /** Units given back, and when. */
  back: { at: number; units: number };
}

interface Scenario {
  seed: number;
  policy: PolicyInput;
  instances: number;
  skewMs: number;
  seconds: number;
  /** Requests a second, all instances together. */
  offered: number;
  weather?: Partial<Weather>;
  cold?: boolean;
  /** Mean life of an instance; then another takes its place. */
  instanceLifeMs?: number;
  mostIdentifiers?: number;
  identifiers?: number;
  settle?: boolean;
  /** The offered rate changes between nothing and a flood. */
  gusty?: boolean;
}

const calm: Weather = { latencyMs: () => 4, failing: () => 0, late: () => 0, lateMs: 0, repeated: () => 0 };

async function simulate(s: Scenario) {
  const random = seeded(s.seed);
  const scheduler = new Scheduler();
  const began = scheduler.now;
  const store = new SimulatedBuckets(scheduler, random, { ...calm, ...s.weather });
  const policy = policySchema.parse(s.policy);
  let lives = 0;
  const start = () => {
    lives++;
    const skew = Math.round((random() * 2 - 1) * (s.skewMs / 2));
    const limiter = new Limiter({
      policies: [policy],
      store: store.store(),
      instance: `i${lives}`,
      clock: skewedClock(scheduler, skew, random),
      storeTimeoutMs: 500,
      ...(s.mostIdentifiers === undefined ? {} : { mostIdentifiers: s.mostIdentifiers }),
    });
    return { limiter, until: scheduler.now + (s.instanceLifeMs ?? 1e12) * (0.5 + random()) };
  };
  const instances = Array.from({ length: s.instances }, start);
  const admissions = new Map<string, Admission[]>();
  let [asked, refused, degraded, unavailable] = [0, 0, 0, 0];
  const request = async () => {
    const slot = Math.floor(random() * instances.length);
    if ((instances[slot]?.until ?? 0) < scheduler.now) instances[slot] = start();
    const subject = `id-${Math.floor(random() * (s.identifiers ?? 1))}`;
    const units = policy.unit === 'tokens' ? 1 + Math.floor(random() * 40) : 1;
    asked++;
    const decision = await instances[slot]?.limiter.check(
      'audit',
      { caller: subject },
      { [policy.unit]: units },
      s.cold ? 'none' : 'some',
    );
    if (decision?.kind === 'allowed') {
      if (decision.permit.degraded) degraded++;
      const used = s.settle ? Math.floor(random() * units) + 1 : units;
      const list = admissions.get(subject) ?? [];
      const laterMs = random() * 3_000;
      const back = { at: scheduler.now + laterMs, units: units - used };
      list.push({ at: scheduler.now, units: used, back });
      admissions.set(subject, list);
      if (s.settle) scheduler.at(laterMs, () => void decision.permit.settle({ [policy.unit]: used }));
    } else if (decision?.kind === 'refused') refused++;
    else unavailable++;
  };
  const end = began + s.seconds * 1_000;
  // Quiet spells fill buckets, a trickle leaves leases in hands, a flood then takes all there is.
  let [pace, paceUntil] = [1, 0];
  const next = () => {
    if (scheduler.now >= end) return;
    if (s.gusty && scheduler.now >= paceUntil) {
      pace = [0.02, 0.4, 1, 12][Math.floor(random() * 4)] ?? 1;
      paceUntil = scheduler.now + 100 + random() * 900;
    }
    if (pace > 0.1) void request();
    scheduler.at((-Math.log(1 - random()) * 1_000) / s.offered / Math.max(pace, 0.1), next);
  };
  scheduler.at(0, next);
  await scheduler.run(end + 5_000);
  return { admissions, policy, lives, asked, refused, degraded, unavailable, store, began };
}

interface Line {
  /** Units allowed in no time at all, and for each millisecond. */
  burst: number;
  perMs: number;
}

/** Largest number of units by which any span of the timeline exceeds a straight bound: a bucket that leaks at its rate. */
function worstSpan(admissions: readonly Admission[], { burst, perMs }: Line): number {
  let [level, worst, last] = [0, Number.NEGATIVE_INFINITY, 0];
  for (const { at, units } of admissions) {
    level = Math.max(0, level - perMs * (at - last)) + units;
    last = at;
    worst = Math.max(worst, level - burst);
  }
  return worst;
}

/** The same where admissions from before a span give back in it, which may be admitted again. */
function worstSpanWithReturns(admissions: readonly Admission[], { burst, perMs }: Line): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [i, { at: from }] of admissions.entries()) {
    const earlier = admissions.slice(0, i).filter(({ back }) => back.at >= from);
    let sum = 0;
    for (const { at: to, units } of admissions.slice(i)) {
      sum += units;
      const returned = earlier.reduce((total, { back }) => total + (back.at <= to ? back.units : 0), 0);
      worst = Math.max(worst, sum - returned - burst - perMs * (to - from));
    }
  }
  return worst;
}

async function excessOf(s: Scenario): Promise<number> {
  const { admissions, policy, lives } = await simulate(s);
  const [window] = policy.windows;
  if (!window) throw new Error('no window');
  const instances = s.cold || s.weather ? lives : 0;
  const boundAt = (spanMs: number) =>
    largestExcess(policy, window, { spanMs, instances, skewMs: s.skewMs + 1 }).admitted;
  const line = { burst: boundAt(0), perMs: (boundAt(1_000) - boundAt(0)) / 1_000 };
  const worst = s.settle ? worstSpanWithReturns : worstSpan;
  return Math.max(...[...admissions.values()].map((list) => worst(list, line)));
}

const base: PolicyInput = {
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  limits: [{ quota: 50, window: '5s' }],
};
const limits = [
  { quota: 5, window: '1s' },
  { quota: 50, window: '5s' },
  { quota: 40, window: '2s' },
  { quota: 400, window: '10s' },
  { quota: 100, window: '10s' },
  { quota: 1_000, window: '10s' },
];
const seeds = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const pick = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

describe('however it runs, no span holds more admissions than the bound', () => {
  it.each(['calm', 'skewed', 'stormy', 'cold', 'dying', 'strict', 'settling', 'crowded'])(
    '%s',
    async (kind) => {
      const schedules = seeds(Number(process.env.GATEHOUSE_SCHEDULES ?? 150));
      for (const seed of schedules) {
        const random = seeded(seed * 7919);
        const limit = pick(limits, seed);
        const storm: Partial<Weather> = {
          latencyMs: () => 1 + random() * 30,
          failing: () => (Math.floor(random() * 5) === 0 ? 0.3 : 0.02),
          late: () => 0.1,
          lateMs: 1_500,
          repeated: () => 0.05,
        };
        const rate = (limit.quota / Number.parseInt(limit.window, 10)) * 2.5;
        const scenario: Scenario = {
          seed,
          policy: { ...base, limits: [limit] },
          instances: 1 + (seed % 5),
          skewMs: 0,
          seconds: 4,
          gusty: seed % 3 > 0,
          offered: rate + 5,
          ...(kind === 'skewed' ? { skewMs: 500 + 500 * (seed % 4) } : {}),
          ...(kind === 'stormy' ? { weather: storm, skewMs: 400 } : {}),
          ...(kind === 'cold' ? { cold: true } : {}),
          ...(kind === 'dying' ? { instanceLifeMs: 700, weather: storm } : {}),
          ...(kind === 'strict'
            ? { policy: { ...base, limits: [{ quota: 60, window: '3s' }], strict: true } }
            : {}),
          ...(kind === 'settling'
            ? {
                policy: { ...base, unit: 'tokens', limits: [{ quota: 400, window: '4s' }] },
                settle: true,
                offered: 12,
                weather: storm,
              }
            : {}),
          ...(kind === 'crowded'
            ? { cold: true, identifiers: 12, mostIdentifiers: 3, offered: 40 }
            : {}),
        };
        const excess = await excessOf(scenario);
        expect(excess, `seed ${seed}`).toBeLessThanOrEqual(0);
      }
    },
    120_000,
  );
});

describe('in good weather', () => {
  it.each([1, 4, 16])(
    '%d instances together admit at least 95 of 100 of the ideal',
    async (instances) => {
      for (const limit of instances > 4 ? [{ quota: 100, window: '10s' }] : limits.slice(3)) {
        const offered = (limit.quota / 10) * 2.5;
        const { admissions, unavailable } = await simulate({
          seed: 42 + instances,
          policy: { ...base, limits: [limit] },
          instances,
          skewMs: 0,
          seconds: 10,
          offered: Math.max(offered, 25),
        });
        const admitted = [...admissions.values()].flat().length;
        expect(admitted).toBeGreaterThanOrEqual(0.95 * 2 * limit.quota);
        expect(unavailable).toBe(0);
      }
    },
    60_000,
  );

  it('a first check of a new identifier costs one storage operation', async () => {
    const { store, asked } = await simulate({
      seed: 3,
      policy: { ...base, limits: [{ quota: 60, window: '1m' }] },
      instances: 1,
      skewMs: 0,
      seconds: 5,
      offered: 20,
      identifiers: 1_000_000,
    });
    expect(store.operations / asked).toBeLessThanOrEqual(1.1);
    expect(store.rows.has(bucketKey('p', '1m', 'nobody'))).toBe(false);
  });
});
