import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  pathTokenKeys,
  readPathToken,
  signPathToken,
} from '../../../../shared/voice/credentials/pathToken.ts';

const key = 'k'.repeat(32);
const next = 'n'.repeat(40);

describe('path token', () => {
  it('is what anybody with the key would compute', () => {
    const mac = createHmac('sha256', key).update('gatehouse/webhook-path/v1\nacme').digest('base64url');
    expect(signPathToken('acme', key)).toBe(`v1${mac}${Buffer.from('acme').toString('base64url')}`);
  });

  it.each(['ab', 'acme', 'acme-plumbing_2', 'a'.repeat(63)])(
    'names %s, in characters a path keeps',
    (tenantId) => {
      const token = signPathToken(tenantId, key);
      expect(token).toMatch(/^[\w-]+$/);
      expect(readPathToken(token, [key])).toBe(tenantId);
    },
  );

  it('is accepted while keys rotate, whichever signed', () => {
    expect(readPathToken(signPathToken('acme', key), [next, key])).toBe('acme');
    expect(readPathToken(signPathToken('acme', next), [next, key])).toBe('acme');
    expect(readPathToken(signPathToken('acme', key), [next])).toBeUndefined();
    expect(readPathToken(signPathToken('acme', key), [])).toBeUndefined();
  });

  it.each([0, 1, 2, 3, 10, 44, 45, -1])('with the character at %i changed names nobody', (at) => {
    const token = signPathToken('acme-plumbing', key);
    const i = at < 0 ? token.length + at : at;
    const changed = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
    expect(readPathToken(changed, [key])).toBeUndefined();
  });

  it('another way of writing the same tenant names nobody', () => {
    const token = signPathToken('acme', key);
    const last = Buffer.from('acme').toString('base64url');
    const alias = `${token.slice(0, -1)}${last.endsWith('Q') ? 'R' : 'B'}`;
    expect(Buffer.from(alias.slice(45), 'base64url').toString()).toBe('acme');
    expect(alias).not.toBe(token);
    expect(readPathToken(alias, [key])).toBeUndefined();
    expect(readPathToken(`${token}=`, [key])).toBeUndefined();
  });

  it.each([
    '',
    'v1',
    'acme',
    `v2${'A'.repeat(60)}`,
    `v1${'A'.repeat(10_000)}`,
    'é'.repeat(60),
    `v1${'A'.repeat(43)}_w`,
  ])('no token: %s', (token) => {
    expect(readPathToken(token, [key])).toBeUndefined();
  });

  it('a short key signs nothing', () => {
    for (const short of ['', 'k'.repeat(31)])
      expect(readPathToken(signPathToken('acme', short), [short])).toBeUndefined();
  });
});

describe('GATEHOUSE_WEBHOOK_TOKEN_KEYS', () => {
  it('holds keys parted by commas, or none', () => {
    expect(pathTokenKeys.parse(undefined)).toEqual([]);
    expect(pathTokenKeys.parse(` ${key}, ${next},`)).toEqual([key, next]);
  });

  it('refuses a short one without repeating it', () => {
    const parsed = pathTokenKeys.safeParse(`${key},too-short-to-sign`);
    expect(parsed.error?.issues[0]?.message).toContain('at least 32 characters');
    expect(JSON.stringify(parsed.error)).not.toContain('too-short-to-sign');
    expect(pathTokenKeys.safeParse(Array(9).fill(key).join()).success).toBe(false);
  });
});
