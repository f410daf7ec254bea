/**
 * Tools: what a call costs by kind, how soon a publication is live, what it leaves behind, and MCP beside plain JSON. Call
 * overheads are without a network; a built-in tool in the same process is the peer of the others.
 */
import { fileURLToPath } from 'node:url';
import { importTenants } from '../local/importTenants.ts';
import { startAzurite } from '../local/storage/azurite.ts';
import { KeyStore } from '../shared/mcp/keys/keyStore.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { Stores } from '../shared/storage/stores.ts';
import { Client } from './client.ts';
import type { LoadOrder } from './load.ts';
import { conclude, type Judged, median, printTable, verdict } from './report.ts';
import { startServer } from './server.ts';
import { callOverheads } from './toolsCalls.ts';
import { type Beside, besideHostile } from './toolsHostile.ts';
import { reloads } from './toolsLive.ts';

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

/** Orders of the same built-in tool: by MCP, and as Vapi asks for it. */
function orders(base: string, key: string): Record<'mcp' | 'json', Omit<LoadOrder, 'connections' | 'ms'>> {
  const json = { 'content-type': 'application/json' };
  const name = 'get_business_hours';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const call = { id: 'bench-call', phoneNumberId: '5f0c1d7e-3a52-4c1b-9d84-6f2f0a7b1c11' };
  const toolCall = { id: 'bench', type: 'function', function: { name, arguments: {} } };
  return {
    mcp: {
      urls: [`${base}/api/mcp`],
      headers: {
        ...json,
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${key}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': name,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name, arguments: {}, _meta: meta },
      }),
    },
    json: {
      urls: [`${base}/api/vapi/webhook`],
      headers: { ...json, 'x-vapi-secret': 'bench-secret' },
      body: JSON.stringify({ message: { type: 'tool-calls', call, toolCallList: [toolCall] } }),
    },
  };
}

/** Milliseconds at the middle by MCP and by plain JSON, in rounds in turn. */
async function mcpBesideJson(connectionString: string, stores: Stores, quick: boolean) {
  const order = { tenantId: 'acme', label: 'bench', scopes: [] };
  const { text: key } = await new KeyStore(stores.tables).create(order, new Date());
  const limits = ['tools-tenant', 'calls-tenant'].map((name) => ({
    name,
    limits: [{ quota: 1_000_000_000, window: '1m' }],
  }));
  const server = await startServer('local/start.ts', ['--port', '0'], {
    AzureWebJobsStorage: connectionString,
    GATEHOUSE_LIMITS: JSON.stringify(limits),
    // What the reloads published was signed by another.
    GATEHOUSE_TOOLS: 'off',
    VAPI_WEBHOOK_SECRET: 'bench-secret',
  });
  const client = new Client();
  try {
    const both = Object.values(orders(server.base, key));
    const rounds: number[][] = [];
    for (const one of both) await client.ask({ ...one, connections: 4, ms: quick ? 1_000 : 8_000 });
    for (let i = 0; i < (quick ? 3 : 7); i++) {
      const round: number[] = [];
      for (const one of both)
        for (const { p50 } of await client.ask({ ...one, connections: 1, ms: quick ? 500 : 2_000 }))
          round.push(p50);
      rounds.push(round);
    }
    return rounds.map(([mcp = 0, json = 0]) => ({ mcp, json, ratio: mcp / json }));
  } finally {
    client.stop();
    await server.stop();
  }
}

/** A delay that shows: a call beside a hostile tool takes more than so many times as long. */
const mostBeside = 2;

/**
 * Calls of good tools alone and beside hostile ones; each round is held to the one before it. All of them at once is only
 * told: with two cores for client, storage, app and whatever loops, that is what so much work costs anybody.
 */
function printBeside(rounds: readonly Beside[]): Judged[] {
  const rows = ['code tool', 'built-in tool'].flatMap((kind, i) =>
    (['p50', 'p99'] as const).map((at) => {
      const of = (how: keyof Beside) => rounds.map((one) => one[how][i]?.[at] ?? 0);
      const alone = of('alone');
      const timesAlone = (how: keyof Beside) => median(of(how).map((ms, round) => ms / (alone[round] ?? 0)));
      const judged: Judged = {
        name: `${kind} beside a hostile one, ${at}`,
        value: timesAlone('inTurn'),
        is: '<=',
        goal: mostBeside,
        unit: ' x',
      };
      const cells = (how: keyof Beside) => `${median(of(how)).toFixed(2)} (${timesAlone(how).toFixed(2)} x)`;
      const row = [`${kind}, ${at}`, median(alone).toFixed(2), cells('inTurn'), cells('atOnce')];
      return { judged, row: [...row, verdict(judged)] };
    }),
  );
  printTable('calls by the webhook beside hostile tools, ms', [
    ['', 'alone', 'one in turn', 'all at once', 'one in turn'],
    ...rows.map(({ row }) => row),
  ]);
  return rows.map(({ judged }) => judged);
}

export async function tools(quick: boolean): Promise<boolean> {
  const took = await callOverheads(quick ? 1 : 5, quick ? 500 : 2_000);
  const builtIn = median(took['built-in'] ?? []);
  printTable('a call, µs', [
    ['', 'p50', 'p99', 'of a built-in'],
    ...Object.entries(took).map(([kind, us]) => [
      kind,
      median(us).toFixed(0),
      percentile(us, 0.99).toFixed(0),
      `${(median(us) / builtIn).toFixed(1)} x`,
    ]),
  ]);
  const azurite = await startAzurite();
  try {
    const { connectionString } = azurite;
    const stores = await createAzureStores({ connectionString });
    const times = quick ? 50 : 1_000;
    const live = await reloads(stores, times);
    await importTenants(
      fileURLToPath(new URL('../local/sample/tenants.json', import.meta.url)),
      stores.tables,
    );
    const rounds = await mcpBesideJson(connectionString, stores, quick);
    const ratio = median(rounds.map((one) => one.ratio));
    const judged: Judged[] = [
      { name: 'MCP beside plain JSON, p50', value: ratio, is: '<=', goal: 2, unit: ' x' },
      { name: `heap after ${times} reloads`, value: live.heapGrowthMb, is: '<=', goal: 16, unit: ' MB' },
    ];
    printTable('live', [
      ['', 'p50', 'p99', ''],
      [
        'manifest in storage to version in use, ms',
        median(live.toLiveMs).toFixed(1),
        percentile(live.toLiveMs, 0.99).toFixed(1),
        '-',
      ],
      [
        'a look that finds nothing new, ms',
        median(live.unchangedMs).toFixed(2),
        percentile(live.unchangedMs, 0.99).toFixed(2),
        '-',
      ],
      [`heap kept after ${times} reloads, MB`, live.heapGrowthMb.toFixed(1), '', verdict(judged[1])],
      [`process grown by, MB`, live.rssGrowthMb.toFixed(1), '', '-'],
      [
        'a call by MCP / as plain JSON, ms',
        `${median(rounds.map(({ mcp }) => mcp)).toFixed(2)} / ${median(rounds.map(({ json }) => json)).toFixed(2)}`,
        '',
        verdict(judged[0]),
      ],
    ]);
    const beside = quick ? await besideHostile(1, 6_000) : await besideHostile(5, 20_000);
    return conclude([...judged, ...printBeside(beside)]);
  } finally {
    await azurite.stop();
  }
}
