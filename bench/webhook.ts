/**
 * The webhook, with limits, ledger and telemetry on, against the least a function can do on the same host: read and
 * parse the same body, answer a constant of the same size. Client, Gatehouse, peer, storage and the collector of
 * telemetry are processes of their own; the two are measured in turn.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importTenants } from '../local/importTenants.ts';
import { startAzurite } from '../local/storage/azurite.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { median, type Row, report } from './report.ts';
import { startServer } from './server.ts';

const secret = 'bench-secret';
const json = { 'content-type': 'application/json' };

/** The secret, or Vapi's HMAC over the body with the time the scenario began. */
function headersFor({ body, isSigned }: Scenario): Record<string, string> {
  if (!isSigned) return { ...json, 'x-vapi-secret': secret };
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { ...json, 'x-signature': signature, 'x-timestamp': timestamp };
}
const connectionCounts = [1, 16, 64];
const goal = 1.5;

/** Until V8 has compiled all that is hot, both take half as long again. */
const warmUpMs = 10_000;

/** The built-in policies with quotas that one caller who rings all the time does not reach. */
const limits = JSON.stringify(
  ['calls-number', 'calls-tenant', 'tools-tenant'].map((name) => ({
    name,
    limits: [{ quota: 1_000_000_000, window: '1m' }],
  })),
);

interface Scenario {
  name: string;
  body: string;
  unique?: string;
  isSigned?: boolean;
  goal?: number;
}

function sample(name: string): Record<string, unknown> {
  const file = new URL(`../local/sample/calls/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { message: Record<string, unknown> }).message;
}

/** A tool-calls message as heavy as those of a real call 45 s in: about 50 KB, with the assistant and all that was said. */
function heavyToolCall(tool: string): string {
  const message = sample('tool-calls');
  const said = (message.artifact as { messages: unknown[] }).messages;
  const messages = Array.from({ length: 45 }, (_, i) => said[i % said.length]);
  const assistant = {
    name: 'Acme Plumbing',
    model: {
      provider: 'openai',
      model: 'gpt-4o',
      messages: [{ role: 'system', content: 'You answer the phone. '.repeat(300) }],
    },
  };
  const call = {
    id: 'call_bench',
    type: 'function',
    function: { name: tool, arguments: { service: 'Blocked drains', urgency: 'today' } },
  };
  const heavy = {
    ...message,
    customer: { number: 'caller of call_bench' },
    assistant,
    call: { ...(message.call as object), assistant },
    artifact: { messages, messagesOpenAIFormatted: messages, assistant },
    toolCalls: [call],
    toolCallList: [call],
  };
  return JSON.stringify({ message: heavy });
}

const scenarios: Scenario[] = [
  {
    name: 'assistant-request, tenant in memory',
    body: JSON.stringify({ message: sample('assistant-request') }),
    goal,
  },
  {
    name: 'assistant-request, HMAC',
    body: JSON.stringify({ message: sample('assistant-request') }),
    isSigned: true,
  },
  { name: 'tool-calls 50 KB, tool without storage', body: heavyToolCall('not_a_tool'), goal },
  { name: 'tool-calls 50 KB, create_lead stored', body: heavyToolCall('create_lead'), unique: 'call_bench' },
];

function rowOf(
  name: string,
  pairs: readonly [LoadResult, LoadResult][],
  at: 'p50' | 'p99',
  wanted: number | undefined,
): Row {
  return {
    name,
    ours: median(pairs.map(([own]) => own[at])),
    peer: median(pairs.map(([, other]) => other[at])),
    ratio: median(pairs.map(([own, other]) => own[at] / other[at])),
    goal: wanted,
  };
}

async function ask(client: ChildProcess, order: LoadOrder): Promise<LoadResult> {
  client.send(order);
  const [result] = (await once(client, 'message')) as [LoadResult];
  if (result.failures > 0)
    throw new Error(`${result.failures} of ${result.requests} requests to ${order.url} failed`);
  return result;
}

export async function webhook(quick: boolean): Promise<boolean> {
  const [rounds, ms] = quick ? [3, 350] : [7, 1_500];
  const azurite = await startAzurite();
  const storage = { AzureWebJobsStorage: azurite.connectionString };
  await importTenants(
    fileURLToPath(new URL('../local/sample/tenants.json', import.meta.url)),
    (await createAzureStores({ connectionString: azurite.connectionString })).tables,
  );
  const collector = await startServer('bench/collector.ts', [], {});
  const ours = await startServer('local/start.ts', ['--port', '0'], {
    ...storage,
    GATEHOUSE_LIMITS: limits,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.base,
    VAPI_WEBHOOK_SECRET: secret,
    VAPI_WEBHOOK_CREDENTIALS: JSON.stringify([{ type: 'hmac', algorithm: 'sha256', secrets: [secret] }]),
    VAPI_WEBHOOK_REPLAY_WINDOW_S: '3600',
    GATEHOUSE_ALLOW_UNAUTHENTICATED: 'false',
  });
  const peer = await startServer(
    'local/runHost.ts',
    [fileURLToPath(new URL('peer', import.meta.url)), '--port', '0'],
    storage,
  );
  const client = fork(fileURLToPath(new URL('load.ts', import.meta.url)));
  try {
    const rows: Row[] = [];
    for (const scenario of scenarios) {
      const { name, body, unique, goal: wanted } = scenario;
      const headers = headersFor(scenario);
      const url = `${ours.base}/api/vapi/webhook`;
      const size = (await (await fetch(url, { method: 'POST', headers, body })).text()).length;
      const order = { headers, body, ms, ...(unique === undefined ? {} : { unique }) };
      const targets = [url, `${peer.base}/api/peer/${size}`];
      for (const target of targets)
        await ask(client, { ...order, connections: 16, url: target, ms: quick ? 1_500 : warmUpMs });
      for (const connections of connectionCounts) {
        const pairs: [LoadResult, LoadResult][] = [];
        for (let round = 0; round < rounds; round++) {
          const own = await ask(client, { ...order, connections, url });
          pairs.push([own, await ask(client, { ...order, connections, url: targets[1] ?? '' })]);
        }
        const title = `${name}, ${connections} connection${connections > 1 ? 's' : ''}`;
        rows.push(rowOf(`${title}, p50`, pairs, 'p50', wanted));
        rows.push(rowOf(`${title}, p99`, pairs, 'p99', undefined));
      }
    }
    return report(`webhook: latency, medians of ${rounds} rounds in turn`, 'ms', rows);
  } finally {
    client.disconnect();
    await Promise.all([ours.stop(), peer.stop(), collector.stop()]);
    await azurite.stop();
  }
}
