import { describe, expect, it } from 'vitest';
import { TableBucketStore } from '../../../shared/limits/bucketStore.ts';
import type { Clock } from '../../../shared/limits/clock.ts';
import { deleteIdleBuckets } from '../../../shared/limits/idleBuckets.ts';
import { LimitAdmin } from '../../../shared/limits/limitAdmin.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import type { OwnLimits } from '../../../shared/limits/ownLimits.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { MemoryTableStore } from '../../../shared/storage/memory/memoryTableStore.ts';

const hourly: PolicyInput = {
  name: 'p',
  operations: ['audit'],
  scope: 'caller',
  limits: [
    { quota: 60, window: '1h' },
    { quota: 5, window: '1m' },
  ],
};

/** Short waits end at once, long ones never. */
const clockOf = (time: { now: number }): Clock => ({
  now: () => time.now,
  random: () => 0.5,
  wait: (ms) => ({ done: ms < 50 ? Promise.resolve() : new Promise(() => {}), cancel: () => {} }),
});

function setup(input: PolicyInput = hourly) {
  const tables = new MemoryTableStore();
  const store = new TableBucketStore(tables);
  const time = { now: Date.parse('2026-11-21T10:00:00Z') };
  const clock = clockOf(time);
  const policies = [policySchema.parse(input)];
  const instance = (name: string) => {
    const limiter = new Limiter({ policies, store, instance: name, clock });
    return { limiter, admin: new LimitAdmin({ policies, store, limiter, clock }) };
  };
  const check = async ({ limiter }: { limiter: Limiter }, identifier = 'a') =>
    (await limiter.check('audit', { caller: identifier })).kind;
  return { tables, time, instance, check };
}

describe('status', () => {
  it('of a bucket nobody has used is full', async () => {
    const { instance, tables } = setup();
    expect(await instance('i').admin.status('p', 'a')).toMatchObject({
      policy: 'p',
      unit: 'requests',
      mode: 'enforce',
      tokens_remaining: 60,
      reset_time: null,
      total_limit: 60,
    });
    expect(await Array.fromAsync(tables.listBefore('buckets', 'idleAt', new Date('2100-01-01')))).toEqual([]);
  });

  it('takes nothing, tells the tightest window, and what refills it when', async () => {
    const { instance, check, time } = setup();
    const one = instance('i');
    for (let i = 0; i < 3; i++) expect(await check(one)).toBe('allowed');
    const status = await one.admin.status('p', 'a');
    expect(status).toMatchObject({
      tokens_remaining: 2,
      total_limit: 5,
      reset_time: '2026-11-21T10:00:36.000Z',
      windows: [
        { window: '1h', tokens_remaining: 57, total_limit: 60 },
        { window: '1m', tokens_remaining: 2, total_limit: 5 },
      ],
    });
    expect(await one.admin.status('p', 'a')).toEqual(status);
    time.now += 12_000;
    expect((await one.admin.status('p', 'a')).tokens_remaining).toBe(3);
  });

  it('counts what this instance holds, and says what others may', async () => {
    const { instance, check } = setup({ ...hourly, limits: [{ quota: 6_000, window: '1m' }] });
    const [here, there] = [instance('here'), instance('there')];
    for (let i = 0; i < 100; i++) await check(here);
    const mine = (await here.admin.status('p', 'a')).windows[0];
    const theirs = (await there.admin.status('p', 'a')).windows[0];
    expect(mine?.tokens_remaining).toBe(5_900);
    expect(theirs?.held_here).toBe(0);
    expect(theirs?.held_elsewhere_at_most).toBeGreaterThanOrEqual(mine?.held_here ?? 1);
    expect((theirs?.tokens_remaining ?? 0) + (theirs?.held_elsewhere_at_most ?? 0)).toBeGreaterThanOrEqual(
      5_900,
    );
  });

  it('of a store that cannot be read is an error with the members a reader looks for', async () => {
    const { instance, tables } = setup();
    tables.get = async () => {
      throw new Error('down');
    };
    await expect(instance('i').admin.status('p', 'a')).rejects.toMatchObject({
      code: 'storage-unavailable',
      details: { tokens_remaining: null, reset_time: null, total_limit: 60, error: expect.any(String) },
    });
  });

  it('of a policy there is none of says which there are', async () => {
    await expect(setup().instance('i').admin.status('q', 'a')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('There are: p.'),
    });
  });
});

describe('identifier', () => {
  it('me is the caller, where the policy tells callers apart', () => {
    const { admin } = setup().instance('i');
    expect([admin.identifier('p', 'me', 'key-1'), admin.identifier('p', 'x', 'key-1')]).toEqual([
      'key-1',
      'x',
    ]);
    const tenants = setup({ ...hourly, scope: 'tenant' }).instance('i').admin;
    expect(() => tenants.identifier('p', 'me', 'key-1')).toThrow('for each tenant');
  });

  it('of a policy for everybody there is one', () => {
    const { admin } = setup({ ...hourly, scope: 'global' }).instance('i');
    expect([admin.identifier('p', '*', 'k'), admin.identifier('p', 'me', 'k')]).toEqual(['*', '*']);
    expect(() => admin.identifier('p', 'acme', 'k')).toThrow('name one as *');
  });
});

describe('reset', () => {
  it('fills the bucket for every instance, those that knew it for empty within seven seconds', async () => {
    const { instance, check, time } = setup();
    const [one, two] = [instance('one'), instance('two')];
    for (let i = 0; i < 5; i++) expect(await check(one)).toBe('allowed');
    expect([await check(one), await check(two)]).toEqual(['refused', 'refused']);
    await one.admin.reset('p', 'a');
    expect(await check(one)).toBe('allowed');
    time.now += 7_000;
    expect(await check(two)).toBe('allowed');
    expect((await two.admin.status('p', 'a')).windows[1]?.tokens_remaining).toBe(3);
  });

  it('voids what other instances hold', async () => {
    const { instance, check } = setup({ ...hourly, limits: [{ quota: 6_000, window: '1m' }] });
    const [one, two] = [instance('one'), instance('two')];
    for (let i = 0; i < 100; i++) await check(two);
    const held = (await two.admin.status('p', 'a')).windows[0]?.held_here ?? 0;
    expect(held).toBeGreaterThan(0);
    await one.admin.reset('p', 'a');
    for (let i = 0; i <= held; i++) await check(two);
    const { windows } = await one.admin.status('p', 'a');
    expect(windows[0]?.tokens_remaining).toBeLessThan(6_000);
    expect(windows[0]?.tokens_remaining).toBeGreaterThan(6_000 - 2 * held - 100);
  });

  it('of a bucket that is not there leaves none behind', async () => {
    const { instance, tables } = setup();
    await instance('i').admin.reset('p', 'nobody');
    expect(await Array.fromAsync(tables.listBefore('buckets', 'idleAt', new Date('2100-01-01')))).toEqual([]);
  });

  it('of a bucket that is always in use gives up', async () => {
    const { instance, check, tables } = setup();
    const one = instance('i');
    await check(one);
    tables.write = async () => undefined;
    await expect(one.admin.reset('p', 'a')).rejects.toMatchObject({
      code: 'storage-unavailable',
      retryAfter: 1,
    });
  });
});

describe('idle buckets', () => {
  it('go after two windows, and nobody notices; those in use stay', async () => {
    const { instance, check, tables, time } = setup();
    const one = instance('i');
    await check(one, 'old');
    time.now += 2 * 3_600_000 - 10;
    await check(one, 'new');
    expect(await deleteIdleBuckets(tables, new Date(time.now), 100)).toBe(1);
    time.now += 20;
    expect(await deleteIdleBuckets(tables, new Date(time.now), 100)).toBe(1);
    expect((await one.admin.status('p', 'new')).tokens_remaining).toBe(4);
    expect(await check(one, 'old')).toBe('allowed');
  });

  it('go no more than asked for in one run', async () => {
    const { instance, check, tables, time } = setup();
    const one = instance('i');
    for (const id of ['a', 'b', 'c']) await check(one, id);
    expect(await deleteIdleBuckets(tables, new Date(time.now + 86_400_000), 4)).toBe(4);
    expect(await deleteIdleBuckets(tables, new Date(time.now + 86_400_000), 4)).toBe(2);
  });

  it('that are used between the look and the deletion stay', async () => {
    const { instance, check, tables, time } = setup();
    const one = instance('i');
    await check(one);
    const list = tables.listBefore.bind(tables);
    const later = new Date(time.now + 86_400_000);
    tables.listBefore = async function* (table, property, before) {
      for await (const row of list(table, property, before)) {
        await check(one);
        yield row as never;
      }
    };
    await deleteIdleBuckets(tables, later, 100);
    expect((await one.admin.status('p', 'a')).windows[1]?.tokens_remaining).toBe(2);
  });
});

describe('limits a tenant has of its own', () => {
  const common: PolicyInput = {
    name: 'calls-tenant',
    operations: ['assistant-request'],
    scope: 'tenant',
    limits: [{ quota: 600, window: '1m' }],
  };

  function world(input: PolicyInput = common) {
    const tables = new MemoryTableStore();
    const store = new TableBucketStore(tables);
    const time = { now: Date.parse('2026-11-21T10:00:00Z') };
    const clock = clockOf(time);
    const policies = [policySchema.parse(input)];
    const limiter = new Limiter({ policies, store, instance: 'i', clock });
    const owns: Record<string, OwnLimits | undefined> = {};
    const asked: string[] = [];
    const ownLimits = async (tenant: string) => {
      asked.push(tenant);
      return owns[tenant];
    };
    const admin = new LimitAdmin({ policies, store, limiter, clock, ownLimits });
    const call = async (tenant: string) =>
      (await limiter.check('assistant-request', { tenant }, {}, 'some', owns[tenant])).kind;
    return { tables, time, owns, asked, admin, call };
  }

  it('are told for the tenant, and those of the policy for any other', async () => {
    const { admin, owns, call } = world();
    owns.acme = {
      calls: [
        { quota: 3, window: '1m' },
        { quota: 50, window: '1h' },
      ],
    };
    expect(await admin.status('calls-tenant', 'acme')).toMatchObject({ tokens_remaining: 3, total_limit: 3 });
    await call('acme');
    expect(await admin.status('calls-tenant', 'acme')).toMatchObject({
      tokens_remaining: 2,
      total_limit: 3,
      windows: [
        { window: '1m', total_limit: 3, tokens_remaining: 2 },
        { window: '1h', total_limit: 50, tokens_remaining: 49 },
      ],
    });
    for (const other of ['bella', 'nobody'])
      expect((await admin.status('calls-tenant', other)).windows).toMatchObject([
        { window: '1m', total_limit: 600 },
      ]);
  });

  it('tell how it stands at once when they change, and when the last is taken away', async () => {
    const { admin, owns, call } = world();
    const remaining = async (quota?: number) => {
      owns.acme = quota === undefined ? undefined : { calls: [{ quota, window: '1m' }] };
      return (await admin.status('calls-tenant', 'acme')).tokens_remaining;
    };
    expect(await remaining(5)).toBe(5);
    for (let i = 0; i < 5; i++) expect(await call('acme')).toBe('allowed');
    expect(await call('acme')).toBe('refused');
    expect([await remaining(20), await remaining(3), await remaining()]).toEqual([15, 0, 595]);
    expect(await call('acme')).toBe('allowed');
  });

  it('are filled by a reset', async () => {
    const { admin, owns, call } = world();
    owns.acme = { calls: [{ quota: 2, window: '1h' }] };
    for (const kind of ['allowed', 'allowed', 'refused']) expect(await call('acme')).toBe(kind);
    await admin.reset('calls-tenant', 'acme');
    expect(await admin.status('calls-tenant', 'acme')).toMatchObject({
      tokens_remaining: 2,
      reset_time: null,
    });
    for (const kind of ['allowed', 'allowed', 'refused']) expect(await call('acme')).toBe(kind);
  });

  it('are in the error where the store cannot be read, and null where nobody knows which limits hold', async () => {
    const { admin, owns, tables } = world();
    owns.acme = { calls: [{ quota: 7, window: '1m' }] };
    tables.get = async () => {
      throw new Error('down');
    };
    await expect(admin.status('calls-tenant', 'acme')).rejects.toMatchObject({
      code: 'storage-unavailable',
      details: { tokens_remaining: null, total_limit: 7 },
    });
    Object.defineProperty(owns, 'acme', {
      get: () => {
        throw new Error('down');
      },
    });
    const unknown = { code: 'storage-unavailable', details: { tokens_remaining: null, total_limit: null } };
    await expect(admin.status('calls-tenant', 'acme')).rejects.toMatchObject(unknown);
    await expect(admin.reset('calls-tenant', 'acme')).rejects.toMatchObject(unknown);
  });

  it('are asked for only where the policy is one that a tenant may have of its own', async () => {
    const { admin, asked } = world({ ...common, scope: 'phone-number' });
    await admin.status('calls-tenant', '+61255501234');
    expect(asked).toEqual([]);
  });

  it('leave rows that are deleted once idle, and not while something of them is used', async () => {
    const { admin, owns, call, tables, time } = world();
    owns.acme = { calls: [{ quota: 60, window: '1h' }] };
    for (let i = 0; i < 60; i++) await call('acme');
    owns.acme = { calls: [{ quota: 6, window: '1h' }] };
    time.now += 58 * 60_000;
    expect(await call('acme')).toBe('allowed');
    const used = 6 - (await admin.status('calls-tenant', 'acme')).tokens_remaining;
    expect(used).toBe(3);
    expect(await deleteIdleBuckets(tables, new Date(time.now + 119 * 60_000), 10)).toBe(0);
    expect(await deleteIdleBuckets(tables, new Date(time.now + 121 * 60_000), 10)).toBe(1);
    expect((await admin.status('calls-tenant', 'acme')).tokens_remaining).toBe(6);
  });
});
