import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../local/storage/azurite.ts';
import {
  type BucketStore,
  bucketKey,
  bucketTable,
  type StoredBucket,
  TableBucketStore,
} from '../../../shared/limits/bucketStore.ts';
import { deleteIdleBuckets } from '../../../shared/limits/idleBuckets.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { policySchema } from '../../../shared/limits/policy.ts';
import { createAzureStores } from '../../../shared/storage/azure/azureStores.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import type { TableStore } from '../../../shared/storage/tableStore.ts';

const now = Date.UTC(2026, 10, 21, 1, 2, 3, 456);

const bucket = (rest: Partial<StoredBucket> = {}): StoredBucket => ({
  level: 3_999_999_999_999_999,
  capacity: 4_000_000_000_000_000,
  refill: 3_999_999_999_999_998,
  at: now,
  epoch: 2,
  blockedUntil: now + 1,
  writer: 'i1:7/3 i2:1/9',
  outstanding: 5_000_000_000,
  outstandingUntil: now + 2,
  idleAt: now + 31 * 86_400_000,
  ...rest,
});

let azurite: Azurite;
const twins: Record<string, () => Promise<TableStore>> = {
  memory: async () => createMemoryStores().tables,
  async azure() {
    azurite = await startAzurite();
    return (await createAzureStores({ connectionString: azurite.connectionString })).tables;
  },
};

afterAll(() => azurite?.stop());

describe.each(Object.keys(twins))('buckets in %s tables', (name) => {
  let tables: TableStore;
  let store: BucketStore;
  beforeAll(async () => {
    tables = await (twins[name] as () => Promise<TableStore>)();
    store = new TableBucketStore(tables);
  });

  it('come back as they were written, in debt, beyond 2^32 and to the millisecond', async () => {
    expect(await store.read('none')).toBeUndefined();
    for (const [key, written] of Object.entries({
      full: bucket(),
      debt: bucket({ level: -Number.MAX_SAFE_INTEGER, blockedUntil: 0, writer: '' }),
      small: bucket({ level: 1, outstanding: 0, idleAt: Date.UTC(9999, 11, 31) }),
    })) {
      const version = await store.write(key, written, undefined);
      expect(version).toEqual(expect.any(String));
      expect(await store.read(key)).toEqual({ ...written, version });
    }
  });

  it('that a version of the app wrote which told no shape have none', async () => {
    const { capacity, refill, ...told } = bucket();
    await store.write('older', { ...told, capacity, refill }, undefined);
    const row = await tables.get(bucketTable, 'older', 'older');
    if (!row) throw new Error('no row');
    const { capacity: _, refill: __, ...older } = row;
    await tables.replace(bucketTable, older);
    expect(await store.read('older')).toMatchObject({ ...told, capacity: 0, refill: 0 });
  });

  it('are made once, and written over only by who knows the last version', async () => {
    const first = await store.write('k', bucket({ level: 1 }), undefined);
    expect(await store.write('k', bucket({ level: 2 }), undefined)).toBeUndefined();
    const second = await store.write('k', bucket({ level: 3 }), first);
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
    expect(await store.write('k', bucket({ level: 4 }), first)).toBeUndefined();
    expect(await store.read('k')).toMatchObject({ level: 3, version: second });
    await tables.delete(bucketTable, 'k', 'k');
    expect(await store.write('k', bucket({ level: 5 }), second)).toBeUndefined();
    expect(await store.read('k')).toBeUndefined();
  });

  it('let one of many writers through', async () => {
    const version = await store.write('race', bucket({ level: 0 }), undefined);
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, i) => store.write('race', bucket({ level: i + 1 }), version)),
    );
    expect(written.filter((done) => done !== undefined)).toHaveLength(1);
    expect(await store.read('race')).toMatchObject({
      level: written.findIndex((done) => done !== undefined) + 1,
    });
  });

  it('are deleted once idle, so many at a time, and not where they are used meanwhile', async () => {
    const old = { idleAt: Date.UTC(2026, 0, 1) };
    for (const key of ['old1', 'old2', 'old3']) await store.write(key, bucket(old), undefined);
    await store.write('fresh', bucket(), undefined);
    expect(await deleteIdleBuckets(tables, new Date(now), 2)).toBe(2);
    expect(await deleteIdleBuckets(tables, new Date(now), 10)).toBe(1);
    expect(await store.read('old1')).toBeUndefined();
    expect(await store.read('fresh')).toBeDefined();
    await store.write('used', bucket(old), undefined);
    const remove = tables.delete.bind(tables);
    tables.delete = async (...row) => {
      const { version } = (await store.read('used')) ?? {};
      await store.write('used', bucket(), version);
      await remove(...row);
    };
    await deleteIdleBuckets(tables, new Date(now), 10);
    tables.delete = remove;
    expect(await store.read('used')).toBeDefined();
  });

  it('hold a limit for several instances together', async () => {
    const policies = [
      policySchema.parse({
        name: 'p',
        operations: ['audit'],
        scope: 'caller',
        localShare: 0,
        limits: [{ quota: 40, window: '1h' }],
      }),
    ];
    const limiters = ['a', 'b', 'c'].map((instance) => new Limiter({ policies, store, instance }));
    let allowed = 0;
    for (let round = 0; round < 10; round++) {
      const decisions = await Promise.all(
        limiters.flatMap((limiter) => [1, 2].map(() => limiter.check('audit', { caller: 'x' }))),
      );
      allowed += decisions.filter(({ kind }) => kind === 'allowed').length;
    }
    expect(allowed).toBeLessThanOrEqual(40);
    expect(allowed).toBeGreaterThan(25);
    const row = await store.read(bucketKey('p', '1h', 'x'));
    expect(row?.level).toBeLessThanOrEqual(15_000_000);
  });
});

describe('bucketKey', () => {
  it('tells policies, windows and identifiers apart, and shows none of them', () => {
    const keys = [
      bucketKey('p', '1m', '+4930123456'),
      bucketKey('p', '1h', '+4930123456'),
      bucketKey('q', '1m', '+4930123456'),
      bucketKey('p', '1m', '+4930123457'),
      bucketKey('p 1m', '', '+4930123456'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{40}$/);
  });
});
