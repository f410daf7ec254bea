import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../support/app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp({ TENANT_CACHE_TTL_S: '0' });
});
afterAll(() => app?.stop());

const shop = {
  businessName: 'Corner Shop',
  hours: { monday: [{ open: '09:00', close: '17:00' }] },
  services: [{ name: 'Groceries', price: 'as marked' }],
  phoneNumbers: ['+61255507777'],
};

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${app.base}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

it('a business is stored, answers its phone, is changed by one at a time, and goes', async () => {
  const created = await ask('PUT', '/api/tenants/shop', shop, { 'if-none-match': '*' });
  const etag = created.headers.get('etag') ?? '';
  expect(created.status).toBe(201);
  expect(await created.json()).toMatchObject({
    tenant: { tenantId: 'shop', timezone: 'Australia/Sydney' },
    preview: { assistant: { name: 'Corner Shop' } },
  });

  const call = { type: 'assistant-request', phoneNumber: { number: '+61255507777' } };
  expect(await (await app.deliver(call)).json()).toMatchObject({
    assistant: { metadata: { tenant_id: 'shop' } },
  });

  const read = await ask('GET', '/api/tenants/shop');
  expect([read.status, read.headers.get('etag')]).toEqual([200, etag]);
  const changed = await ask(
    'PUT',
    '/api/tenants/shop',
    { ...shop, businessName: 'Shop' },
    { 'if-match': etag },
  );
  expect(changed.status).toBe(200);
  const late = await ask('PUT', '/api/tenants/shop', shop, { 'if-match': etag });
  expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([412, 'precondition-failed']);

  const wrong = await ask('PUT', '/api/tenants/shop', { ...shop, timezone: 'Mars', services: [] });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    code: 'invalid-request',
    faults: [{ path: 'services' }, { path: 'timezone' }],
  });
  const taken = await ask('PUT', '/api/tenants/thief', { ...shop, businessName: 'Thief' });
  expect([taken.status, ((await taken.json()) as { code: string }).code]).toEqual([409, 'line-taken']);

  expect(await (await ask('GET', '/api/tenants?limit=1')).json()).toEqual({
    tenants: [{ tenantId: 'acme', businessName: 'Acme Plumbing' }],
    cursor: 'acme',
  });
  expect(await (await ask('GET', '/api/tenants?cursor=acme')).json()).toEqual({
    tenants: [{ tenantId: 'shop', businessName: 'Shop' }],
  });
  expect((await ask('DELETE', '/api/tenants/shop')).status).toBe(204);
  expect((await ask('DELETE', '/api/tenants/shop')).status).toBe(404);
  expect((await ask('GET', '/api/tenants/shop')).status).toBe(404);
  expect(await (await app.deliver(call)).json()).toHaveProperty('error');
});
