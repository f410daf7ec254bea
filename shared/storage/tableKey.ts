import { createHash } from 'node:crypto';

const safe = /^[\w.:+@=~ -]{1,200}$/;

/**
 * A value from outside as part of a table key or blob name: unchanged where it is short and plain, else its SHA-256.
 * Table keys cannot hold `/ \ # ?` or control characters.
 */
export function toKey(value: string): string {
  return safe.test(value) ? value : `sha256:${createHash('sha256').update(value).digest('hex')}`;
}
