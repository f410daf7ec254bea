import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export interface TelemetrySink {
  url: string;
  exports(): number;
  stop(): Promise<void>;
}

/** An OTLP collector that hands on each export as text and keeps none: a whole day's would not fit. */
export async function startTelemetrySink(look: (text: string) => void): Promise<TelemetrySink> {
  let exports = 0;
  const server = createServer(async (incoming, outgoing) => {
    const raw = await buffer(incoming).catch(() => undefined);
    if (!raw) return;
    exports++;
    look((incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString());
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports: () => exports,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
