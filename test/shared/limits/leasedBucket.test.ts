import { describe, expect, it } from 'vitest';
import { GuardedStore } from '../../../shared/limits/guardedStore.ts';
import { LeasedBucket, type Take, type Taken } from '../../../shared/limits/leasedBucket.ts';
import { microPer, type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { freshRow } from '../../../shared/limits/reservation.ts';
import { calm, Scheduler, SimulatedBuckets, skewedClock, type Weather } from '../../support/simulation.ts';

const named = { name: 'p', operations: ['audit'], scope: 'caller' } as const;
const budget: Partial<PolicyInput> = { unit: 'microdollars', limits: [{ quota: 100, window: 'day' }] };

/** Buckets of one policy, as many as are asked for, behind one table. Amounts are in units. */
function setUp(input: Partial<PolicyInput> = {}, weather: Weather = calm) {
  const scheduler = new Scheduler();
  const table = new SimulatedBuckets(scheduler, () => 0.5, weather);
  const clock = skewedClock(scheduler, 0, () => 0.5);
  const policy = policySchema.parse({ ...named, limits: [{ quota: 20, window: '10s' }], ...input });
  const unit = microPer[policy.unit];
  const store = new GuardedStore(table, clock, 1_000);
  let marks = 0;
  const bucketOf = (key: string) => {
    const [window] = policy.windows;
    if (!window) throw new Error('no window');
    const nextMark = () => `i${++marks}`;
    const { leased } = policy;
    return new LeasedBucket({ key, policy: 'p', window, unit, leased, store, clock, nextMark, localFrom: 0 });
  };
  const pass = (ms = 5_000) => scheduler.run(scheduler.now + ms);
  const decided = async (take: Take | Promise<Take>): Promise<Take> => {
    await pass();
    return take;
  };
  const taken = async (take: Take | Promise<Take>): Promise<Taken> => {
    const done = await decided(take);
    if (done.kind !== 'taken') throw new Error(`was ${done.kind}`);
    return done;
  };
  const level = (key = 'k') => (table.rows.get(key)?.level ?? Number.NaN) / unit;
  return { scheduler, table, unit, bucketOf, pass, decided, taken, level };
}

describe('amounts reserved exactly', () => {
  it.each([
    [30, 80],
    [80, 30],
  ])('serve those who fit in the order they came: %d then %d of 100', async (first, second) => {
    const { table, bucketOf, pass, level } = setUp(budget);
    const bucket = bucketOf('k');
    const takes = [bucket.take(first, 'some'), bucket.take(second, 'some')];
    await pass();
    expect(await Promise.all(takes)).toMatchObject([{ kind: 'taken', amount: first }, { kind: 'refused' }]);
    expect([table.writes, level(), bucket.look(0).held]).toEqual([1, 100 - first, 0]);
  });

  it('go back to the store when nobody waits for them any more', async () => {
    const weather = { ...calm, latencyMs: () => 490 };
    const { scheduler, table, bucketOf, decided, level } = setUp({ ...budget, localShare: 0 }, weather);
    const [window] = policySchema.parse({ ...named, ...budget }).windows;
    if (window) table.apply('k', freshRow(window, scheduler.now), undefined);
    const bucket = bucketOf('k');
    // A conflict, a read and a write take 2.9 s; a caller waits 2 s.
    expect(await decided(bucket.take(60, 'some'))).toMatchObject({ kind: 'refused' });
    expect([table.writes, level(), bucket.look(scheduler.now).held]).toEqual([3, 100, 0]);
  });

  it('come back where a local admission used less than it was charged', async () => {
    const { bucketOf, pass, level } = setUp({ ...budget, localShare: 0.5 });
    const bucket = bucketOf('k');
    const take = bucket.take(40, 'none');
    expect(take).toEqual({ kind: 'taken', amount: 40, pieces: [], degraded: false });
    void bucket.settle(take as Taken, 10);
    await pass();
    expect([level(), bucket.look(0).held]).toEqual([90, 0]);
  });

  it.each([
    ['not a number', Number.NaN, 40],
    ['less than nothing', -500, 80],
    ['without end', Number.POSITIVE_INFINITY, -4e15],
  ])('survive a use that is %s', async (_, used, expected) => {
    const { bucketOf, pass, decided, taken, level } = setUp(budget);
    const bucket = bucketOf('k');
    await taken(bucket.take(20, 'some'));
    void bucket.settle(await taken(bucket.take(40, 'some')), used);
    await pass();
    expect(level()).toBe(expected);
    const next = await decided(bucket.take(5, 'some'));
    expect(next.kind).toBe(expected > 0 ? 'taken' : 'refused');
  });

  it('come back when they are released, and only what is not used when they are settled', async () => {
    const { bucketOf, pass, taken, level } = setUp(budget);
    const bucket = bucketOf('k');
    const [all, part, none] = [
      await taken(bucket.take(10, 'some')),
      await taken(bucket.take(20, 'some')),
      await taken(bucket.take(30, 'some')),
    ];
    bucket.release(all);
    void bucket.settle(part, 5);
    expect(await bucket.settle(none, 30)).toBe(true);
    await pass();
    expect(level()).toBe(100 - 5 - 30);
  });
});

describe('a leased bucket', () => {
  it('refuses at once, and for ever, what it can never hold or nobody can count', () => {
    const { unit, bucketOf, table } = setUp();
    for (const amount of [21 * unit, Number.NaN, Number.POSITIVE_INFINITY])
      expect(bucketOf('k').take(amount, 'some')).toEqual({
        kind: 'refused',
        retryAfterMs: Number.POSITIVE_INFINITY,
      });
    expect(table.operations).toBe(0);
  });

  it('spends from memory, and says in how long there is more once it knows of none', async () => {
    const { unit, bucketOf, pass, table } = setUp({ localShare: 0 });
    const bucket = bucketOf('k');
    const takes = Array.from({ length: 25 }, () => bucket.take(unit, 'some'));
    await pass(50);
    const kinds = (await Promise.all(takes)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'taken')).toHaveLength(20);
    const { writes } = table;
    expect(bucket.take(unit, 'some')).toEqual({ kind: 'refused', retryAfterMs: expect.closeTo(458, -2) });
    expect([writes, table.operations]).toEqual([1, 1]);
    expect(bucket.look(0)).toMatchObject({ held: 0, level: 0 });
  });

  it('admits callers who do not wait from its share, charges them, and then lets them wait', async () => {
    const { unit, bucketOf, pass, decided, level } = setUp({ localShare: 0.1 });
    const bucket = bucketOf('k');
    const local = { kind: 'taken', pieces: [], degraded: false };
    expect([bucket.take(unit, 'none'), bucket.take(unit, 'none')]).toMatchObject([local, local]);
    const third = bucket.take(unit, 'none');
    expect(third).toBeInstanceOf(Promise);
    expect(await decided(third)).toMatchObject({ kind: 'taken', pieces: [{ left: unit }] });
    await pass();
    expect(level()).toBeLessThanOrEqual(17);
  });

  it('charges what was admitted with the store gone as soon as it is back', async () => {
    const { unit, table, bucketOf, decided, level } = setUp({
      limits: [{ quota: 20, window: '1h' }],
      localShare: 0.25,
    });
    const bucket = bucketOf('k');
    table.weather = { ...calm, failing: 1 };
    for (let i = 0; i < 2; i++)
      expect(await decided(bucket.take(2 * unit, 'some'))).toMatchObject({ kind: 'taken', degraded: true });
    expect(await decided(bucket.take(5 * unit, 'some'))).toEqual({
      kind: 'unavailable',
      retryAfterMs: 2_000,
    });
    table.weather = calm;
    expect(await decided(bucket.take(unit, 'some'))).toMatchObject({ kind: 'taken', degraded: false });
    expect(level()).toBeCloseTo(20 - 2 - 2 - 1, 0);
  });

  it('does not refuse whom a slow store keeps waiting, though it answers others meanwhile', async () => {
    const { scheduler, unit, bucketOf, pass } = setUp({ localShare: 0.05 }, { ...calm, latencyMs: () => 75 });
    const [a, b] = [bucketOf('a'), bucketOf('b')];
    void a.take(unit, 'some');
    await scheduler.run(scheduler.now + 100);
    const late = [b.take(unit, 'some'), b.take(unit, 'some')];
    await pass();
    expect(await Promise.all(late)).toMatchObject([
      { kind: 'taken', degraded: true },
      { kind: 'unavailable', retryAfterMs: 2_000 },
    ]);
  });

  it('refuses whom others were quicker than all the time', async () => {
    const { table, unit, bucketOf, pass, taken } = setUp();
    const bucket = bucketOf('k');
    await taken(bucket.take(unit, 'some'));
    const write = table.write.bind(table);
    table.write = async (key, row, version) => {
      const current = table.rows.get(key);
      if (current) table.apply(key, { ...current, writer: 'x/1' }, current.version);
      return write(key, row, version);
    };
    const late = bucket.take(unit, 'some');
    await pass();
    expect(await late).toMatchObject({ kind: 'refused', retryAfterMs: 100 });
  });

  it('hands out nothing again after it has forgotten, not even what is put back', async () => {
    const { unit, bucketOf, taken, pass, level } = setUp();
    const bucket = bucketOf('k');
    const before = bucket.take(unit, 'some');
    await pass(50);
    const held = (await before) as Taken;
    bucket.forget();
    bucket.release(held);
    expect(bucket.look(0).held).toBe(0);
    expect(bucket.look(0)).toMatchObject({ level: undefined, msUntilFull: undefined });
    expect(await taken(bucket.take(unit, 'some'))).toBeDefined();
    expect(level()).toBeLessThan(20);
  });

  it('takes no more than a twentieth of the bucket ahead, and a quarter of what is left', async () => {
    const { unit, bucketOf, pass, table, level } = setUp({
      limits: [{ quota: 1_000, window: '1h' }],
      localShare: 0,
    });
    const bucket = bucketOf('k');
    for (let i = 0; i < 3_000; i++) {
      void bucket.take(unit, 'some');
      const before = table.rows.get('k')?.level ?? 1_000 * unit;
      await pass(2);
      const drawn = before - (table.rows.get('k')?.level ?? before);
      expect(drawn).toBeLessThanOrEqual(Math.max(6 * unit, Math.min(50 * unit, before / 4)));
    }
    expect(level()).toBeLessThan(2);
  });
});
