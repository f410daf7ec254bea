/**
 * The webhook, with limits, ledger and telemetry on, against the least a function can do on the same host: read and
 * parse the same body, answer a constant of the same size. Client, Gatehouse, peer, storage and the collector of
 * telemetry are processes of their own; the two are measured in turn.
 */
import { type ChildProcess, fork } from 'node:child_process';
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
const headers = { 'content-type': 'application/json', 'x-vapi-secret': secret };
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
  { name: 'tool-calls 50 KB, tool without storage', body: heavyToolCall('not_a_tool'), goal },
  { name: 'tool-calls 50 KB, create_lead stored', body: heavyToolCall('create_lead'), unique: 'call_bench' },
];

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
    for (const { name, body, unique, goal: wanted } of scenarios) {
      const url = `${ours.base}/api/vapi/webhook`;
      const size = (await (await fetch(url, { method: 'POST', headers, body })).text()).length;
      const order = { headers, body, ms, ...(unique === undefined ? {} : { unique }) };
      const targets = [url, `${peer.base}/api/peer/${size}`];
      for (const target of targets)
        await ask(client, { ...order, connections: 16, url: target, ms: quick ? 1_500 : warmUpMs });
      for (const connections of connectionCounts) {
        const pairs: [number, number][] = [];
        for (let round = 0; round < rounds; round++) {
          const [a, b] = [
            await ask(client, { ...order, connections, url: targets[0] ?? '' }),
            await ask(client, { ...order, connections, url: targets[1] ?? '' }),
          ];
          pairs.push([a.p50, b.p50]);
        }
        rows.push({
          name: `${name}, ${connections} connection${connections > 1 ? 's' : ''}`,
          ours: median(pairs.map(([a]) => a)),
          peer: median(pairs.map(([, b]) => b)),
          ratio: median(pairs.map(([a, b]) => a / b)),
          goal: wanted,
        });
      }
    }
    return report(`webhook: median latency, ${rounds} rounds in turn`, 'ms', rows);
  } finally {
    client.disconnect();
    await Promise.all([ours.stop(), peer.stop(), collector.stop()]);
    await azurite.stop();
  }
}
