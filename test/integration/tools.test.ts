import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyStore } from '../../shared/mcp/keys/keyStore.ts';
import type { ToolsStatus } from '../../shared/tools/live/status.ts';
import { newKeyPair, publicKeyOf, readPrivateKey } from '../../shared/tools/manifest/signing.ts';
import { type App, eventually, startApp } from '../support/app.ts';
import { modernRequest } from '../support/mcp.ts';
import { root, runToEnd } from '../support/process.ts';
import { sampleMessage } from '../support/voice.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tools-'));
const { privatePem } = newKeyPair();
const publicKey = publicKeyOf(readPrivateKey(privatePem));
let app: App;

beforeAll(async () => {
  app = await startApp({
    GATEHOUSE_TOOL_KEYS: JSON.stringify([{ keyId: 'ci', publicKey }]),
    GATEHOUSE_TOOLS_POLL_S: '1',
    GATEHOUSE_TOOL_SECRET_GREETING: 'planted-secret-4711',
  });
  const { tenant } = (await (await fetch(`${app.base}/api/tenants/acme`)).json()) as {
    tenant: { tools: { functions: string[] } };
  };
  tenant.tools.functions.push('greet', 'book');
  const stored = await fetch(`${app.base}/api/tenants/acme`, { method: 'PUT', body: JSON.stringify(tenant) });
  expect(stored.status).toBe(200);
});
afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true });
});

/** `npm run tools -- …` as a pipeline runs it, while the app is used: it looks for tools when it is. */
async function command(...args: string[]) {
  const use = setInterval(() => void status().catch(() => {}), 200);
  try {
    return await runToEnd('local/tools.ts', args, {
      AzureWebJobsStorage: app.azurite.connectionString,
      GATEHOUSE_TOOL_SIGNING_KEY: privatePem,
      GATEHOUSE_TOOL_SIGNING_KEY_ID: 'ci',
      GATEHOUSE_TOOL_PUBLISHER: 'pipeline',
      INIT_CWD: folder,
    });
  } finally {
    clearInterval(use);
  }
}

async function publish(name: string, run: string, more = '') {
  writeFileSync(
    join(folder, `${name}.tool.ts`),
    `export default {
      name: '${name}', description: 'For tests', ${more}
      inputSchema: { type: 'object', properties: { who: { type: 'string' } } },
      async run({ who }: { who: string }, ctx: any) { ${run} },
    };`,
  );
  return command('publish', `${name}.tool.ts`, '--version', '1');
}

async function call(name: string, args: object, id = 'call_1') {
  const answer = await app.deliver({
    ...sampleMessage('status-update'),
    type: 'tool-calls',
    toolCallList: [{ id, type: 'function', function: { name, arguments: args } }],
  });
  const { results } = (await answer.json()) as { results: { result?: string; error?: string }[] };
  return results[0]?.result ?? results[0]?.error;
}

const status = async () => (await (await fetch(`${app.base}/api/tools`)).json()) as ToolsStatus;

/** Asks until the instance has it; the first to ask still gets what was there before. */
const answers = (name: string, args: object, expected: string) =>
  eventually(async () => ((await call(name, args)) === expected ? true : undefined), `"${expected}"`);

describe('a tool that is published while the app runs', () => {
  it('is called by Vapi, told to the model and listed', async () => {
    expect(await call('greet', { who: 'Sam' })).toBe('Unknown tool: greet.');
    const published = await publish(
      'greet',
      "return 'Hello ' + who + ' of ' + ctx.tenantId;",
      'sideEffect: false,',
    );
    expect([published.code, published.printed]).toEqual([0, expect.stringContaining('live on 1 instance')]);
    await answers('greet', { who: 'Sam' }, 'Hello Sam of acme');
    const request = await (await app.deliver(sampleMessage('assistant-request'))).json();
    const { model } = (request as { assistant: { model: { tools: { function?: object }[] } } }).assistant;
    expect(model.tools.map((tool) => tool.function)).toContainEqual(
      expect.objectContaining({ name: 'greet', description: 'For tests' }),
    );
    const { tools, sequence } = await status();
    expect(sequence).toBe(1);
    expect(tools.find(({ name }) => name === 'greet')).toMatchObject({
      kind: 'code',
      version: '1',
      publisher: 'pipeline',
      instances: 1,
      calls: expect.any(Number),
      errors: 0,
      p95: expect.any(Number),
    });
  });

  it('is the same tool by MCP', async () => {
    const order = { tenantId: 'acme', label: 'test', scopes: [] };
    const { text } = await new KeyStore(app.stores.tables).create(order, new Date());
    const { body, headers } = modernRequest('tools/call', { name: 'greet', arguments: { who: 'Jo' } });
    const answer = await app.post('/api/mcp', body, { ...headers, authorization: `Bearer ${text}` });
    expect(await answer.json()).toMatchObject({
      result: { content: [{ type: 'text', text: 'Hello Jo of acme' }] },
    });
  });

  it('is not there for a tenant that has not chosen it', async () => {
    const other = (await (await fetch(`${app.base}/api/tenants/acme`)).json()) as {
      tenant: {
        tenantId: string;
        phoneNumberIds: string[];
        phoneNumbers: string[];
        tools: { functions: string[] };
      };
    };
    const line = '11111111-2222-4333-8444-555555555555';
    const { delivery: _, ...tenant } = other.tenant as typeof other.tenant & { delivery?: object };
    const stored = await fetch(`${app.base}/api/tenants/other`, {
      method: 'PUT',
      body: JSON.stringify({
        ...tenant,
        tenantId: 'other',
        phoneNumberIds: [line],
        phoneNumbers: [],
        tools: { functions: ['get_business_hours'] },
      }),
    });
    expect(stored.status).toBe(201);
    const answer = await app.deliver({
      type: 'tool-calls',
      call: { id: 'c', phoneNumberId: line },
      toolCallList: [{ id: 'x', function: { name: 'greet', arguments: {} } }],
    });
    expect(await answer.json()).toMatchObject({ results: [{ error: 'Unknown tool: greet.' }] });
  });

  it('changes with the next publication, and goes back by one command', async () => {
    await publish('greet', "return 'Good day ' + who;", 'sideEffect: false,');
    await answers('greet', { who: 'Sam' }, 'Good day Sam');
    expect((await command('rollback')).code).toBe(0);
    await answers('greet', { who: 'Sam' }, 'Hello Sam of acme');
    expect((await status()).sequence).toBe(3);
  });

  it('with effects runs once for a tool call, however often it is delivered', async () => {
    await publish('book', "return 'booked ' + Math.random();");
    await eventually(
      async () => ((await call('book', {}, 'probe'))?.startsWith('booked') ? true : undefined),
      'book',
    );
    const deliveries = await Promise.all(Array.from({ length: 5 }, () => call('book', {}, 'call_book')));
    expect(new Set(deliveries).size).toBe(1);
    expect(deliveries[0]).toMatch(/^booked 0\./);
    expect(await call('book', {}, 'call_other')).not.toBe(deliveries[0]);
  });

  it('keeps its secrets to itself, and out of every log', async () => {
    const run = "const s = await ctx.secret('GREETING'); ctx.log('got', { s }); throw new Error(s + who);";
    await publish('greet', run, "sideEffect: false, secrets: ['GREETING'],");
    await answers(
      'greet',
      { who: 'Planted Person' },
      'The tool failed. Apologise and offer to take a message.',
    );
    await eventually(async () => (app.output().includes('tool-failed') ? true : undefined), 'the log line');
    expect(app.output()).not.toMatch(/planted-secret-4711|Planted Person/);
  });

  it('that does not load leaves the one before, and says why', async () => {
    const before = await status();
    const { code, printed } = await publish('greet', "return 'never'; } , async broken( {");
    expect([code, printed]).toEqual([1, expect.stringContaining('greet.tool.ts:')]);
    expect((await status()).sequence).toBe(before.sequence);
  });

  it('signed by a stranger is refused, and operators are told', async () => {
    const { sequence } = await status();
    await app.stores.blobs.put(
      'tools',
      'manifest.json',
      Buffer.from('{"payload":"e30=","signatures":[{"keyId":"ci","signature":"AAAA"}]}'),
      'application/json',
    );
    const problem = await eventually(
      async () =>
        (await status()).instances.flatMap(({ problems }) => problems).find(({ kind }) => kind === 'refused'),
      'the refusal',
    );
    expect(problem).toMatchObject({ refusal: 'wrong-signature' });
    expect((await status()).sequence).toBe(sequence);
    expect(await call('book', {}, 'call_book')).toMatch(/^booked/);
  });

  it('ships as examples that are right', async () => {
    const { code, printed } = await command(
      'check',
      ...['check_availability', 'book_appointment', 'notify_slack', 'save_contact'].map((name) =>
        join(root, `examples/tools/${name}.json`),
      ),
    );
    expect([code, printed.split('\n').filter((line) => line.startsWith('right'))]).toEqual([
      0,
      expect.objectContaining({ length: 4 }),
    ]);
  });
});
