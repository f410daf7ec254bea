import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { fixedSource } from '../../../../shared/tools/registry.ts';
import { tenantSchema } from '../../../../shared/voice/tenants/tenant.ts';
import { TenantAdmin } from '../../../../shared/voice/tenants/tenantAdmin.ts';
import { TenantStore } from '../../../../shared/voice/tenants/tenantStore.ts';
import { root } from '../../../support/process.ts';
import { now, voiceSettings } from '../../../support/voice.ts';

const shop = { businessName: 'Shop', businessHours: '9-5', services: ['x'], phoneNumbers: ['+61255501111'] };

function setUp() {
  const { tables } = createMemoryStores();
  const store = new TenantStore(tables);
  const parts = { settings: voiceSettings(), tools: fixedSource([]) };
  return { tables, store, admin: new TenantAdmin({ store, parts, mayHaveNoLine: false, now: () => now }) };
}

it('stores, gives and previews a tenant', async () => {
  const { admin, store } = setUp();
  const put = await admin.put('shop', shop, undefined);
  expect(put).toMatchObject({ isNew: true, tenant: { tenantId: 'shop', timezone: 'Australia/Sydney' } });
  expect(put.preview).toMatchObject({ assistant: { name: 'Shop', metadata: { tenant_id: 'shop' } } });
  const { isNew: _, ...given } = put;
  expect(await admin.get('shop')).toEqual(given);
  expect(await store.findByLine({ dialledNumber: '+61255501111' })).toEqual(put.tenant);
});

it('tells every fault at once, those of Vapi too, and stores nothing', async () => {
  const { admin } = setUp();
  const faultsOf = (body: unknown) =>
    admin.put('shop', body, undefined).then(
      () => [],
      (error: { details: { faults: { path: string }[] } }) => error.details.faults.map(({ path }) => path),
    );
  expect(await faultsOf({ ...shop, timezone: 'Mars', phoneNumbers: ['1'], colour: 'red' })).toEqual([
    'timezone',
    'phoneNumbers.0',
    '',
  ]);
  const assistant = {
    model: { provider: 'nobody', model: 'x' },
    voice: { provider: 'deepgram', voiceId: 'australian_male' },
  };
  expect(await faultsOf({ ...shop, tenantId: 'other', assistant })).toEqual([
    'assistant.model.provider',
    'assistant.voice.voiceId',
    'tenantId',
  ]);
  expect(await faultsOf({ ...shop, phoneNumbers: [] })).toEqual(['phoneNumberIds']);
  expect(await faultsOf([])).not.toEqual([]);
  await expect(admin.get('shop')).rejects.toMatchObject({ code: 'not-found' });
});

it('gives no secret back, and keeps those that are sent back by their marks, in whatever order', async () => {
  const { admin, store } = setUp();
  const [old, young] = [1, 2].map((n) => `whsec_${Buffer.alloc(24, n).toString('base64')}`);
  const withSecrets = (secrets: unknown[]) => ({
    ...shop,
    delivery: { url: 'https://crm.example.com/hook', secrets },
  });
  const secretsOf = async () => (await store.get('shop'))?.delivery?.secrets;
  const put = await admin.put('shop', withSecrets([old, young]), undefined);
  expect(JSON.stringify(put)).not.toContain('whsec_');
  const marks = put.tenant.delivery?.secrets ?? [];
  await admin.put('shop', withSecrets([marks[1]]), undefined);
  expect(await secretsOf()).toEqual([young]);
  await admin.put('shop', withSecrets([old, marks[1]]), undefined);
  expect(await secretsOf()).toEqual([old, young]);
  await expect(admin.put('shop', withSecrets(['(kept:00000000)']), undefined)).rejects.toThrow('not valid');
});

it.each(['en-u-ca-gregory', 'en-AU-x-plain', 'klingon!'])(
  'takes no language that has no name: %s',
  async (tag) => {
    const { admin } = setUp();
    await expect(admin.put('shop', { ...shop, languages: [tag] }, undefined)).rejects.toThrow('not valid');
  },
);

it('changes only the version that was read', async () => {
  const { admin } = setUp();
  const { etag } = await admin.put('shop', shop, 'new');
  const changed = { code: 'precondition-failed', status: 412 };
  await expect(admin.put('shop', shop, 'new')).rejects.toMatchObject(changed);
  const next = await admin.put('shop', { ...shop, businessName: 'New shop' }, { etag });
  expect(next).toMatchObject({ isNew: false, tenant: { businessName: 'New shop' } });
  await expect(admin.put('shop', shop, { etag })).rejects.toMatchObject(changed);
  expect((await admin.get('shop')).tenant.businessName).toBe('New shop');
  await expect(admin.put('nobody', shop, { etag })).rejects.toMatchObject(changed);
});

it('lets one of two changes at the same moment win', async () => {
  const { admin } = setUp();
  const { etag } = await admin.put('shop', shop, undefined);
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c'].map((businessName) => admin.put('shop', { ...shop, businessName }, { etag })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
});

it('leaves no line behind of a change that was too late, and takes none of one that won', async () => {
  const { admin, store } = setUp();
  const two = { ...shop, phoneNumbers: ['+61255501111', '+61255502222'] };
  const { etag } = await admin.put('shop', two, undefined);
  await admin.put('shop', { ...two, businessName: 'Newer' }, { etag });
  const late = { ...shop, phoneNumbers: ['+61255503333'] };
  await expect(store.replace(tenantSchema.parse({ ...late, tenantId: 'shop' }), etag)).rejects.toMatchObject({
    code: 'precondition-failed',
  });
  for (const dialledNumber of two.phoneNumbers)
    expect((await store.findByLine({ dialledNumber }))?.businessName).toBe('Newer');
  expect((await admin.put('other', late, undefined)).isNew).toBe(true);
});

it('gives a line to one of two tenants that are stored at the same moment', async () => {
  const { admin, store } = setUp();
  const outcomes = await Promise.allSettled(['one', 'two'].map((id) => admin.put(id, shop, undefined)));
  const [kept = ''] = ['one', 'two'].filter((_, i) => outcomes[i]?.status === 'fulfilled');
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await store.findByLine({ dialledNumber: '+61255501111' }))?.tenantId).toBe(kept);
});

it('takes a line over whose tenant does not have it any more', async () => {
  const { admin, store, tables } = setUp();
  await tables.replace('routes', { partitionKey: 'number:+61255501111', rowKey: 'tenant', tenantId: 'gone' });
  expect(await store.findByLine({ dialledNumber: '+61255501111' })).toBeUndefined();
  await admin.put('shop', shop, undefined);
  expect((await store.findByLine({ dialledNumber: '+61255501111' }))?.tenantId).toBe('shop');
});

it('lists page by page', async () => {
  const { admin } = setUp();
  for (const id of ['c3', 'a1', 'b2'])
    await admin.put(id, { ...shop, businessName: id, phoneNumbers: [], phoneNumberIds: [id] }, undefined);
  const first = await admin.list(2, undefined);
  expect(first).toEqual({
    tenants: [
      { tenantId: 'a1', businessName: 'a1' },
      { tenantId: 'b2', businessName: 'b2' },
    ],
    cursor: 'b2',
  });
  expect(await admin.list(2, first.cursor)).toEqual({ tenants: [{ tenantId: 'c3', businessName: 'c3' }] });
  expect(await admin.list(3, undefined)).not.toHaveProperty('cursor');
});

it('lists tenants that were stored before there was a list, also one that cannot be read any more', async () => {
  const { admin, store, tables } = setUp();
  for (const id of ['a1', 'b2', 'c3'])
    await admin.put(id, { ...shop, businessName: id, phoneNumbers: [], phoneNumberIds: [id] }, undefined);
  for (const id of ['a1', 'c3']) await tables.delete('tenants', '*', id);
  await tables.replace('tenants', { partitionKey: 'd4', rowKey: 'config', json: '{' });
  await store.remove('b2');
  const idsOf = async (from: TenantStore) =>
    (await Array.fromAsync(from.list(undefined, 10))).map(({ rowKey }) => rowKey);
  expect(await idsOf(store)).toEqual(['a1', 'b2', 'c3', 'd4']);
  expect(await admin.list(10, undefined)).toEqual({
    tenants: ['a1', 'c3', 'd4'].map((id) => ({ tenantId: id, businessName: id })),
  });
});

it('looks for them until it finds none, as an older version may still be storing some, and then no more', async () => {
  const { store, tables } = setUp();
  const old = (id: string) => tables.replace('tenants', { partitionKey: id, rowKey: 'config', json: '{}' });
  const idsOf = async (from: TenantStore) =>
    (await Array.fromAsync(from.list(undefined, 10))).map(({ rowKey }) => rowKey);
  await old('a1');
  expect(await idsOf(store)).toEqual(['a1']);
  await old('b2');
  expect(await idsOf(store)).toEqual(['a1', 'b2']);
  await idsOf(store);
  tables.listKey = () => {
    throw new Error('looked through all of it again');
  };
  for (const instance of [store, new TenantStore(tables)])
    expect(await idsOf(instance)).toEqual(['a1', 'b2']);
});

it('lists a tenant whose storing was cut short, for retention', async () => {
  const { store, tables } = setUp();
  await Array.fromAsync(store.list(undefined, 10));
  const replace = tables.replace.bind(tables);
  tables.replace = async (table, entity) => {
    if (entity.partitionKey === '*') throw new Error('down');
    await replace(table, entity);
  };
  const tenant = tenantSchema.parse({ ...shop, tenantId: 'shop' });
  await expect(store.put(tenant)).rejects.toThrow('down');
  expect(await store.get('shop')).toEqual(tenant);
  expect(await Array.fromAsync(store.list(undefined, 10))).toMatchObject([{ rowKey: 'shop' }]);
});

it('takes a tenant and its lines away, and no line of another', async () => {
  const { admin, store } = setUp();
  const { etag } = await admin.put('shop', shop, undefined);
  await expect(admin.remove('shop', { etag: 'older' })).rejects.toMatchObject({ status: 412 });
  await admin.remove('shop', { etag });
  expect(await store.findByLine({ dialledNumber: '+61255501111' })).toBeUndefined();
  expect(await admin.list(10, undefined)).toEqual({ tenants: [] });
  await expect(admin.remove('shop', undefined)).rejects.toMatchObject({ code: 'not-found' });
  for (const id of ['*', '../x', 'A'])
    await expect(admin.get(id)).rejects.toMatchObject({ code: 'not-found' });
});

it('reads what a newer version has stored, without what it does not know', async () => {
  const { admin, store, tables } = setUp();
  const { tenant } = await admin.put('shop', shop, undefined);
  const json = JSON.stringify({ ...tenant, mood: 'good', greeting: { open: 'Hi', whispered: 'x' } });
  await tables.merge('tenants', { partitionKey: 'shop', rowKey: 'config', json });
  expect(await store.get('shop')).toEqual({ ...tenant, greeting: { open: 'Hi' } });
});

const newer = { ...shop, assistant: { model: { provider: 'openai', model: 'gpt-9' } } };

it("takes a model Vapi's lists do not have only where it is told to", async () => {
  const { admin } = setUp();
  const { version } = JSON.parse(
    readFileSync(`${root}node_modules/@vapi-ai/server-sdk/package.json`, 'utf8'),
  ) as { version: string };
  await expect(admin.put('shop', newer, undefined)).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(new RegExp(`lists of its SDK ${version} .*\\?force=true`)),
    details: { faults: [{ path: 'assistant.model.model' }] },
  });
  await expect(admin.put('shop', newer, undefined, true)).resolves.toMatchObject({
    tenant: { assistant: newer.assistant },
  });
  const wrong = { ...newer, services: [] };
  await expect(admin.put('shop', wrong, undefined, true)).rejects.toMatchObject({
    details: { faults: [{ path: 'services' }] },
  });
});
