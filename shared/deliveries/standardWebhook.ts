import { createHmac } from 'node:crypto';

const prefix = 'whsec_';
const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const fewestBytes = 24;
const mostBytes = 64;

/** The key that a secret stands for: `whsec_` and base64 of 24 to 64 bytes. Undefined where it is none. */
export function readSecret(secret: string): Buffer | undefined {
  const encoded = secret.slice(prefix.length);
  if (!secret.startsWith(prefix) || !base64.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= fewestBytes && key.length <= mostBytes ? key : undefined;
}

/**
 * Headers that prove to the receiver where a body comes from, as Standard Webhooks 1.0.0 has them
 * (https://github.com/standard-webhooks/standard-webhooks, spec): one signature by each key, the message's id, and the
 * time of this attempt. `id` has no full stop.
 */
export function signedHeaders(
  id: string,
  attemptedAt: Date,
  body: string,
  keys: readonly Buffer[],
): Record<string, string> {
  const timestamp = String(Math.floor(attemptedAt.getTime() / 1000));
  const signature = (key: Buffer) =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': keys.map(signature).join(' '),
  };
}
