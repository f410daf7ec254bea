import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type CredentialOf, hmacKey } from './credential.ts';
import { labelOf } from './headerCheck.ts';
import { type FormatPart, formatNames, type Placeholder, parseFormat } from './hmacFormat.ts';
import type { Check, Finding, Presented } from './presented.ts';
import { signatureReader, signaturesIn } from './signatures.ts';
import { readTimestamp } from './timestamp.ts';

const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** What the placeholders stand for in one delivery. */
type Values = Readonly<Record<Placeholder, string | Uint8Array>>;

/** Of what is signed nothing is put together: the pieces are hashed one after the other, the body where it lies. */
function signatureOf(
  algorithm: string,
  key: KeyObject,
  parts: readonly FormatPart[],
  values: Values,
): Buffer {
  const hmac = createHmac(algorithm, key);
  for (const part of parts) hmac.update('text' in part ? part.text : values[part.placeholder]);
  return hmac.digest();
}

/** How many of the signatures are right; all are compared. */
function matchesOf(expected: Buffer, signatures: readonly Buffer[]): number {
  let matches = 0;
  for (const signature of signatures) matches += timingSafeEqual(expected, signature) ? 1 : 0;
  return matches;
}

/** A message id as a header may carry it; undefined where it is longer than 256 characters or not printable ASCII. */
function messageIdIn(headers: Headers, header: string | undefined): string | undefined {
  const id = header === undefined ? null : headers.get(header);
  return id !== null && /^[\x21-\x7e]{1,256}$/.test(id) ? id : undefined;
}

/**
 * A signature over the bytes of the body. Where the format has `{timestamp}`, it must lie within `replayWindowMs` of now,
 * before or after; where it has not, an old delivery passes as long as its secret does. `stale` is said only of a right
 * signature.
 */
export function hmacCheck(credential: CredentialOf<'hmac'>, replayWindowMs: number): Check {
  const { algorithm, signatureHeader, signatureEncoding, messageIdHeader } = credential;
  const { parts } = parseFormat(credential.payloadFormat);
  const signsUrl = formatNames(parts, 'url');
  const keys = credential.secrets.map((secret) =>
    createSecretKey(hmacKey(secret, credential.secretIsBase64)),
  );
  const read = signatureReader(signatureEncoding, digestBytes[algorithm]);
  const timed = formatNames(parts, 'timestamp');
  const identified = formatNames(parts, 'svix-id');

  const check = (presented: Presented, now: Date): Finding => {
    const { headers, body, method } = presented;
    const header = headers.get(signatureHeader);
    if (!header) return 'missing';
    const signatures = signaturesIn(header, credential.signaturePrefix)
      .map(read)
      .filter((bytes) => bytes !== undefined);
    if (signatures.length === 0) return 'wrong';
    const timestamp = timed ? (headers.get(credential.timestampHeader) ?? '') : '';
    const at = timed ? readTimestamp(timestamp) : now.getTime();
    const id = messageIdIn(headers, messageIdHeader);
    if (at === undefined || (identified && id === undefined)) return 'incomplete';
    const url = signsUrl ? presented.url() : '';
    const values = { body, timestamp, method, url, 'svix-id': id ?? '' };
    let matches = 0;
    for (const key of keys) matches += matchesOf(signatureOf(algorithm, key, parts, values), signatures);
    if (matches === 0) return 'wrong';
    return Math.abs(now.getTime() - at) <= replayWindowMs ? 'matched' : 'stale';
  };

  const label = labelOf(credential);
  const description = `${algorithm} over ${signatureHeader.toLowerCase()}${timed ? '' : ', no replay window'}`;
  return { label, description, check, messageId: (headers) => messageIdIn(headers, messageIdHeader) };
}
