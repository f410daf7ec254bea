import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { root } from './process.ts';

const read = (name: string) => readFileSync(`${root}test/fixtures/tls/localhost.${name}.pem`, 'utf8');

/** The certificate of every {@link startTlsServer}: localhost, crm.example, 127.0.0.1 and ::1. */
export const testCertificate = read('cert');

export interface Received {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface TlsServer {
  /** `https://localhost:PORT` */
  base: string;
  port: number;
  /** Whole requests, oldest first. */
  received: Received[];
  /** Connections that were opened, whatever came of them. */
  connections(): number;
  stop(): Promise<void>;
}

/**
 * An HTTPS server on 127.0.0.1. `answer` is called once a request is there as a whole; `early`, where given, as soon as
 * its headers are, and instead.
 */
export async function startTlsServer(
  answer: (response: ServerResponse, request: Received, raw: IncomingMessage) => void,
  early?: (raw: IncomingMessage, response: ServerResponse) => void,
): Promise<TlsServer> {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer({ key: read('key'), cert: testCertificate }, (raw, response) => {
    if (early) {
      early(raw, response);
      return;
    }
    buffer(raw).then(
      (body) => {
        const { method = '', url = '', headers } = raw;
        const request = { method, url, headers: headers as Record<string, string>, body: body.toString() };
        received.push(request);
        answer(response, request, raw);
      },
      () => {},
    );
  });
  server.on('connection', () => void connections++);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `https://localhost:${port}`,
    port,
    received,
    connections: () => connections,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As {@link startTlsServer}, until the test that asked for it is over. */
export async function serve(...how: Parameters<typeof startTlsServer>): Promise<TlsServer> {
  const server = await startTlsServer(...how);
  onTestFinished(() => server.stop());
  return server;
}
