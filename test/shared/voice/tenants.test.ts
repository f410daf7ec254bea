import { describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { tenantSchema } from '../../../shared/voice/tenants/tenant.ts';
import { TenantDirectory } from '../../../shared/voice/tenants/tenantDirectory.ts';
import { TenantStore } from '../../../shared/voice/tenants/tenantStore.ts';
import { acme } from '../../support/voice.ts';

const line = { phoneNumberId: acme.phoneNumberIds[0], dialledNumber: acme.phoneNumbers[0] };
const other = {
  ...acme,
  tenantId: 'other',
  phoneNumberIds: ['other-id'],
  phoneNumbers: ['+61255505678'],
  assistantIds: ['assistant-1'],
};

async function directory(ttlMs = 1000) {
  const store = new TenantStore(createMemoryStores().tables);
  await store.put(acme);
  const find = vi.spyOn(store, 'findByLine');
  const clock = { now: 0 };
  return { store, find, clock, tenants: new TenantDirectory(store, ttlMs, () => clock.now) };
}

describe('tenantSchema', () => {
  it('defaults to Sydney and wants real zones, numbers and ids', () => {
    const { timezone: _, ...rest } = acme;
    expect(tenantSchema.parse(rest).timezone).toBe('Australia/Sydney');
    expect(() => tenantSchema.parse({ ...acme, timezone: 'Mars/Olympus' })).toThrow('IANA');
    expect(() => tenantSchema.parse({ ...acme, phoneNumbers: ['0255501234'] })).toThrow('E.164');
    expect(() => tenantSchema.parse({ ...acme, tenantId: 'a/b' })).toThrow('a-z');
    expect(() => tenantSchema.parse({ ...acme, tenantId: 'unassigned' })).toThrow('uses itself');
  });
});

describe('TenantStore', () => {
  it('goes by phone number id, then number, then assistant', async () => {
    const { store } = await directory();
    await store.put(other);
    const found = async (keys: object) => (await store.findByLine(keys))?.tenantId;
    expect(await found({ phoneNumberId: 'other-id', dialledNumber: '+61255501234' })).toBe('other');
    expect(await found({ phoneNumberId: 'not known', dialledNumber: '+61255501234' })).toBe('acme');
    expect(await found({ assistantId: 'assistant-1' })).toBe('other');
    expect(await found({})).toBeUndefined();
  });

  it('takes away the lines a tenant no longer has', async () => {
    const { store } = await directory();
    await store.put({ ...acme, phoneNumbers: ['+61255505678'] });
    expect(await store.findByLine({ dialledNumber: acme.phoneNumbers[0] })).toBeUndefined();
    expect((await store.findByLine({ dialledNumber: '+61255505678' }))?.tenantId).toBe('acme');
  });

  it("never takes another tenant's line, and then writes nothing", async () => {
    const { store } = await directory();
    const greedy = { ...other, phoneNumbers: ['+61255505678', ...acme.phoneNumbers] };
    await expect(store.put(greedy)).rejects.toMatchObject({
      code: 'line-taken',
      message: expect.stringMatching(/other: phoneNumbers\.1 .*"acme"/),
    });
    expect(await store.get('other')).toBeUndefined();
    expect((await store.findByLine({ dialledNumber: acme.phoneNumbers[0] }))?.tenantId).toBe('acme');
  });

  it('passes a line from one tenant to another when both are given', async () => {
    const { store } = await directory();
    await store.put({ ...acme, phoneNumbers: [] }, { ...other, phoneNumbers: acme.phoneNumbers });
    expect((await store.findByLine({ dialledNumber: acme.phoneNumbers[0] }))?.tenantId).toBe('other');
  });

  it('can be asked again after a write that failed half-way', async () => {
    const { tables } = createMemoryStores();
    const store = new TenantStore(tables);
    await store.put({ ...acme, phoneNumbers: ['+61255501234', '+61255505678'] });
    vi.spyOn(tables, 'delete').mockRejectedValueOnce(new Error('down'));
    await expect(store.put(acme)).rejects.toThrow('down');
    await store.put(acme);
    expect(await store.findByLine({ dialledNumber: '+61255505678' })).toBeUndefined();
    await store.put(other);
    expect((await store.findByLine({ dialledNumber: '+61255505678' }))?.tenantId).toBe('other');
  });

  it('keeps hostile keys inside their partition', async () => {
    const { store } = await directory();
    await store.put({ ...other, phoneNumberIds: ["x'/\\#?é"] });
    expect((await store.findByLine({ phoneNumberId: "x'/\\#?é" }))?.tenantId).toBe('other');
  });
});

describe('TenantDirectory', () => {
  it('asks the store once while fresh, and again after', async () => {
    const { tenants, find, clock } = await directory();
    expect(await tenants.find(line, 100)).toMatchObject({ kind: 'found', source: 'store' });
    expect(await tenants.find(line, 100)).toMatchObject({ kind: 'found', source: 'cache' });
    clock.now = 1001;
    expect(await tenants.find(line, 100)).toMatchObject({ source: 'store' });
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('renews behind the answer from the middle of the life of an entry, and never serves an older one', async () => {
    const { tenants, find, clock, store } = await directory();
    await tenants.find(line, 100);
    await store.put({ ...acme, businessName: 'Acme Pipes' });
    clock.now = 499;
    await tenants.find(line, 100);
    expect(find).toHaveBeenCalledTimes(1);
    clock.now = 500;
    expect(await tenants.find(line, 100)).toMatchObject({
      source: 'cache',
      tenant: { businessName: acme.businessName },
    });
    await vi.waitFor(async () =>
      expect(await tenants.find(line, 100)).toMatchObject({
        source: 'cache',
        tenant: { businessName: 'Acme Pipes' },
      }),
    );
    expect(find).toHaveBeenCalledTimes(2);
    clock.now = 1400;
    expect(await tenants.find(line, 100)).toMatchObject({ source: 'cache' });
  });

  it('tries to renew once a second while the store fails, and serves what it has', async () => {
    const { tenants, find, clock } = await directory(10_000);
    await tenants.find(line, 100);
    find.mockRejectedValue(new Error('down'));
    for (clock.now = 5_000; clock.now < 7_000; clock.now += 100)
      expect(await tenants.find(line, 100)).toMatchObject({ source: 'cache' });
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('forgets the line that was asked for longest ago', async () => {
    const { tenants, find, clock } = await directory(300_000);
    await tenants.find(line, 100);
    for (let i = 0; i < 10_000; i++) {
      clock.now = Math.floor(i / 2);
      if (i === 5_000) await tenants.find(line, 100);
      await tenants.find({ dialledNumber: `unknown ${i}` }, 100);
    }
    find.mockClear();
    expect(await tenants.find(line, 100)).toMatchObject({ source: 'cache' });
    expect(await tenants.find({ dialledNumber: 'unknown 0' }, 100)).toEqual({ kind: 'unknown' });
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('remembers unknown lines too', async () => {
    const { tenants, find } = await directory();
    const unknown = { dialledNumber: '+61255509999' };
    expect(await tenants.find(unknown, 100)).toEqual({ kind: 'unknown' });
    expect(await tenants.find(unknown, 100)).toEqual({ kind: 'unknown' });
    expect(find).toHaveBeenCalledTimes(1);
    expect(await tenants.find({}, 100)).toEqual({ kind: 'unknown' });
  });

  it('asks once for many who ask at the same moment', async () => {
    const { tenants, find } = await directory();
    await Promise.all(Array.from({ length: 20 }, () => tenants.find(line, 100)));
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('serves what it last knew when the store fails or hangs', async () => {
    const { tenants, find, clock } = await directory();
    await tenants.find(line, 100);
    clock.now = 5000;
    find.mockRejectedValueOnce(new Error('down'));
    expect(await tenants.find(line, 100)).toMatchObject({ kind: 'found', source: 'last-known' });
    find.mockReturnValueOnce(new Promise(() => {}));
    expect(await tenants.find(line, 10)).toMatchObject({ kind: 'found', source: 'last-known' });
  });

  it('asks again after a read that hung, instead of waiting for it for ever', async () => {
    const { tenants, find } = await directory();
    find.mockReturnValueOnce(new Promise(() => {}));
    expect((await tenants.find(line, 10)).kind).toBe('unavailable');
    expect(await tenants.find(line, 100)).toMatchObject({ kind: 'found', source: 'store' });
  });

  it('asks soon again for a line nobody knew', async () => {
    const { tenants, find, clock, store } = await directory(300_000);
    const line2 = { dialledNumber: '+61255505678' };
    await tenants.find(line2, 100);
    await store.put(other);
    clock.now = 10_001;
    expect(await tenants.find(line2, 100)).toMatchObject({ kind: 'found', tenant: { tenantId: 'other' } });
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('says so when it knows nothing and the store fails or hangs', async () => {
    const { tenants, find } = await directory();
    find.mockRejectedValueOnce(new Error('down'));
    expect(await tenants.find(line, 100)).toMatchObject({
      kind: 'unavailable',
      cause: expect.objectContaining({ message: 'down' }),
    });
    find.mockReturnValueOnce(new Promise(() => {}));
    expect(await tenants.find(line, 10)).toMatchObject({
      kind: 'unavailable',
      cause: expect.objectContaining({ message: expect.stringContaining('10 ms') }),
    });
  });
});
