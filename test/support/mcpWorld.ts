import { TableBucketStore } from '../../shared/limits/bucketStore.ts';
import { Limiter } from '../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../shared/limits/policy.ts';
import { type McpDeps, McpEndpoint } from '../../shared/mcp/endpoint.ts';
import { KeyRing } from '../../shared/mcp/keys/keyRing.ts';
import { KeyStore } from '../../shared/mcp/keys/keyStore.ts';
import { Repeats } from '../../shared/mcp/repeats.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { createToolRegistry, fixedSource } from '../../shared/tools/registry.ts';
import type { Tool, ToolContext } from '../../shared/tools/tool.ts';
import { memoryLog } from './http.ts';
import { modernRequest } from './mcp.ts';

export const now = new Date('2026-11-21T00:49:00Z');

/** What a run of {@link tool} was told. */
export interface Seen {
  name: string;
  input: Record<string, unknown>;
  context: ToolContext;
}

/** A tool that notes what it was told, and gives that back. */
export function tool(name: string, seen: Seen[] = [], changes: Partial<Tool> = {}): Tool {
  return {
    name,
    description: `Does ${name}.`,
    kind: 'builtin',
    version: 'built-in',
    inputSchema: { type: 'object' },
    sideEffect: true,
    readInput: (args) => ({ ok: true, input: args }),
    async run(input, context) {
      seen.push({ name, input, context });
      return { done: name };
    },
    ...changes,
  };
}

/** The endpoint on in-memory storage, with one tenant and whatever tools are given. */
export async function createMcp(
  options: {
    tools?: Tool[];
    auditTools?: Tool[];
    policies?: readonly PolicyInput[];
    deps?: Partial<McpDeps>;
    functions?: readonly string[];
  } = {},
) {
  const { tables } = createMemoryStores();
  const { tools = [], auditTools = [], policies = [], functions } = options;
  const keys = new KeyStore(tables);
  const clock = { now };
  const { log, lines } = memoryLog();
  const shelf = (given: Tool[]) => ({ registry: createToolRegistry(fixedSource(given)), timeoutMs: 1_000 });
  const endpoint = new McpEndpoint({
    keys: new KeyRing(keys),
    limiter: new Limiter({
      policies: policies.map((policy) => policySchema.parse(policy)),
      store: new TableBucketStore(tables),
      instance: 'test',
    }),
    tenant: async (id) =>
      id === 'acme'
        ? { functions: functions ?? tools.map(({ name }) => name), limits: undefined }
        : undefined,
    tenantTools: shelf(tools),
    auditTools: shelf(auditTools),
    settings: { origins: [] },
    collections: [],
    repeats: new Repeats(tables),
    callerOf: async () => undefined,
    facts: { version: '1.2.3', listTtlMs: 5_000 },
    now: () => clock.now,
    ...options.deps,
  });
  const { text: key } = await keys.create({ tenantId: 'acme', scopes: ['records', 'audit'] }, now);
  const send = async (body: string, headers: Record<string, string>, method = 'POST') => {
    const given = new Headers({ authorization: `Bearer ${key}`, ...headers });
    const url = 'https://gatehouse.example/api/mcp';
    const read = async () => Buffer.from(body);
    const {
      status,
      headers: told,
      body: answer,
    } = await endpoint.answer({ method, url, headers: given, read }, log);
    return { status, headers: told, body: String(answer ?? '') };
  };
  return {
    endpoint,
    keys,
    key,
    lines,
    clock,
    send,
    /** A request of the newest revision; gives its result or error. */
    async ask(method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
      const { body, headers: own } = modernRequest(method, params);
      const { result, error } = JSON.parse((await send(body, { ...own, ...headers })).body);
      return { result, error };
    },
  };
}
