import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAnswer } from './defaultAnswer.ts';
import { type Fault, invalid, unauthorized } from './fault.ts';
import type { ModelRequest } from './modelRequest.ts';
import { models } from './models.ts';
import type { RateLimits } from './rateWindow.ts';
import type { AnswerScript } from './reply.ts';
import { type DeploymentOptions, type Outcome, Responder } from './responder.ts';
import { dialectOf, readRoute } from './route.ts';

export interface ModelServiceOptions {
  /** Default 0: any free port of 127.0.0.1. */
  port?: number;
  /** The only credential that is accepted; undefined accepts any, but not none. */
  apiKey?: string | undefined;
  /** Deployments by name; default each known model under its own name. */
  deployments?: Readonly<Record<string, DeploymentOptions>>;
  /** Limits of every deployment that has none of its own. */
  limits?: RateLimits;
  /** What the model says; default an audit by shared words. */
  answer?: AnswerScript;
  /** False: rules that depend on the model are not checked, as on servers that only speak the protocol. */
  checks?: boolean;
  /** Milliseconds since 1970; default the system's clock. */
  now?: () => number;
  /** Requests the journal keeps, latest last; default 1,000. */
  journalSize?: number;
}

/** A request as it came in and what was answered. */
export interface JournalEntry {
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed body; undefined where it was no JSON. */
  body: Readonly<Record<string, unknown>> | undefined;
  /** The request as the service understood it; undefined where it did not. */
  request: ModelRequest | undefined;
  /** Undefined until it was answered, and where the client left or the connection was broken. */
  status: number | undefined;
}

export interface ModelService {
  port: number;
  /** `http://127.0.0.1:PORT`, the endpoint for `AzureOpenAI`. */
  origin: string;
  /** Base of Azure's v1 API, for `OpenAI` and for Gatehouse's settings. */
  baseUrl: string;
  requests: readonly JournalEntry[];
  stop(): Promise<void>;
}

const defaultJournalSize = 1_000;
const mostBodyBytes = 32 * 1024 * 1024;

/**
 * Starts a stand-in for Azure OpenAI and OpenAI on 127.0.0.1: chat completions and responses, without streaming. It
 * checks requests, counts tokens, keeps prompt caches and limits rates as the service does; only what the model says is
 * scripted. @throws Error for a port that is taken or a deployment of an unknown model.
 */
export async function startModelService(options: ModelServiceOptions = {}): Promise<ModelService> {
  const { port = 0, now = Date.now, apiKey, journalSize = defaultJournalSize } = options;
  const responder = new Responder({
    deployments:
      options.deployments ?? Object.fromEntries(Object.keys(models).map((model) => [model, { model }])),
    limits: options.limits ?? {},
    answer: options.answer ?? defaultAnswer,
    checks: options.checks ?? true,
  });
  const requests: JournalEntry[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const entry = journal(incoming);
    requests.push(entry);
    if (requests.length > journalSize) requests.shift();
    const outcome = await respond(incoming, entry, { responder, apiKey, now }).catch(scriptFailed);
    await write(outcome, outgoing, entry);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: given } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${given}`;
  return {
    port: given,
    origin,
    baseUrl: `${origin}/openai/v1`,
    requests,
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

const journal = ({ url = '/', headers }: IncomingMessage): JournalEntry => ({
  path: url,
  headers,
  body: undefined,
  request: undefined,
  status: undefined,
});

interface Service {
  responder: Responder;
  apiKey: string | undefined;
  now: () => number;
}

async function respond(
  incoming: IncomingMessage,
  entry: JournalEntry,
  { responder, apiKey, now }: Service,
): Promise<Outcome> {
  const text = await readText(incoming);
  const body = text === undefined ? undefined : parse(text);
  if (typeof body === 'object' && body !== null) entry.body = body as Record<string, unknown>;
  const dialect = dialectOf(entry.path);
  const credential = credentialOf(entry.headers);
  if (!credential || (apiKey !== undefined && credential !== apiKey)) return plain(unauthorized(dialect));
  const routed = readRoute(incoming.method ?? 'GET', entry.path);
  if ('fault' in routed) return plain(routed.fault);
  if (text === undefined) return plain({ ...invalid('The request body is too large.'), status: 413 });
  const outcome = await responder.respond(routed.route, body, now());
  entry.request = outcome.request;
  return outcome;
}

function credentialOf({ authorization, 'api-key': key }: IncomingHttpHeaders): string | undefined {
  return typeof key === 'string' ? key : /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
}

/** The body, read to its end; undefined where it is too large. */
async function readText(incoming: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= mostBodyBytes) pieces.push(piece);
  }
  return size > mostBodyBytes ? undefined : Buffer.concat(pieces).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plain({ status, error }: Fault): Outcome {
  return { status, headers: {}, body: { error }, delayMs: 0, broken: undefined, request: undefined };
}

/** A script that throws is a mistake of its author, who is told; `x-should-retry` keeps clients from asking again. */
function scriptFailed(error: unknown): Outcome {
  const message = `The script of the model service stand-in failed: ${error instanceof Error ? error.message : String(error)}`;
  const outcome = plain({ ...invalid(message), status: 500 });
  return { ...outcome, headers: { 'x-should-retry': 'false' } };
}

async function write(outcome: Outcome, outgoing: ServerResponse, entry: JournalEntry): Promise<void> {
  if (!(await waited(outcome.delayMs, outgoing))) return;
  const { broken, status, headers } = outcome;
  if (broken === 'socket') {
    outgoing.destroy();
    return;
  }
  const text = JSON.stringify(outcome.body);
  const half = text.slice(0, text.length / 2);
  const sent = broken === 'json' ? half : text;
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(sent),
    'x-request-id': randomUUID(),
    ...headers,
  });
  if (broken === 'midway') {
    outgoing.write(half, () => outgoing.destroy());
    return;
  }
  entry.status = status;
  outgoing.end(sent);
}

/** Waits; false where the client leaves meanwhile. */
async function waited(ms: number, outgoing: ServerResponse): Promise<boolean> {
  if (ms <= 0) return !outgoing.destroyed;
  const left = new AbortController();
  const leave = () => left.abort();
  outgoing.once('close', leave);
  try {
    await sleep(ms, undefined, { signal: left.signal });
    return true;
  } catch {
    return false;
  } finally {
    outgoing.off('close', leave);
  }
}
