import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { importTenants } from '../local/importTenants.ts';
import { startAzurite } from '../local/storage/azurite.ts';
import { Publisher } from '../local/tools/publisher.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { newKeyPair, publicKeyOf, readPrivateKey } from '../shared/tools/manifest/signing.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { Client } from './client.ts';
import type { LoadResult } from './load.ts';
import { startServer } from './server.ts';
import { codeOf, entryOf } from './toolsSamples.ts';

const secret = 'bench-secret';
const headers = { 'content-type': 'application/json', 'x-vapi-secret': secret };
const limits = JSON.stringify([{ name: 'tools-tenant', limits: [{ quota: 1_000_000_000, window: '1m' }] }]);

/** What each hostile tool does while it is loaded. */
const onLoad = {
  load_loops: 'for (;;) {}',
  load_allocates: 'const all = []; for (;;) all.push(new Array(1000).fill(1));',
};
/** What each hostile tool does in every call. */
const onCall = {
  loops: 'for (;;) {}',
  allocates: 'const all = []; for (;;) all.push(Buffer.alloc(1e6, 1));',
  asks: "for (;;) await Promise.all([1, 2, 3, 4].map(() => ctx.secret('NONE').catch(() => {})));",
};

/** A version that is new in each round has not crashed before: one that has too often is not started for a while. */
function versionOf(name: string, code: string, round: number) {
  const bundle = Buffer.from(`/* ${round} */ ${code}`);
  const { version: _, publisher: __, publishedAt: ___, ...draft } = entryOf('code', bundle);
  return { name, draft: { ...draft, timeoutMs: 2_000 }, bundle, examples: 0, inputs: [] };
}

const versionsOf = (deeds: Record<string, string>, round: number, place: 'load' | 'call') =>
  Object.entries(deeds).map(([name, deed]) => {
    const ran = codeOf(name, round).replace(/async run.*/, `async run(input, ctx) { ${deed} },`);
    return versionOf(name, place === 'call' ? ran : `${deed} ${codeOf(name, round)}`, round);
  });

const toolCall = (name: string) =>
  JSON.stringify({
    message: {
      type: 'tool-calls',
      call: { id: 'bench-call', phoneNumberId: '5f0c1d7e-3a52-4c1b-9d84-6f2f0a7b1c11' },
      toolCallList: [{ id: 'bench', type: 'function', function: { name, arguments: { name: 'Sam' } } }],
    },
  });

/** A code tool's and a built-in one's calls. */
type Figures = readonly [LoadResult, LoadResult];

/** A round alone, and those after it beside hostile tools: one of them after the other, and all of them at once. */
export interface Beside {
  alone: Figures;
  inTurn: Figures;
  atOnce: Figures;
}

/**
 * Calls of good tools through the webhook at a steady rate, by turns alone and while hostile ones are published and
 * called all the time.
 */
export async function besideHostile(rounds: number, ms: number): Promise<Beside[]> {
  const azurite = await startAzurite();
  const stores = await createAzureStores({ connectionString: azurite.connectionString });
  await importTenants(fileURLToPath(new URL('../local/sample/tenants.json', import.meta.url)), stores.tables);
  const tenants = new TenantStore(stores.tables);
  const acme = await tenants.get('acme');
  if (!acme) throw new Error('the sample tenant is not there');
  const functions = ['get_business_hours', 'good', ...Object.keys(onCall)];
  await tenants.put({ ...acme, tools: { ...acme.tools, functions } });
  const privateKey = readPrivateKey(newKeyPair().privatePem);
  const publisher = new Publisher(stores, { keyId: 'bench', privateKey }, [], 'bench');
  const publish = (versions: ReturnType<typeof versionOf>[], version: string) =>
    publisher.replace(versions, [], { version, now: new Date() });
  await publish([versionOf('good', codeOf('good', 1), 1)], '1');
  const settings = {
    AzureWebJobsStorage: azurite.connectionString,
    GATEHOUSE_LIMITS: limits,
    GATEHOUSE_TOOL_KEYS: JSON.stringify([{ keyId: 'bench', publicKey: publicKeyOf(privateKey) }]),
    GATEHOUSE_TOOLS_POLL_S: '1',
    VAPI_WEBHOOK_SECRET: secret,
  };
  const server = await startServer('local/start.ts', ['--port', '0'], settings, false);
  const url = `${server.base}/api/vapi/webhook`;
  const client = new Client();
  const measure = async (): Promise<Figures> => {
    const body = [toolCall('good'), toolCall('get_business_hours')];
    const order = { urls: [url, url], headers, body, connections: 2, pauseMs: 5, ms };
    const [code, builtIn] = await client.ask(order);
    if (!code || !builtIn) throw new Error('the client has measured too little');
    return [code, builtIn];
  };
  const callBad = async (name: string) =>
    (await fetch(url, { method: 'POST', headers, body: toolCall(name) })).text();
  let version = 0;
  const publishBad = (deeds: Record<string, string>, place: 'load' | 'call') =>
    publish(versionsOf(deeds, ++version, place), `${version}`);
  /** One of them after the other, without a rest. */
  const inTurn = async (isOver: AbortSignal) => {
    while (!isOver.aborted)
      for (const [name, deed] of Object.entries({ ...onLoad, ...onCall })) {
        const place = name in onLoad ? 'load' : 'call';
        await publishBad({ [name]: deed }, place);
        // Until instances have looked, and what loads has done so, or has had its time.
        await sleep(place === 'load' ? 4_500 : 1_500);
        if (place === 'call') await callBad(name);
        if (isOver.aborted) break;
      }
  };
  /** All that can be called is, all the time, and the others are published anew every second. */
  const atOnce = async (isOver: AbortSignal) => {
    await publishBad(onCall, 'call');
    const calling = Object.keys(onCall).map(async (name) => {
      while (!isOver.aborted) {
        await callBad(name);
        await sleep(50);
      }
    });
    while (!isOver.aborted) {
      await publishBad(onLoad, 'load');
      await sleep(1_000);
    }
    await Promise.all(calling);
  };
  const measureBeside = async (misbehave: typeof inTurn): Promise<Figures> => {
    const over = new AbortController();
    const misbehaving = misbehave(over.signal);
    const figures = await measure();
    over.abort();
    await misbehaving;
    // The last of them has ended.
    await sleep(4_000);
    return figures;
  };
  try {
    await measure();
    const measured: Beside[] = [];
    for (let round = 0; round < rounds; round++)
      measured.push({
        alone: await measure(),
        inTurn: await measureBeside(inTurn),
        atOnce: await measureBeside(atOnce),
      });
    return measured;
  } finally {
    client.stop();
    await server.stop();
    await azurite.stop();
  }
}
