import type { OutboundAnswer, OutboundRequest, SafeFetch } from '../../../../shared/net/safeFetch.ts';
import { hostsOf, httpToolSchema } from '../../../../shared/tools/http/definition.ts';
import type { HttpToolDefinition } from '../../../../shared/tools/http/definitionShape.ts';
import { createHttpTool, type HttpToolPorts } from '../../../../shared/tools/http/httpTool.ts';
import { secretsOf } from '../../../../shared/tools/http/secrets.ts';
import type { ToolContext } from '../../../../shared/tools/tool.ts';
import { memoryLog } from '../../../support/http.ts';

/** A definition as it is written, with every member that it needs. */
export const written = {
  name: 'find_order',
  description: 'Looks an order up.',
  inputSchema: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      note: { type: 'string' },
      count: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['id'],
  },
  sideEffect: false,
  request: { method: 'GET', url: 'https://shop.example/v1/orders/{id}' } as Record<string, unknown>,
  response: { say: 'It is {/state}.', errors: { default: 'It cannot be looked up.' } } as Record<
    string,
    unknown
  >,
};

export type Written = typeof written;

/** The definition, with some of its members others. */
export function define(
  change: { request?: object; response?: object } & Record<string, unknown> = {},
): HttpToolDefinition {
  const { request, response, ...members } = change;
  return httpToolSchema.parse({
    ...written,
    ...members,
    request: { ...written.request, ...request },
    response: { ...written.response, ...response },
  });
}

export function contextWith(change: Partial<ToolContext> = {}): {
  context: ToolContext;
  lines: ReturnType<typeof memoryLog>['lines'];
} {
  const { log, lines } = memoryLog();
  const context: ToolContext = {
    tenantId: 'acme',
    caller: '+41445550100',
    conversationId: 'c1',
    idempotencyKey: 'k1',
    askedAt: new Date('2026-11-20T10:00:00Z'),
    now: new Date('2026-11-20T10:00:00Z'),
    log,
    ...change,
  };
  return { context, lines };
}

export const answered = (status: number, body: unknown): OutboundAnswer => ({
  kind: 'answered',
  status,
  headers: new Headers(),
  body: { text: typeof body === 'string' ? body : JSON.stringify(body), truncated: false },
});

/** A fetch that answers the same each time and remembers what it was asked. */
export function recording(answer: OutboundAnswer): { fetch: SafeFetch; sent: OutboundRequest[] } {
  const sent: OutboundRequest[] = [];
  return {
    sent,
    fetch: async (request) => {
      sent.push(request);
      return answer;
    },
  };
}

/** The tool of a definition, with everything granted that it asks for. */
export function toolOf(
  definition: HttpToolDefinition,
  fetch: SafeFetch,
  secret: HttpToolPorts['secret'] = (name) => `value-of-${name}`,
) {
  const entry = { version: '1', hosts: hostsOf(definition), secrets: secretsOf(definition) };
  return createHttpTool(definition, entry, { fetch, secret }, (input) => ({ ok: true, input }));
}
