/**
 * The client of the benchmarks, a process of its own. Takes orders from its parent over IPC, keeps N connections busy for a
 * while and sends back the latencies' percentiles in milliseconds, for each address.
 */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOrder {
  /** Each connection asks them in turn. */
  urls: readonly string[];
  headers: Record<string, string>;
  /** One for every address, or one for each. */
  body: string | readonly string[];
  connections: number;
  ms: number;
  /** Between two requests of a connection; none unless given: it asks again at once. */
  pauseMs?: number;
  /** Text in the body that is replaced by a new number in every request. */
  unique?: string;
  /** Every request is signed with it as Vapi's HMAC credential does. */
  secret?: string;
}

export interface LoadResult {
  requests: number;
  failures: number;
  p50: number;
  p95: number;
  p99: number;
}

/** Until then nothing is counted: connections are opened, and what was last used a while ago becomes warm again. */
const openingMs = 1_000;

let counter = 0;

interface Prepared {
  headers: Record<string, string | number>;
  text: string;
}

/** The next request of an order to its `i`th address, signed now. */
function prepare({ headers, body: bodies, unique, secret }: LoadOrder, i: number): Prepared {
  const body = typeof bodies === 'string' ? bodies : (bodies[i] ?? '');
  const text = unique ? body.replaceAll(unique, `${unique}${++counter}`) : body;
  const length = { 'content-length': Buffer.byteLength(text) };
  if (secret === undefined) return { headers: { ...headers, ...length }, text };
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
  return { headers: { ...headers, ...length, 'x-signature': signature, 'x-timestamp': timestamp }, text };
}

function send(agent: Agent, url: string, { headers, text }: Prepared): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
    });
    outgoing.once('error', () => resolve(false)).end(text);
  });
}

interface Target {
  url: string;
  latencies: number[];
  failures: number;
}

async function load(order: LoadOrder): Promise<LoadResult[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const targets = order.urls.map((url): Target => ({ url, latencies: [], failures: 0 }));
  const from = performance.now() + openingMs;
  const end = from + order.ms;
  await Promise.all(
    Array.from({ length: order.connections }, async () => {
      while (performance.now() < end) {
        for (const [i, target] of targets.entries()) {
          const prepared = prepare(order, i);
          const started = performance.now();
          if (!(await send(agent, target.url, prepared))) target.failures++;
          if (started >= from) target.latencies.push(performance.now() - started);
          if (order.pauseMs) await sleep(order.pauseMs);
        }
      }
    }),
  );
  agent.destroy();
  return targets.map(resultOf);
}

function resultOf({ latencies, failures }: Target): LoadResult {
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { requests: latencies.length, failures, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

process.on('message', (order: LoadOrder) => {
  void load(order).then((result) => process.send?.(result));
});
