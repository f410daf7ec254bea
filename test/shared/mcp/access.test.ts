import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { TableBucketStore } from '../../../shared/limits/bucketStore.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { policySchema } from '../../../shared/limits/policy.ts';
import { type AccessDeps, authenticate } from '../../../shared/mcp/access.ts';
import type { KeyHolder } from '../../../shared/mcp/keys/mcpKey.ts';
import type { TenantView } from '../../../shared/mcp/offer.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';

const holder: KeyHolder = { keyId: 'k', tenantId: 'acme', scopes: new Set() };
const acme: TenantView = { functions: [], limits: undefined };
const now = () => new Date('2026-11-21T00:49:00Z');

function access(
  holderOf: (text: string) => Promise<KeyHolder | undefined>,
  tenant: AccessDeps['tenant'] = async (id) => (id === 'acme' ? acme : undefined),
) {
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
      tenant,
      limiter,
      now,
    });
}

const right = async (text: string) => (text === 'right' ? holder : undefined);

it('lets in whoever has a key, in the one header', async () => {
  const enter = access(right);
  for (const header of ['Bearer right', 'bearer right', 'BEARER   right'])
    expect(await enter(header)).toEqual({ holder, tenant: acme });
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
  expect(await enter('Bearer right')).toEqual({ holder, tenant: acme });
});

it('says so where keys cannot be read', async () => {
  const enter = access(() => Promise.reject(new Error('down')));
  await expect(enter('Bearer right')).rejects.toMatchObject({
    code: 'credential-unavailable',
    retryAfter: 5,
  });
});

describe('a tenant that is gone', () => {
  it('takes its keys with it: they are answered and counted as revoked ones', async () => {
    const gone = access(right, async () => undefined);
    const revoked = access(async () => undefined);
    const answers = [gone, revoked].map(async (enter) => {
      const thrown: unknown[] = [];
      for (let i = 0; i < 3; i++) thrown.push(await enter('Bearer right').catch((error: unknown) => error));
      return thrown.map((error) => {
        const { status, message, headers } = error as AppError;
        return [status, message, headers['www-authenticate']];
      });
    });
    const [first, second] = await Promise.all(answers);
    expect(first).toEqual(second);
    expect(first?.map(([status]) => status)).toEqual([401, 401, 429]);
  });

  it('is not one that cannot be read right now', async () => {
    const unavailable = new AppError('storage-unavailable', 'The tenant cannot be read right now.');
    const enter = access(right, () => Promise.reject(unavailable));
    for (let i = 0; i < 3; i++) await expect(enter('Bearer right')).rejects.toBe(unavailable);
  });

  it('is not asked for by a key of none', async () => {
    const auditor: KeyHolder = { keyId: 'k', tenantId: undefined, scopes: new Set(['audit']) };
    const enter = access(
      async () => auditor,
      () => Promise.reject(new Error('was asked')),
    );
    expect(await enter('Bearer right')).toEqual({ holder: auditor, tenant: undefined });
  });
});
