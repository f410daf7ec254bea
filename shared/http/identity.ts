import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';

/**
 * Who calls, for limits and spend: a digest of the function key the host has let through, never the key. Of a header
 * sent twice the host checks the first value, so the rest must not make another caller. Without a key (local work)
 * everybody is `anonymous`.
 */
export function callerOf(request: HttpRequest): string {
  const [header] = request.headers.get('x-functions-key')?.split(',') ?? [];
  const key = header?.trim() || request.query.get('code');
  return key ? `key-${createHash('sha256').update(key).digest('hex').slice(0, 16)}` : 'anonymous';
}

/**
 * The address a request came from, without its port: the last one of `X-Forwarded-For`, which Azure's front end has put
 * there itself; those before it are the client's own words. Undefined where no proxy says.
 */
export function sourceAddressOf(headers: Headers): string | undefined {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
  const bare = last?.replace(/^\[([^\]]+)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
  return bare && bare.length <= 64 ? bare : undefined;
}

/** A parameter of the route, decoded once: the host leaves `%2F` encoded. */
export function routeParam(request: HttpRequest, name: string): string {
  const raw = request.params[name] ?? '';
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** The address a request was sent to, as the sender wrote it, through the proxy in front. */
export function publicUrlOf({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): string {
  const host = headers.get('x-forwarded-host') ?? headers.get('host');
  if (!host) return url;
  const { pathname, search } = new URL(url);
  return `${headers.get('x-forwarded-proto') ?? 'https'}://${host}${pathname}${search}`;
}
