import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/** A request as the service got it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON unless it is text. */
  body?: unknown;
  /** Sent in place of all else: the connection is cut before or in the middle of the answer. */
  cut?: 'before' | 'within';
  /** Milliseconds before the answer. */
  after?: number;
}

/** A service that answers over HTTP as a test has written it down. */
export interface FakeService {
  url: string;
  seen: Seen[];
  /** Answers one request after the other; the last one again and again. */
  answer(...replies: readonly (Reply | ((seen: Seen) => Reply))[]): void;
  close(): Promise<void>;
}

export async function startFakeService(): Promise<FakeService> {
  const seen: Seen[] = [];
  let replies: readonly (Reply | ((seen: Seen) => Reply))[] = [{ status: 500 }];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const { method = '', headers } = request;
    const one: Seen = { method, path: pathname, query: searchParams, headers, body };
    seen.push(one);
    const [next, ...rest] = replies;
    if (rest.length > 0) replies = rest;
    const reply = (typeof next === 'function' ? next(one) : next) ?? {};
    if (reply.after) await new Promise((resolve) => setTimeout(resolve, reply.after));
    if (reply.cut === 'before') return void (request.socket as Socket).resetAndDestroy();
    const isText = typeof reply.body === 'string';
    const text = reply.body === undefined ? '' : isText ? String(reply.body) : JSON.stringify(reply.body);
    const type = isText || reply.body === undefined ? 'text/plain' : 'application/json';
    response.writeHead(reply.status ?? 200, {
      'content-type': type,
      'content-length': String(Buffer.byteLength(text)),
      ...reply.headers,
    });
    if (reply.cut === 'within') {
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => request.socket.destroy(), 50);
    } else response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer(...given) {
      seen.length = 0;
      replies = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Files of a tar.gz by path. */
export async function unpackTree(archive: Uint8Array): Promise<Map<string, string>> {
  const entries = extract();
  entries.end(gunzipSync(archive));
  const files = new Map<string, string>();
  for await (const entry of entries) {
    const content = await buffer(entry as unknown as NodeJS.ReadableStream);
    files.set(entry.header.name, content.toString());
  }
  return files;
}

/** Parts of a form as sent, read by Node's own parser. */
export async function formOf({ body, headers }: Seen): Promise<FormData> {
  const response = new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  });
  return response.formData();
}
