import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { type Fate, JobWorld } from '../../support/jobWorld.ts';
import { pick, seeded } from '../../support/simulation.ts';

const minute = 60_000;
const once = (world: JobWorld) => Object.fromEntries([...world.paid].sort());
const eachOnce = (steps: number) =>
  Object.fromEntries(Array.from({ length: steps }, (_, i) => [`step-${i}`, 1]));

describe('a job', () => {
  it('goes from queued through running to done, with progress between', async () => {
    const world = new JobWorld();
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    expect(await world.job(id)).toMatchObject({ state: 'queued' });
    await world.run(minute);
    const running = await world.job(id);
    expect(running).toMatchObject({ state: 'running', losses: 0 });
    expect(JSON.parse(running?.progress ?? '')).toMatchObject({
      stage: 'assessing',
      stepsDone: 2,
      tokens: 200,
    });
    await world.runToEnd();
    const done = await world.job(id);
    expect(done).toMatchObject({ state: 'done' });
    for (const gone of ['owner', 'ownedUntil', 'dueAt', 'overdueAt']) expect(done).not.toHaveProperty(gone);
    expect(once(world)).toEqual(eachOnce(5));
    expect(world.blobs.names('audit-jobs')).toEqual([`${id}/result.json`]);
  });

  it('goes on where it was after its time in an invocation is up', async () => {
    const world = new JobWorld({ steps: 30, sliceMs: 4 * minute + 1_000 });
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.runToEnd();
    expect(await world.job(id)).toMatchObject({ state: 'done', losses: 0 });
    expect(world.wasted).toEqual([]);
    // What was under way at the end of each of two slices was begun again.
    expect(world.paidInAll).toBe(32);
  });

  it('is begun again within two minutes where its worker is lost', async () => {
    const calm = new JobWorld();
    await calm.submit();
    await calm.runToEnd();
    expect(calm.operations).toBeGreaterThan(40);
    for (let at = 4; at < calm.operations; at += 3) {
      const world = new JobWorld({ fate: (operation) => (operation === at ? 'crash-after' : 'fine') });
      const { partitionKey: id = '' } = (await world.submit()) ?? {};
      if (id === '') continue;
      await world.run(5 * 20_000 + 2 * minute + 20_000);
      expect([at, (await world.job(id))?.state, world.crashes]).toEqual([at, 'done', 1]);
      expect(world.wasted).toEqual([]);
    }
  });

  it('stops within seconds once it is canceled, and keeps nothing', async () => {
    const world = new JobWorld({ steps: 30 });
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.run(minute);
    expect(await world.cancel(id)).toMatchObject({ state: 'canceled' });
    const paid = world.paid.size;
    await world.run(10_000);
    expect(world.lines).toContainEqual(
      expect.objectContaining({ event: 'audit-job-stopped', fields: { job: id, reason: 'canceled' } }),
    );
    await world.runToEnd();
    expect(world.paid.size).toBe(paid);
    expect(await world.job(id)).toMatchObject({ state: 'canceled' });
    expect(world.blobs.names('audit-jobs')).toEqual([]);
    expect(await world.cancel(id)).toMatchObject({ state: 'canceled' });
  });

  it('that is canceled before its turn never begins', async () => {
    const world = new JobWorld();
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.cancel(id);
    await world.runToEnd();
    expect(world.paid.size).toBe(0);
  });

  it('waits for a limit as long as that says, and then goes on', async () => {
    const full = new AppError('quota-exceeded', 'The limit is reached.', { retryAfter: 300 });
    const world = new JobWorld({ failing: (paid) => (paid === 2 ? full : undefined) });
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.run(2 * minute);
    const waiting = await world.job(id);
    expect(waiting).toMatchObject({ state: 'running', dueAt: expect.any(Date) });
    expect(waiting).not.toHaveProperty('owner');
    const { now } = world.scheduler;
    await world.run((waiting?.dueAt?.getTime() ?? 0) - now - 1_000);
    expect(await world.job(id)).not.toHaveProperty('owner');
    await world.runToEnd();
    expect(await world.job(id)).toMatchObject({ state: 'done' });
    expect(world.wasted).toEqual([]);
  });

  it('fails with what limits it, where that does not pass', async () => {
    const full = new AppError('quota-exceeded', 'The limit is reached.', { retryAfter: 30 });
    const world = new JobWorld({ failing: () => full });
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.runToEnd();
    const failed = await world.job(id);
    expect(failed).toMatchObject({ state: 'failed' });
    expect(JSON.parse(failed?.problem ?? '')).toMatchObject({ code: 'quota-exceeded', status: 429 });
    expect(world.paidInAll).toBe(11);
  });

  it('fails at once with what trying again cannot mend, and tells no secret of a fault', async () => {
    const cases: [Error, object][] = [
      [
        new AppError('engine-failed', 'No usable answer.'),
        { code: 'engine-failed', detail: 'No usable answer.' },
      ],
      [new Error('secret text'), { code: 'internal', detail: expect.not.stringContaining('secret') }],
    ];
    for (const [error, problem] of cases) {
      const world = new JobWorld({ failing: () => error as AppError });
      const { partitionKey: id = '' } = (await world.submit()) ?? {};
      await world.runToEnd();
      expect(JSON.parse((await world.job(id))?.problem ?? '')).toMatchObject(problem);
      expect(once(world)).toEqual({ 'step-0': 1 });
    }
  });

  it('fails once five workers were lost over it', async () => {
    const world = new JobWorld({ deadly: (paid) => paid >= 2 });
    const { partitionKey: id = '' } = (await world.submit()) ?? {};
    await world.runToEnd();
    const failed = await world.job(id);
    expect(failed).toMatchObject({ state: 'failed', losses: 4 });
    expect(JSON.parse(failed?.problem ?? '')).toMatchObject({ code: 'internal', status: 500 });
    expect([world.crashes, once(world)]).toEqual([5, { 'step-0': 1, 'step-1': 1, 'step-2': 5 }]);
  });

  it('does not run while the instance has as many as it may', async () => {
    const world = new JobWorld({ random: () => 0.1, steps: 3 });
    for (let i = 0; i < 6; i++) await world.submit(`k${i}`);
    await world.run(10_000);
    const states = async () => {
      const rows = await Array.fromAsync(world.tables.listKey('jobs', 'job'));
      return rows.map(({ state }) => String(state)).sort();
    };
    expect(await states()).toEqual(['queued', 'queued', 'queued', 'queued', 'running', 'running']);
    await world.runToEnd();
    expect(new Set(await states())).toEqual(new Set(['done']));
  });
});

describe('equal jobs on two instances', () => {
  it('are one paying run', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new JobWorld({ random: seeded(seed), steps: 4 });
      const ids = [await world.submit(), await world.submit()].map((row) => row?.partitionKey ?? '');
      await world.runToEnd();
      for (const id of ids) expect(await world.job(id)).toMatchObject({ state: 'done' });
      expect(once(world)).toEqual(eachOnce(4));
      expect(world.wasted).toEqual([]);
    }
  });
});

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe('whatever the order of messages', () => {
  it('each step is done once where they only double and change places', async () => {
    for (const seed of seeds) {
      const random = seeded(seed);
      const world = new JobWorld({
        random,
        twice: 0.5,
        steps: 6,
        sliceMs: pick([45_000, 480_000], random()),
      });
      const ids = [await world.submit(), await world.submit()].map((row) => row?.partitionKey ?? '');
      await world.runToEnd();
      for (const id of ids) expect([seed, (await world.job(id))?.state]).toEqual([seed, 'done']);
      expect([seed, world.wasted]).toEqual([seed, []]);
      expect([seed, Object.keys(once(world)).length]).toEqual([seed, 6]);
    }
  });

  it('no finished step is done again though workers are lost, stand still and storage fails', async () => {
    let [crashes, paid] = [0, 0];
    for (const seed of seeds) {
      const random = seeded(seed);
      const chance = seeded(seed + 1_000);
      const fates: Fate[] = ['crash-before', 'crash-after', 'fail-before', 'fail-after', 'stand-still'];
      const world = new JobWorld({
        random,
        twice: 0.3,
        steps: 6,
        fate: () => (chance() < 0.01 ? pick(fates, chance()) : 'fine'),
      });
      const ids = [await world.submit(), await world.submit()].flatMap((row) => row?.partitionKey ?? []);
      await world.runToEnd();
      for (const id of ids) {
        const { state, problem } = (await world.job(id)) ?? {};
        expect([seed, state, problem]).toEqual([seed, 'done', undefined]);
      }
      expect([seed, world.wasted]).toEqual([seed, []]);
      crashes += world.crashes;
      paid += world.paidInAll;
    }
    expect(crashes).toBeGreaterThan(20);
    expect(paid).toBeLessThan(seeds.length * 6 * 1.3);
  });
});
