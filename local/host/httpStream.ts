import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { jsonBindingData } from './bindingData.ts';
import type { RpcTypedData } from './coreTypes.ts';
import { type FrontRequest, isJson, maxBodyBytes, pathAndQuery, readBody } from './httpRequest.ts';
import type { TriggerInput } from './invoke.ts';

/** How long the genuine host waits for a streamed answer before it gives up with 500. */
export const forwardTimeoutMs = 240_000;

/**
 * The library closes a connection that has been idle for five seconds. Those idle for one are given up here, so that a
 * busy machine does not send a request into a connection that is being closed.
 */
const agent = new Agent({
  keepAlive: true,
  maxSockets: Number.POSITIVE_INFINITY,
  timeout: 1_000,
});
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authorization',
]);

/**
 * Trigger metadata of a streamed request. As under the genuine host, query keys and top-level JSON members stand
 * beside the route's parameters; a parameter the route declares is never filled from them.
 */
export function streamMetadata(
  request: FrontRequest,
  declared: readonly string[],
  params: Record<string, string>,
  jsonBody: string | undefined,
): TriggerInput['triggerMetadata'] {
  const metadata: Record<string, RpcTypedData> = {};
  for (const [key, value] of request.query) metadata[key] = { string: value };
  Object.assign(metadata, jsonBody === undefined ? {} : jsonBindingData(jsonBody));
  for (const name of declared) delete metadata[name];
  for (const [name, value] of Object.entries(params)) metadata[name] = { string: value };
  metadata.Headers = { json: JSON.stringify(request.headers) };
  metadata.Query = { json: JSON.stringify(Object.fromEntries(request.query)) };
  return metadata;
}

/** JSON bodies are read by the host before the function sees them; everything else streams. */
export async function bufferIfJson(request: FrontRequest): Promise<Buffer | undefined> {
  return isJson(request) ? readBody(request) : undefined;
}

/**
 * Forwards a request to the library's own HTTP server and streams the answer back as it comes.
 * @throws Error when no answer begins within {@link forwardTimeoutMs} or the connection breaks.
 */
export async function forward(
  target: URL,
  request: FrontRequest,
  invocationId: string,
  body: Buffer | undefined,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const outgoing = httpRequest({
    agent,
    host: '127.0.0.1',
    port: target.port,
    method: request.method,
    path: pathAndQuery(request, true),
    headers: forwardedHeaders(request, invocationId, body),
    signal,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
    outgoing.setTimeout(forwardTimeoutMs, () =>
      outgoing.destroy(new Error('the function gave no answer in 240 s')),
    );
  });
  if (body) outgoing.end(body);
  else sendOn(request.raw, outgoing);
  const incoming = await answered;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => !hopByHop.has(name)),
  );
  response.writeHead(incoming.statusCode ?? 500, headers);
  response.flushHeaders();
  incoming.once('end', () => giveUpBody(request.raw, outgoing));
  await sendBack(incoming, response);
}

/** Node's `pipeline` would do, but raises and catches an error with its stack for every answer that is complete. */
function sendBack(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      incoming.destroy();
      reject(error);
    };
    incoming.once('error', fail);
    response.once('error', fail);
    response.once('close', () =>
      response.writableFinished ? resolve() : fail(new Error('the client has closed the connection')),
    );
    incoming.pipe(response);
  });
}

/** Streams a body on, up to the host's limit; beyond it the request fails and the rest is read and forgotten. */
function sendOn(raw: IncomingMessage, outgoing: ClientRequest): void {
  let size = 0;
  raw.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= maxBodyBytes) return;
    raw.unpipe(outgoing).resume();
    outgoing.destroy(new Error(`the request body is larger than ${maxBodyBytes} bytes`));
  });
  raw.once('error', (error) => outgoing.destroy(error)).pipe(outgoing);
}

/**
 * A function may answer before it has all of its body. Node stops sending once the answer is complete, so the rest is
 * read and forgotten here, and the client's connection stays good for its next request.
 */
function giveUpBody(raw: IncomingMessage, outgoing: ClientRequest): void {
  if (outgoing.writableFinished) return;
  raw.unpipe(outgoing).resume();
  outgoing.destroy();
}

function forwardedHeaders(
  request: FrontRequest,
  invocationId: string,
  body: Buffer | undefined,
): Record<string, string> {
  const kept = Object.entries(request.headers).filter(([name]) => !hopByHop.has(name));
  const chunked = !body && request.headers['transfer-encoding'] !== undefined;
  return {
    ...Object.fromEntries(kept),
    ...(body ? { 'content-length': String(body.length) } : {}),
    ...(chunked ? { 'transfer-encoding': 'chunked' } : {}),
    'x-ms-invocation-id': invocationId,
    'x-forwarded-host': request.headers.host ?? 'localhost',
    'x-forwarded-proto': 'http',
  };
}
