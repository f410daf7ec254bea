import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What the clients of both lines have in common, with answers as they came. */
export interface AnyClient {
  listTools(): Promise<{ tools: { name: string; annotations?: Record<string, unknown> | undefined }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, unknown>>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: Record<string, unknown>[] }>;
  close(): Promise<void>;
}

const me = { name: 'test', version: '1' };

/** Newest revision, an official client of the second line. */
export async function modernClient(url: string, headers: Record<string, string>): Promise<AnyClient> {
  const client = new Client(me, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client as unknown as AnyClient;
}

/** A 2025 revision, the same client. */
export async function legacyClient(url: string, headers: Record<string, string>): Promise<AnyClient> {
  const client = new Client(me, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client as unknown as AnyClient;
}

/** A 2025 revision, an official client of the first line. */
export async function firstLineClient(url: string, headers: Record<string, string>): Promise<AnyClient> {
  const client = new ClientV1(me);
  await client.connect(new TransportV1(new URL(url), { requestInit: { headers } }) as never);
  return client as unknown as AnyClient;
}

export const clients = [
  ['2026-07-28', modernClient],
  ['2025 by the second line', legacyClient],
  ['2025 by the first line', firstLineClient],
] as const;

/** Members of `_meta` that every request of 2026-07-28 has. */
export const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': me,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A request of 2026-07-28 as it goes over the wire, with members of it replaced. */
export function modernRequest(
  method: string,
  params: Record<string, unknown> = {},
  changes: { headers?: Record<string, string>; meta?: Record<string, unknown> } = {},
): { body: string; headers: Record<string, string> } {
  return {
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { ...params, _meta: { ...envelope, ...changes.meta } },
    }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof params.name === 'string' ? { 'mcp-name': params.name } : {}),
      ...(typeof params.uri === 'string' ? { 'mcp-name': params.uri } : {}),
      ...changes.headers,
    },
  };
}
