import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../support/app.ts';
import { runToEnd } from '../support/process.ts';

let app: App;
beforeAll(async () => {
  app = await startApp({ TENANT_CACHE_TTL_S: '0' });
});
afterAll(() => app?.stop());

const line = '+61255508888';
const shop = { businessName: 'Shop', businessHours: '9-5', services: ['Groceries'], phoneNumbers: [line] };
const headers = { 'content-type': 'application/json', 'x-functions-key': 'operator' };

const put = (limits?: object) =>
  fetch(`${app.base}/api/tenants/shop`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ ...shop, ...(limits ? { limits } : {}) }),
  });
const limit = async (identifier: string, method = 'GET') => {
  const path = `/api/limits/calls-tenant/${encodeURIComponent(identifier)}`;
  const response = await fetch(`${app.base}${path}`, { method, headers });
  return response.status === 200 ? ((await response.json()) as Record<string, unknown>) : response.status;
};
/** Calls one after the other; how many were let through. */
async function ring(times: number): Promise<number> {
  let answered = 0;
  for (let i = 0; i < times; i++) {
    const response = await app.deliver({ type: 'assistant-request', phoneNumber: { number: line } });
    if ('assistant' in ((await response.json()) as object)) answered++;
  }
  return answered;
}

it('an operator gives a tenant limits, sees them, raises and lowers them, and takes them away', async () => {
  expect((await put({ calls: [{ quota: 2, window: '1h' }] })).status).toBe(201);
  expect(await limit('shop')).toMatchObject({ total_limit: 2, tokens_remaining: 2 });
  // One more than the quota is what an instance may admit by itself.
  const first = await ring(8);
  expect(first).toBeGreaterThanOrEqual(2);
  expect(first).toBeLessThanOrEqual(3);
  expect(await limit('shop')).toMatchObject({ total_limit: 2, tokens_remaining: 0 });

  expect((await put({ calls: [{ quota: 6, window: '1h' }] })).status).toBe(200);
  expect(await limit('shop')).toMatchObject({ total_limit: 6, tokens_remaining: 4 });
  const raised = await ring(10);
  expect(raised).toBeGreaterThanOrEqual(3);
  expect(raised).toBeLessThanOrEqual(4);

  await put({ calls: [{ quota: 3, window: '1h' }] });
  expect(await ring(2)).toBe(0);
  expect(await limit('shop', 'DELETE')).toBe(204);
  expect(await limit('shop')).toMatchObject({ total_limit: 3, tokens_remaining: 3, reset_time: null });

  await put();
  for (const identifier of ['shop', 'nobody', 'no/body #?'])
    expect(await limit(identifier)).toMatchObject({ total_limit: 600, tokens_remaining: 600 });
});

it('limits that are wrong are refused with their place', async () => {
  const wrong = await put({ calls: [{ quota: 0, window: '1m' }] });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    faults: [{ path: 'limits.calls.0.quota', problem: 'must be at least 1' }],
  });
});

it('a file with wrong limits is refused by the check of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-limits-'));
  const checked = (quota: number) => {
    const file = join(folder, 'tenants.json');
    const limits = { toolCalls: [{ quota, window: '1m' }] };
    writeFileSync(file, JSON.stringify([{ ...shop, tenantId: 'shop', limits }]));
    return runToEnd('local/tenants.ts', ['check', file]);
  };
  try {
    expect(await checked(5)).toMatchObject({ code: 0, printed: 'valid shop: Shop\n' });
    const printed = expect.stringContaining('[0].limits.toolCalls[0].quota');
    expect(await checked(-5)).toMatchObject({ code: 1, printed });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
