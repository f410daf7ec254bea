import { expect, it } from 'vitest';
import { TableBucketStore } from '../../../shared/limits/bucketStore.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { policySchema } from '../../../shared/limits/policy.ts';
import { authenticate } from '../../../shared/mcp/access.ts';
import type { KeyHolder } from '../../../shared/mcp/keys/mcpKey.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';

const holder: KeyHolder = { keyId: 'k', tenantId: 'acme', scopes: new Set() };
const now = () => new Date('2026-11-21T00:49:00Z');

function access(holderOf: (text: string) => Promise<KeyHolder | undefined>) {
  const policy = {
    name: 'failed-credentials',
    operations: ['failed-credential'],
    scope: 'source-address',
    limits: [{ quota: 2, window: '1d' }],
    localShare: 1,
  };
  const limiter = new Limiter({
    policies: [policySchema.parse(policy)],
    store: new TableBucketStore(createMemoryStores().tables),
    instance: 'test',
  });
  return (authorization: string | undefined, address: string | null = '203.0.113.9') =>
    authenticate(new Headers(authorization === undefined ? {} : { authorization }), address ?? undefined, {
      keys: { holderOf },
      limiter,
      now,
    });
}

const right = async (text: string) => (text === 'right' ? holder : undefined);

it('lets in whoever has a key, in the one header', async () => {
  const enter = access(right);
  for (const header of ['Bearer right', 'bearer right', 'BEARER   right'])
    expect(await enter(header)).toBe(holder);
  for (const header of ['right', 'Basic right', 'Bearer right more', 'Bearer', 'Bearer '])
    await expect(enter(header, null)).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
});

it('says what is wrong as RFC 6750 does, and no more of what was sent', async () => {
  const enter = access(right);
  await expect(enter(undefined)).rejects.toMatchObject({
    headers: { 'www-authenticate': 'Bearer realm="gatehouse"' },
  });
  const thrown = await enter('Bearer guess').catch((error: unknown) => error);
  expect(thrown).toMatchObject({
    headers: { 'www-authenticate': 'Bearer realm="gatehouse", error="invalid_token"' },
  });
  expect(String(thrown)).not.toContain('guess');
});

it('slows an address down that guesses, and nobody who has a key', async () => {
  const enter = access(right);
  for (const guess of ['Bearer a', 'Bearer b'])
    await expect(enter(guess)).rejects.toMatchObject({ status: 401 });
  await expect(enter('Bearer c')).rejects.toMatchObject({ status: 429 });
  await expect(enter('Bearer c', '203.0.113.10')).rejects.toMatchObject({ status: 401 });
  expect(await enter('Bearer right')).toBe(holder);
});

it('says so where keys cannot be read', async () => {
  const enter = access(() => Promise.reject(new Error('down')));
  await expect(enter('Bearer right')).rejects.toMatchObject({
    code: 'credential-unavailable',
    retryAfter: 5,
  });
});
