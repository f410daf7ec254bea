import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
} from '@modelcontextprotocol/server';
import { AppError } from '../errors.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { listResources, listTemplates } from './records.ts';
import type { Visit } from './visit.ts';
import { toCallResult, toMcpTool } from './wire.ts';

/** What servers say of themselves. */
export interface ServerFacts {
  version: string;
  /** For how long a client may believe a list, in ms: tools change while it is connected. */
  listTtlMs: number;
}

const instructions =
  'Tools of one business, or an audit of source code against its design, as the key allows. A failed tool says in words what to do next.';

/**
 * Answers one request over streamable HTTP: of the revision 2026-07-28, or as one of a 2025 revision without a session.
 * `body` is its JSON, undefined where it is none.
 */
export function answerMcp(
  request: Request,
  body: unknown,
  visit: Visit,
  facts: ServerFacts,
  log: Logger,
): Promise<Response> {
  const handler = createMcpHandler(() => serverFor(visit, facts, log));
  return handler.fetch(request, body === undefined ? {} : { parsedBody: body });
}

/** Does not say that lists change: without a stream of its own nobody could be told. */
function serverFor(visit: Visit, { version, listTtlMs }: ServerFacts, log: Logger): Server {
  const { collections } = visit;
  const hint = { ttlMs: listTtlMs, cacheScope: 'private' } as const;
  const server = new Server(
    { name: 'gatehouse', title: 'Gatehouse', version },
    {
      capabilities: { tools: {}, ...(collections.length > 0 ? { resources: {} } : {}) },
      instructions,
      cacheHints: {
        'tools/list': hint,
        'server/discover': hint,
        'resources/list': hint,
        'resources/templates/list': hint,
      },
    },
  );
  server.setRequestHandler('tools/list', () =>
    told(log, async () => ({ tools: (await visit.tools()).map(({ tool }) => toMcpTool(tool)) })),
  );
  server.setRequestHandler('tools/call', ({ params }) =>
    told(log, async () => {
      const offered = (await visit.tools()).find(({ tool }) => tool.name === params.name);
      if (!offered)
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name.slice(0, 64)}`);
      return toCallResult(await visit.run(offered, params.arguments), offered.shelf.say);
    }),
  );
  if (collections.length === 0) return server;
  server.setRequestHandler('resources/list', () => ({ resources: listResources(collections) }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: listTemplates(collections),
  }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) =>
    told(log, async () => {
      const found = await visit.read(uri);
      if (!found) throw new ResourceNotFoundError(uri);
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(found) }] };
    }),
  );
  return server;
}

/** A failure as the protocol tells it; one that is not meant for clients keeps its text to itself. */
async function told<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ProtocolError) throw thrown;
    const error = AppError.from(thrown);
    const isOurs = error.status >= 500;
    if (isOurs) log.error('mcp-failed', errorFields(thrown));
    const code = isOurs ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
    throw new ProtocolError(code, error.message);
  }
}
