import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BucketStore, StoredBucket } from '../../../shared/limits/bucketStore.ts';
import { GuardedStore } from '../../../shared/limits/guardedStore.ts';
import { Scheduler, skewedClock } from '../../support/simulation.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

const bucket: StoredBucket = {
  level: 1,
  capacity: 1,
  refill: 1,
  at: 0,
  epoch: 0,
  blockedUntil: 0,
  writer: 'w',
  outstanding: 0,
  outstandingUntil: 0,
  idleAt: 0,
};

let telemetry: MemoryTelemetry;
beforeEach(() => {
  telemetry = startMemoryTelemetry();
});
afterEach(() => telemetry.stop());

/** A guarded store with a limit of 100 ms; `read` answers as told. */
function guarded(answer: (scheduler: Scheduler) => Promise<undefined>) {
  const scheduler = new Scheduler();
  const inner: BucketStore = { read: () => answer(scheduler), write: async () => 'v1' };
  const store = new GuardedStore(
    inner,
    skewedClock(scheduler, 0, () => 0.5),
    100,
  );
  const read = async () => {
    let outcome = 'pending';
    store.read('k').then(
      () => {
        outcome = 'done';
      },
      (error: Error) => {
        outcome = error.message;
      },
    );
    await scheduler.run(scheduler.now + 100);
    return outcome;
  };
  return { scheduler, store, read };
}

const fail = async (): Promise<undefined> => {
  throw new Error('gone');
};

async function counted(name: string): Promise<[Record<string, unknown>, number][]> {
  const metric = (await telemetry.metrics()).find((m) => m.descriptor.name === name);
  return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
    attributes,
    typeof value === 'number' ? value : (value as { count: number }).count,
  ]);
}

describe('GuardedStore', () => {
  it('passes answers and failures on, and records both', async () => {
    const { store } = guarded(async () => undefined);
    expect(await store.read('k')).toBeUndefined();
    expect(await store.write('k', bucket, undefined)).toBe('v1');
    await expect(guarded(fail).store.read('k')).rejects.toThrow('gone');
    expect(await counted('gatehouse.rate_limit.store.duration')).toEqual([
      [{ 'gatehouse.operation': 'read', 'gatehouse.outcome': 'done' }, 1],
      [{ 'gatehouse.operation': 'write', 'gatehouse.outcome': 'done' }, 1],
      [{ 'gatehouse.operation': 'read', 'gatehouse.outcome': 'failed' }, 1],
    ]);
  });

  it('gives up at its limit, and does not mind how a late answer ends', async () => {
    const slow = guarded(async (scheduler) => {
      await scheduler.wait(250);
      throw new Error('too late to matter');
    });
    expect(await slow.read()).toBe('the bucket store did not read within 100 ms');
    await slow.scheduler.run(slow.scheduler.now + 1_000);
    const inTime = guarded(async (scheduler) => {
      await scheduler.wait(99);
      return undefined;
    });
    expect(await inTime.read()).toBe('done');
  });

  it('leaves a store alone that fails three times, probes it once a pause, and returns', async () => {
    let [broken, asked] = [true, 0];
    const { scheduler, store, read } = guarded(async () => {
      asked++;
      if (broken) throw new Error('gone');
      return undefined;
    });
    for (let i = 0; i < 3; i++) expect(await read()).toBe('gone');
    expect([store.isDown, store.mayAsk(scheduler.now)]).toEqual([true, false]);
    await scheduler.run(scheduler.now + 1_000);
    expect([store.mayAsk(scheduler.now), store.mayAsk(scheduler.now)]).toEqual([true, false]);
    expect(await read()).toBe('gone');
    await scheduler.run(scheduler.now + 1_000);
    expect(store.mayAsk(scheduler.now)).toBe(false);
    await scheduler.run(scheduler.now + 1_000);
    broken = false;
    expect(store.mayAsk(scheduler.now)).toBe(true);
    expect(await read()).toBe('done');
    expect([store.isDown, store.mayAsk(scheduler.now), asked]).toEqual([false, true, 5]);
    expect(await counted('gatehouse.rate_limit.breaker')).toEqual([
      [{ 'gatehouse.state': 'open' }, 1],
      [{ 'gatehouse.state': 'closed' }, 1],
    ]);
  });

  it('lets another probe where the first had nothing to ask', async () => {
    const { scheduler, store, read } = guarded(fail);
    for (let i = 0; i < 3; i++) await read();
    await scheduler.run(scheduler.now + 1_000);
    expect(store.mayAsk(scheduler.now)).toBe(true);
    store.done();
    expect(store.mayAsk(scheduler.now)).toBe(true);
  });
});
