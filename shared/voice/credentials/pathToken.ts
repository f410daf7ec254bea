import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const shortestKey = 32;
/** Keeps these signatures apart from any other made with the same key, and from later versions. */
const domain = 'gatehouse/webhook-path/v1\n';
const version = 'v1';
/** A version, the signature (32 bytes in base64url), the tenant's id in base64url: of fixed lengths, so nothing parts them. */
const shape = /^v1[\w-]{43}([\w-]{2,86})$/;

/** The setting GATEHOUSE_WEBHOOK_TOKEN_KEYS: keys parted by commas. The first signs, all are accepted. */
export const pathTokenKeys = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((key) => key.trim())
      .filter(Boolean),
  )
  .refine(
    (keys) => keys.every((key) => key.length >= shortestKey),
    `each key needs at least ${shortestKey} characters; a comma ends one and begins the next`,
  )
  .refine((keys) => keys.length <= 8, 'must hold at most 8 keys');

/**
 * The last part of `/api/vapi/webhook/{token}` for a tenant. The token only says which tenant a delivery is for, and that
 * we wrote it: addresses are logged and passed on, so it is no credential and replaces none.
 * @param key at least 32 characters.
 */
export function signPathToken(tenantId: string, key: string): string {
  const signature = createHmac('sha256', key).update(domain).update(tenantId).digest('base64url');
  return `${version}${signature}${Buffer.from(tenantId).toString('base64url')}`;
}

/** The tenant a token names; undefined where no key signed it. Keys shorter than 32 characters sign nothing. */
export function readPathToken(token: string, keys: readonly string[]): string | undefined {
  const encoded = shape.exec(token)?.[1];
  if (encoded === undefined) return undefined;
  const tenantId = Buffer.from(encoded, 'base64url').toString();
  const given = Buffer.from(token);
  let matches = 0;
  for (const key of keys) {
    if (key.length < shortestKey) continue;
    // The whole token again, so that no other way of writing the same bytes passes.
    const expected = Buffer.from(signPathToken(tenantId, key));
    matches += expected.length === given.length && timingSafeEqual(expected, given) ? 1 : 0;
  }
  return matches > 0 ? tenantId : undefined;
}
