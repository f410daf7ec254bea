import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyRing, keyTtlMs } from '../../../shared/mcp/keys/keyRing.ts';
import { KeyStore, scopesOf } from '../../../shared/mcp/keys/keyStore.ts';
import { createKey, digestOf, isKeyOf, keyIdIn } from '../../../shared/mcp/keys/mcpKey.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';

const now = new Date('2026-11-21T00:49:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);

describe('a key', () => {
  it('is of its digest, and no text that differs in a character is', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...'aZ9-_ é'), (at, character) => {
        const { text, digest, keyId } = createKey();
        const i = at % text.length;
        const other = text.slice(0, i) + character + text.slice(i + 1);
        expect(keyIdIn(text)).toBe(keyId);
        expect(isKeyOf(text, digest)).toBe(true);
        expect(isKeyOf(other, digest)).toBe(other === text);
      }),
    );
  });

  it('has 256 bits of its own behind its id', () => {
    const texts = Array.from({ length: 200 }, () => createKey().text);
    expect(new Set(texts.map((text) => text.slice(-43))).size).toBe(200);
    expect(Buffer.from(String(texts[0]?.slice(-43)), 'base64url')).toHaveLength(32);
    expect(isKeyOf('x', digestOf('x').slice(1))).toBe(false);
    for (const text of [
      '',
      'gmk__',
      `gmk_0123456789abcdef_${'x'.repeat(42)}`,
      ` ${texts[0]}`,
      `${texts[0]} `,
    ])
      expect(keyIdIn(text)).toBeUndefined();
  });
});

async function ring() {
  const { tables } = createMemoryStores();
  const store = new KeyStore(tables);
  const key = await store.create({ tenantId: 'acme', label: 'crm', scopes: ['records'] }, now);
  let reads = 0;
  const counted = {
    get: (keyId: string) => {
      reads++;
      return store.get(keyId);
    },
    noteUse: store.noteUse.bind(store),
  };
  return { tables, store, key, keys: new KeyRing(counted), reads: () => reads };
}

describe('a ring of keys', () => {
  it('says whose a key is, from memory for half a minute', async () => {
    const { keys, key, reads } = await ring();
    for (const ms of [0, 1, keyTtlMs - 1])
      expect(await keys.holderOf(key.text, later(ms))).toEqual({
        keyId: key.keyId,
        tenantId: 'acme',
        scopes: new Set(['records']),
      });
    expect(reads()).toBe(1);
    await keys.holderOf(key.text, later(keyTtlMs));
    expect(reads()).toBe(2);
  });

  it('lets a revoked key in no longer than that', async () => {
    const { keys, key, store } = await ring();
    await keys.holderOf(key.text, now);
    expect(await store.revoke(key.keyId, now)).toBe(true);
    expect(await keys.holderOf(key.text, later(keyTtlMs))).toBeUndefined();
    await store.revoke(key.keyId, later(1_000_000));
    expect((await store.get(key.keyId))?.revokedAt).toBe(now.toISOString());
    expect(await store.revoke('0'.repeat(16), now)).toBe(false);
  });

  it('is revoked with its tenant, and keys of others are not', async () => {
    const { key, store } = await ring();
    const other = await store.create({ tenantId: 'other', scopes: [] }, now);
    const audits = await store.create({ scopes: ['audit'] }, now);
    expect(await store.revokeOf('acme', now)).toBe(1);
    expect(await store.revokeOf('acme', later(1))).toBe(0);
    const revoked = async (id: string) => (await store.get(id))?.revokedAt;
    expect(await Promise.all([key, other, audits].map(({ keyId }) => revoked(keyId)))).toEqual([
      now.toISOString(),
      undefined,
      undefined,
    ]);
  });

  it('lets nobody in by the id alone, and reads nothing for what is no key', async () => {
    const { keys, key, reads } = await ring();
    const forged = `gmk_${key.keyId}_${'A'.repeat(43)}`;
    expect(await keys.holderOf(forged, now)).toBeUndefined();
    expect(await keys.holderOf(`gmk_${'0'.repeat(16)}_${'A'.repeat(43)}`, now)).toBeUndefined();
    expect(reads()).toBe(2);
    expect(await keys.holderOf('open-sesame', now)).toBeUndefined();
    expect(reads()).toBe(2);
  });

  it('notes the day of use once a day, and nothing for a wrong key', async () => {
    const { keys, key, store } = await ring();
    await keys.holderOf(`gmk_${key.keyId}_${'A'.repeat(43)}`, now);
    expect((await store.get(key.keyId))?.lastUsedDay).toBeUndefined();
    await keys.holderOf(key.text, now);
    const first = await store.get(key.keyId);
    expect(first).toMatchObject({ lastUsedDay: '2026-11-21', label: 'crm', digest: key.digest });
    for (const ms of [1, keyTtlMs + 1, 2 * keyTtlMs + 1]) await keys.holderOf(key.text, later(ms));
    expect((await store.get(key.keyId))?.etag).toBe(first?.etag);
    await keys.holderOf(key.text, later(86_400_000));
    expect((await store.get(key.keyId))?.lastUsedDay).toBe('2026-11-22');
  });

  it('does not bring a key back that goes while its day is written', async () => {
    const { tables, store, key } = await ring();
    const row = await store.get(key.keyId);
    await tables.delete('mcpkeys', key.keyId, 'key');
    if (row) await store.noteUse(row, '2026-11-21');
    expect(await store.get(key.keyId)).toBeUndefined();
  });

  it('forgets a failed read at once, and lets in whose day cannot be written', async () => {
    const { store, key } = await ring();
    let isDown = true;
    const keys = new KeyRing({
      get: (keyId) => (isDown ? Promise.reject(new Error('down')) : store.get(keyId)),
      noteUse: () => Promise.reject(new Error('down')),
    });
    await expect(keys.holderOf(key.text, now)).rejects.toThrow('down');
    isDown = false;
    expect(await keys.holderOf(key.text, now)).toMatchObject({ tenantId: 'acme' });
  });

  it('remembers ten thousand ids at most, the latest', async () => {
    const { keys, key, reads } = await ring();
    await keys.holderOf(key.text, now);
    for (let i = 0; i < 10_000; i++)
      await keys.holderOf(`gmk_${i.toString(16).padStart(16, '0')}_${'A'.repeat(43)}`, now);
    const before = reads();
    await keys.holderOf(`gmk_${(9_999).toString(16).padStart(16, '0')}_${'A'.repeat(43)}`, now);
    expect(reads()).toBe(before);
    await keys.holderOf(key.text, now);
    expect(reads()).toBe(before + 1);
  });

  it('knows its scopes and no others', () => {
    expect(scopesOf({ scopes: 'audit admin records ' })).toEqual(new Set(['records', 'audit']));
    expect(scopesOf({ scopes: '' })).toEqual(new Set());
  });
});
