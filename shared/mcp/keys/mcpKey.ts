import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a key lets its holder do beside its tenant's tools: read leads and calls; have designs audited. */
export const scopes = ['records', 'audit'] as const;
export type Scope = (typeof scopes)[number];

/** Who holds a key, once it has been checked. */
export interface KeyHolder {
  /** Not secret: names the key in logs and commands. */
  keyId: string;
  /** The one tenant the key is for; undefined where it is for none. */
  tenantId: string | undefined;
  scopes: ReadonlySet<Scope>;
}

/** A key as it is given out. Only its digest is kept. */
export interface NewKey {
  keyId: string;
  /** `gmk_<id>_<secret>`. */
  text: string;
  digest: string;
}

const idBytes = 8;
const secretBytes = 32;
const form = /^gmk_([0-9a-f]{16})_[\w-]{43}$/;

export function createKey(): NewKey {
  const keyId = randomBytes(idBytes).toString('hex');
  const text = `gmk_${keyId}_${randomBytes(secretBytes).toString('base64url')}`;
  return { keyId, text, digest: digestOf(text) };
}

/** The id in a text of a key's form; undefined for any other text. */
export function keyIdIn(text: string): string | undefined {
  return form.exec(text)?.[1];
}

/** SHA-256 as hexadecimal digits. A random key of 256 bits needs no slower hash. */
export function digestOf(text: string): string {
  return hash('sha256', text);
}

/** True where a text is the key of a digest; takes the same time whatever they have in common. */
export function isKeyOf(text: string, digest: string): boolean {
  const [given, known] = [Buffer.from(digestOf(text)), Buffer.from(digest)];
  return given.length === known.length && timingSafeEqual(given, known);
}
