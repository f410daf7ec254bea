import { describe, expect, it } from 'vitest';
import type { StoredBucket, VersionedBucket } from '../../../shared/limits/bucketStore.ts';
import { GuardedStore } from '../../../shared/limits/guardedStore.ts';
import type { Piece } from '../../../shared/limits/lots.ts';
import { Pace } from '../../../shared/limits/pace.ts';
import { policySchema, type Window } from '../../../shared/limits/policy.ts';
import { freshRow } from '../../../shared/limits/reservation.ts';
import { Reserver } from '../../../shared/limits/reserver.ts';
import { Scheduler, SimulatedBuckets, skewedClock } from '../../support/simulation.ts';

const [window] = policySchema.parse({
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  unit: 'microdollars',
  limits: [{ quota: 1_000, window: 'day' }],
}).windows as [Window];

/** One reserver that takes `state.wanted` whenever it is asked to, and a table it can be cheated with. */
function setUp() {
  const scheduler = new Scheduler();
  const table = new SimulatedBuckets(scheduler, () => 0.99);
  const state = {
    wanted: 0,
    lots: [] as Piece[],
    epochs: [] as number[],
    emptied: 0,
    backMs: 0,
    /** How the next writes end: not at all, or done and not told. */
    writes: [] as ('fails' | 'lost' | 'conflict')[],
  };
  const store = {
    read: (key: string) => table.read(key),
    async write(key: string, bucket: StoredBucket, version: string | undefined) {
      const how = state.writes.shift();
      if (how === 'fails') throw new Error('not allowed to write');
      const done = await table.write(key, bucket, version);
      if (how === 'lost') throw new Error('no answer');
      return how === 'conflict' ? undefined : done;
    },
  };
  const skewed = skewedClock(scheduler, 0, () => 0.5);
  const clock = { ...skewed, now: () => skewed.now() - state.backMs };
  const pace = new Pace(1, 100, 2_000);
  const reserver = new Reserver({
    key: 'k',
    policy: 'p',
    window,
    store: new GuardedStore(store, clock, 1_000),
    clock,
    nextMark: () => 'me:1',
    pace,
    grant: (level) => Math.min(level, state.wanted),
    receive: (lot) => void state.lots.push(lot),
    entered: (epoch) => void state.epochs.push(epoch),
    empty: () => void state.emptied++,
    ended: () => {},
  });
  const fly = async () => {
    const flight = reserver.begin(clock.now());
    await scheduler.run(scheduler.now + 1_000);
    return flight;
  };
  const change = async (amount: number, epoch?: number) => {
    const told = reserver.change({
      amount,
      reservedAt: clock.now(),
      ...(epoch === undefined ? {} : { epoch }),
    });
    await scheduler.run(scheduler.now + 1_000);
    return told;
  };
  /** Somebody else writes the row. */
  const meddle = (rest: Partial<StoredBucket>) => {
    const row = table.rows.get('k') as VersionedBucket;
    table.apply('k', { ...row, ...rest }, row.version);
  };
  const level = () => table.rows.get('k')?.level;
  return { scheduler, table, state, reserver, pace, fly, change, meddle, level };
}

describe('Reserver', () => {
  it('creates the row with its first write, and never reads while it is alone', async () => {
    const { state, table, fly, level } = setUp();
    state.wanted = 100;
    expect([await fly(), await fly(), level()]).toEqual([true, true, 800]);
    expect(state.lots.map(({ left }) => left)).toEqual([100, 100]);
    expect([table.reads, table.writes]).toEqual([0, 2]);
  });

  it('has one reservation under way at a time', async () => {
    const { scheduler, reserver, state, table } = setUp();
    state.wanted = 1;
    const flights = [reserver.begin(0), reserver.begin(0), reserver.flight];
    expect(new Set(flights).size).toBe(1);
    await scheduler.run(scheduler.now + 1_000);
    expect([table.writes, reserver.flight]).toEqual([1, undefined]);
  });

  it.each(['lost', 'conflict'] as const)(
    'finds its own write that was %s, also under what others wrote',
    async (how) => {
      for (const others of [0, 5]) {
        const { state, fly, meddle, level } = setUp();
        state.wanted = 100;
        await fly();
        state.writes.push(how);
        const flight = fly();
        if (how === 'lost') {
          expect(await flight).toBe(false);
          for (let i = 0; i < others; i++) meddle({ writer: `x/${i} me:1/2 me:0/7` });
          state.wanted = 0;
          await fly();
        } else expect(await flight).toBe(true);
        expect(state.lots.map(({ left }) => left)).toEqual([100, 100]);
        expect(level()).toBe(800);
      }
    },
  );

  it('does not use what a lost write reserved before a reset', async () => {
    const { state, fly, meddle } = setUp();
    state.wanted = 100;
    await fly();
    state.writes.push('lost');
    await fly();
    meddle({ writer: 'x/1 me:1/2', epoch: 1 });
    state.wanted = 0;
    await fly();
    expect(state.lots.filter(({ left }) => left > 0)).toHaveLength(1);
    expect(state.epochs.at(-1)).toBe(1);
  });

  it.each<[string, string, number]>([
    ['once where its write had landed', 'x/1 me:1/2', 950],
    ['again where it had not', 'x/1 me:1/1', 1_000],
    ['no more where that cannot be told', Array.from({ length: 16 }, (_, i) => `x${i}/1`).join(' '), 950],
  ])('gives back %s', async (_, writer, expected) => {
    const { state, change, fly, meddle, level } = setUp();
    state.wanted = 100;
    await fly();
    state.wanted = 0;
    state.writes.push('fails');
    expect(await change(50)).toBe(false);
    meddle({ writer, level: 950 });
    await fly();
    await fly();
    expect(level()).toBe(expected);
  });

  it('charges again where it cannot tell whether it has charged', async () => {
    const { state, change, fly, meddle, level } = setUp();
    state.wanted = 100;
    await fly();
    state.wanted = 0;
    state.writes.push('fails');
    expect(await change(-50)).toBe(false);
    meddle({ writer: Array.from({ length: 16 }, (_, i) => `x${i}/1`).join(' ') });
    await fly();
    expect(level()).toBe(850);
  });

  it('does not remember attempts without end where it may read and not write', async () => {
    const { state, change, fly, level } = setUp();
    state.wanted = 100;
    await fly();
    state.wanted = 0;
    state.writes.push(...Array.from({ length: 9 }, () => 'fails' as const));
    expect(await change(50)).toBe(false);
    for (let i = 0; i < 8; i++) expect(await fly()).toBe(false);
    // It counts as given, for one of the nine may still land.
    expect([await fly(), level()]).toEqual([true, 900]);
  });

  it('writes a correction that came while a reservation was under way', async () => {
    const { scheduler, state, reserver, fly, change, level } = setUp();
    state.wanted = 100;
    await fly();
    void reserver.begin(scheduler.now);
    state.wanted = 0;
    expect(await change(30)).toBe(true);
    expect(level()).toBe(1_000 - 100 + 30);
  });

  it('draws nothing while the bucket is blocked, and says the bucket is empty', async () => {
    const { scheduler, state, reserver, fly, change, level } = setUp();
    state.wanted = 100;
    await fly();
    const told = reserver.change({ amount: 0, reservedAt: 0, blockUntil: scheduler.now + 60_000 });
    expect(reserver.pendingBlock).toBe(scheduler.now + 60_000);
    await scheduler.run(scheduler.now + 1_000);
    expect([await told, reserver.pendingBlock]).toEqual([true, 0]);
    await fly();
    expect(await change(10)).toBe(true);
    expect([level(), state.lots.filter(({ left }) => left > 0).length, state.emptied]).toEqual([910, 1, 1]);
  });

  it('looks again at what it knew for empty, within seven seconds', async () => {
    const { scheduler, state, table, fly, meddle } = setUp();
    state.wanted = 1_000;
    await fly();
    await fly();
    expect([state.emptied, table.reads]).toEqual([1, 0]);
    meddle({ level: 1_000, epoch: 1 });
    await scheduler.run(scheduler.now + 6_250);
    await fly();
    expect([table.reads, state.lots.at(-1)]).toMatchObject([1, { left: 1_000, epoch: 1 }]);
  });

  it('is told of answers about its own bucket only, and not of failures', async () => {
    const { scheduler, state, reserver, fly } = setUp();
    state.wanted = 1;
    const began = scheduler.now;
    state.writes.push('fails');
    await fly();
    expect(reserver.hasAnsweredSince(began)).toBe(false);
    await fly();
    expect(reserver.hasAnsweredSince(began)).toBe(true);
    expect(reserver.hasAnsweredSince(scheduler.now)).toBe(false);
  });

  it('does not wait longer because the clock was set back', async () => {
    const { scheduler, state, reserver, pace, fly } = setUp();
    state.wanted = 1;
    for (let i = 0; i < 20; i++) pace.conflicted();
    await fly();
    state.backMs = 3_600_000;
    void reserver.begin(scheduler.now - state.backMs);
    await scheduler.run(scheduler.now + 100);
    expect(state.lots).toHaveLength(2);
  });

  it('gives up after eight conflicts in a row and keeps the correction for later', async () => {
    const { table, state, fly, change, level } = setUp();
    state.wanted = 1;
    await fly();
    state.wanted = 0;
    const meddling = table.write.bind(table);
    let writes = 0;
    table.write = async (key, bucket, version) => {
      if (++writes > 24) return meddling(key, bucket, version);
      const row = table.rows.get('k') as VersionedBucket;
      table.apply('k', { ...row, writer: `x/${writes} me:1/1` }, row.version);
      return undefined;
    };
    const told = change(1);
    for (let i = 0; i < 5; i++) await fly();
    expect([await told, writes, level()]).toEqual([false, 25, 1_000]);
    expect(freshRow(window, 0).level).toBe(1_000);
  });
});
