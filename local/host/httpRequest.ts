import type { IncomingMessage } from 'node:http';
import { decodePath, encodePath } from './requestPath.ts';

/** The host's own limit on a request body, in bytes; beyond it the answer is 500. */
export const maxBodyBytes = 100 * 1024 * 1024;

/** A request as the front server received it, with the parts routing and forwarding need. */
export interface FrontRequest {
  raw: IncomingMessage;
  method: string;
  /** Percent-decoded path, beginning with a slash. */
  path: string;
  /** Query text as sent, without the question mark. */
  rawQuery: string;
  query: URLSearchParams;
  /** Header values as the host passes them on: lower-case names, repeated values joined. */
  headers: Record<string, string>;
}

export function readFrontRequest(raw: IncomingMessage): FrontRequest {
  const [rawPath = '/', ...rest] = (raw.url ?? '/').split('?');
  const rawQuery = rest.join('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return {
    raw,
    method: raw.method ?? 'GET',
    path: decodePath(rawPath),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
  };
}

/** The request's address as a handler sees it under RPC (`forwarded` false) or streaming (true). */
export function pathAndQuery(request: FrontRequest, forwarded: boolean): string {
  return encodePath(request.path, forwarded) + (request.rawQuery ? `?${request.rawQuery}` : '');
}

export function isJson(request: FrontRequest): boolean {
  return /^application\/json\b/i.test(request.headers['content-type'] ?? '');
}

/** The body, whole. @throws Error when it exceeds the host's limit; the rest is then read and forgotten. */
export async function readBody({ raw }: FrontRequest): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBodyBytes) {
      setImmediate(() => raw.resume());
      throw new Error(`the request body is larger than ${maxBodyBytes} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
