import { timingSafeEqual } from 'node:crypto';
import type { AuthLevel } from './router.ts';

/** Keys of a local host. With neither set, every endpoint is open, as under `func start`. */
export interface HostKeys {
  functionKey?: string;
  masterKey?: string;
}

/** The key a request carries: the `x-functions-key` header, else the `code` query parameter. */
export function presentedKey(header: string | string[] | undefined, query: URLSearchParams): string {
  return (Array.isArray(header) ? header[0] : header) ?? query.get('code') ?? '';
}

/** True where a key opens an endpoint of that level; the master key opens all. */
export function isAuthorised(level: AuthLevel, presented: string, keys: HostKeys): boolean {
  if (level === 'anonymous' || (!keys.functionKey && !keys.masterKey)) return true;
  const accepted = level === 'function' ? [keys.functionKey, keys.masterKey] : [keys.masterKey];
  return accepted.some((key) => !!key && sameKey(key, presented));
}

function sameKey(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
