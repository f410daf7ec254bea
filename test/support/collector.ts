import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export interface Collector {
  url: string;
  /** Bodies received at a path, read as JSON. */
  received(path: string): unknown[];
  stop(): Promise<void>;
}

/** An HTTP server that takes telemetry as JSON; with `answers` false it takes connections and never says a word. */
export async function startCollector({ answers = true, reply = {} as unknown } = {}): Promise<Collector> {
  const bodies: [path: string, body: unknown][] = [];
  const server = createServer(async (incoming, outgoing) => {
    if (!answers) return;
    const raw = await buffer(incoming);
    const text = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    bodies.push([incoming.url ?? '', JSON.parse(text.toString())]);
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => bodies.filter(([at]) => at === path).map(([, body]) => body),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
