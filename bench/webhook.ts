/**
 * The webhook, with HMAC, limits, ledger and telemetry on, against the least a function can do on the same host: read and
 * parse the same body, answer a constant of the same size. Client, Gatehouse, peer, storage and the collector of
 * telemetry are processes of their own; the two are measured in turn.
 */
import { fileURLToPath } from 'node:url';
import { importTenants } from '../local/importTenants.ts';
import { startAzurite } from '../local/storage/azurite.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { Client } from './client.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { conclude, type Judged, median, printTable, verdict } from './report.ts';
import { type Server, startServer } from './server.ts';
import { type Percentile, percentiles, type Scenario, scenarios } from './webhookScenarios.ts';

const secret = 'bench-secret';
const connectionCounts = [1, 16, 64];

/** Until V8 has compiled all that is hot, both take half as long again. */
const warmUpMs = 10_000;

/** The built-in policies with quotas that one caller who rings all the time does not reach. */
const limits = JSON.stringify(
  ['calls-number', 'calls-tenant', 'tools-tenant'].map((name) => ({
    name,
    limits: [{ quota: 1_000_000_000, window: '1m' }],
  })),
);

interface Servers {
  /** Ours, with tenants in memory or without. */
  own(isCold: boolean): Promise<Server>;
  peer: Server;
  stop(): Promise<void>;
}

/** Rounds of each number of connections, and how long each lasts. */
interface Effort {
  rounds: number;
  ms: number;
  warmUpMs: number;
}

/** Ours and the peer's result of one round. */
type Pair = readonly [LoadResult, LoadResult];

interface Measured {
  title: string;
  pairs: readonly Pair[];
  scenario: Scenario;
}

const oursAt = (pairs: readonly Pair[], at: Percentile) => median(pairs.map(([own]) => own[at]));
const peerAt = (pairs: readonly Pair[], at: Percentile) => median(pairs.map(([, peer]) => peer[at]));
/** Median of the rounds' own ratios, which noise of the machine hits on both sides alike. */
const ratioAt = (pairs: readonly Pair[], at: Percentile) =>
  median(pairs.map(([own, peer]) => own[at] / peer[at]));

function judge({ title, pairs, scenario }: Measured): Judged[] {
  return percentiles.flatMap((at) => {
    const goal = scenario.goals?.[at];
    if (goal === undefined) return [];
    return [{ name: `${title}, ${at}`, value: ratioAt(pairs, at), is: '<=' as const, goal, unit: ' x' }];
  });
}

function print(measured: readonly Measured[]): void {
  const heads = percentiles.flatMap((at) => [`${at} ours / peer ms`, 'ratio']);
  const lines = measured.map(({ title, pairs }) => [
    title,
    ...percentiles.flatMap((at) => [
      `${oursAt(pairs, at).toFixed(2)} / ${peerAt(pairs, at).toFixed(2)}`,
      `${ratioAt(pairs, at).toFixed(2)} x`,
    ]),
  ]);
  printTable('webhook: latency, medians of rounds in turn', [['', ...heads], ...lines]);
  const goals = measured.flatMap(judge).map((one) => [one.name, `${one.value.toFixed(2)} x`, verdict(one)]);
  printTable('goals', goals);
}

/**
 * Ours and the peer's result of one round. One connection asks them request by request in turn, so that what else the
 * machine does hits both alike; many would have both compete for it, and ask one after the other.
 */
async function round(client: Client, order: LoadOrder): Promise<Pair> {
  const orders =
    order.connections === 1
      ? [{ ...order, ms: 2 * order.ms }]
      : order.urls.map((url) => ({ ...order, urls: [url] }));
  const results: LoadResult[] = [];
  for (const one of orders) results.push(...(await client.ask(one)));
  const [own, peer] = results;
  if (!own || !peer) throw new Error('the client has measured too little');
  return [own, peer];
}

/** One of ours runs at a time: an idle one still asks its queues. */
async function start(storage: Record<string, string>, collector: Server): Promise<Servers> {
  const peer = await startServer(
    'local/runHost.ts',
    [fileURLToPath(new URL('peer', import.meta.url)), '--port', '0'],
    storage,
  );
  let running: { server: Server; isCold: boolean } | undefined;
  return {
    peer,
    async own(isCold) {
      if (running?.isCold === isCold) return running.server;
      await running?.server.stop();
      const server = await startServer('local/start.ts', ['--port', '0'], {
        ...storage,
        GATEHOUSE_LIMITS: limits,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.base,
        VAPI_WEBHOOK_SECRET: secret,
        VAPI_WEBHOOK_CREDENTIALS: JSON.stringify([{ type: 'hmac', algorithm: 'sha256', secrets: [secret] }]),
        GATEHOUSE_ALLOW_UNAUTHENTICATED: 'false',
        ...(isCold ? { TENANT_CACHE_TTL_S: '0' } : {}),
      });
      running = { server, isCold };
      return server;
    },
    async stop() {
      await Promise.all([running?.server.stop(), peer.stop(), collector.stop()]);
    },
  };
}

/** How large an answer is, which the peer's is made as large as. */
async function answerSize(url: string, { body }: Scenario): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-vapi-secret': secret };
  return (await (await fetch(url, { method: 'POST', headers, body })).text()).length;
}

async function measure(
  client: Client,
  servers: Servers,
  scenario: Scenario,
  { rounds, ms, warmUpMs }: Effort,
): Promise<Measured[]> {
  const { name, body, unique, isCold = false } = scenario;
  const own = `${(await servers.own(isCold)).base}/api/vapi/webhook`;
  const peer = `${servers.peer.base}/api/peer/${await answerSize(own, scenario)}`;
  const headers = { 'content-type': 'application/json' };
  const order = { headers, body, secret, ...(unique === undefined ? {} : { unique }) };
  for (const url of [own, peer]) await client.ask({ ...order, connections: 16, urls: [url], ms: warmUpMs });
  const measured: Measured[] = [];
  for (const connections of connectionCounts) {
    const pairs: Pair[] = [];
    for (let i = 0; i < rounds; i++)
      pairs.push(await round(client, { ...order, connections, ms, urls: [own, peer] }));
    measured.push({ title: `${name}, ${connections} conn.`, pairs, scenario });
  }
  return measured;
}

export async function webhook(quick: boolean): Promise<boolean> {
  const effortFor = ({ goals }: Scenario): Effort => {
    if (quick) return { rounds: 3, ms: 350, warmUpMs: 1_500 };
    return goals ? { rounds: 7, ms: 2_500, warmUpMs } : { rounds: 3, ms: 1_500, warmUpMs };
  };
  const azurite = await startAzurite();
  const storage = { AzureWebJobsStorage: azurite.connectionString };
  await importTenants(
    fileURLToPath(new URL('../local/sample/tenants.json', import.meta.url)),
    (await createAzureStores({ connectionString: azurite.connectionString })).tables,
  );
  const collector = await startServer('bench/collector.ts', [], {});
  const servers = await start(storage, collector);
  const client = new Client();
  try {
    const measured: Measured[] = [];
    for (const scenario of scenarios)
      measured.push(...(await measure(client, servers, scenario, effortFor(scenario))));
    print(measured);
    return conclude(measured.flatMap(judge));
  } finally {
    client.stop();
    await servers.stop();
    await azurite.stop();
  }
}
