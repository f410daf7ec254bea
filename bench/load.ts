/**
 * The client of the benchmarks, a process of its own. Reads one order a line from its parent over IPC, keeps N
 * connections busy for a while and sends back the latencies' percentiles in milliseconds.
 */
import { Agent, request } from 'node:http';

export interface LoadOrder {
  url: string;
  headers: Record<string, string>;
  body: string;
  connections: number;
  ms: number;
  /** Text in the body that is replaced by a new number in every request. */
  unique?: string;
}

export interface LoadResult {
  requests: number;
  failures: number;
  p50: number;
  p99: number;
}

let counter = 0;

function send(agent: Agent, { url, headers, body, unique }: LoadOrder): Promise<boolean> {
  const text = unique ? body.replaceAll(unique, `${unique}${++counter}`) : body;
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      { agent, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(text) } },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode === 200));
      },
    );
    outgoing.once('error', () => resolve(false)).end(text);
  });
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const latencies: number[] = [];
  let failures = 0;
  const end = performance.now() + order.ms;
  await Promise.all(
    Array.from({ length: order.connections }, async () => {
      while (performance.now() < end) {
        const started = performance.now();
        if (!(await send(agent, order))) failures++;
        latencies.push(performance.now() - started);
      }
    }),
  );
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { requests: latencies.length, failures, p50: at(0.5), p99: at(0.99) };
}

process.on('message', (order: LoadOrder) => {
  void load(order).then((result) => process.send?.(result));
});
