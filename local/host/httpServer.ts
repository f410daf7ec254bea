import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { CoreState } from './coreApi.ts';
import type { RegisteredFunction } from './coreTypes.ts';
import { type HostKeys, isAuthorised, presentedKey } from './functionKeys.ts';
import { type FrontRequest, maxBodyBytes, readBody, readFrontRequest } from './httpRequest.ts';
import { toRpcRequest, writeRpcResponse } from './httpRpc.ts';
import { bufferIfJson, forward, streamMetadata } from './httpStream.ts';
import { invoke, triggerName } from './invoke.ts';
import type { HttpRoute, Router } from './router.ts';

export interface HttpServerOptions {
  state: CoreState;
  router: Router;
  keys: HostKeys;
  /** The library's own server when HTTP streaming is on. */
  httpUri: URL | undefined;
  maxOutstandingRequests: number;
  writeOutputs(registered: RegisteredFunction, result: Awaited<ReturnType<typeof invoke>>): Promise<void>;
  /** Starts a function on demand; false where there is none of that name. */
  runNow(name: string, input: string | undefined): boolean;
}

/** The front server: routes, keys and limits as the genuine host has them, then the function. */
export function createHttpServer(options: HttpServerOptions): Server {
  let outstanding = 0;
  return createServer((raw, response) => {
    outstanding++;
    response.once('close', () => outstanding--);
    const busy = options.maxOutstandingRequests > 0 && outstanding > options.maxOutstandingRequests;
    const done = busy ? end(response, 429) : answer(options, readFrontRequest(raw), response);
    done.catch((error: unknown) => {
      options.state.log('error', 'system', `request failed: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else void end(response, 500);
    });
  });
}

async function end(response: ServerResponse, status: number): Promise<void> {
  response.writeHead(status, { 'content-length': 0 }).end();
}

async function answer(
  options: HttpServerOptions,
  request: FrontRequest,
  response: ServerResponse,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return end(response, 500);
  const key = presentedKey(request.headers['x-functions-key'], request.query);
  const admin = /^\/admin\/functions\/([^/]+)\/?$/i.exec(request.path);
  if (/^\/admin(\/|$)/i.test(request.path)) {
    if (!isAuthorised('admin', key, options.keys)) return end(response, 401);
    if (!admin?.[1] || request.method !== 'POST') return end(response, 404);
    return end(response, options.runNow(admin[1], manualInput(await readBody(request))) ? 202 : 404);
  }
  if (request.path === '/' && request.method === 'GET') return home(options.router, response);

  const found = options.router.find(request.method, request.path.slice(1));
  if (!found) return end(response, 404);
  if (!isAuthorised(found.route.authLevel, key, options.keys)) return end(response, 401);
  return options.httpUri
    ? answerByStream(options, options.httpUri, found, request, response)
    : answerByRpc(options, found, request, response);
}

/** The `input` of an on-demand run: `{"input": …}` as the admin endpoint takes it. */
function manualInput(body: Buffer): string | undefined {
  try {
    const { input } = JSON.parse(body.toString()) as { input?: unknown };
    return input === undefined || typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

type Found = { route: HttpRoute; params: Record<string, string> };

async function answerByStream(
  options: HttpServerOptions,
  uri: URL,
  found: Found,
  request: FrontRequest,
  response: ServerResponse,
) {
  const { state } = options;
  const registered = found.route.function;
  const invocationId = randomUUID();
  const body = await bufferIfJson(request);
  const gone = new AbortController();
  response.once('close', () => response.writableFinished || gone.abort());
  const invoked = invoke(state, registered, invocationId, {
    inputData: [{ name: triggerName(registered), data: {} }],
    triggerMetadata: streamMetadata(request, found.route.template.parameters, found.params, body?.toString()),
    traceParent: request.headers.traceparent,
  }).then(
    (result) => options.writeOutputs(registered, result),
    (error: unknown) => {
      const { name } = registered.metadata;
      state.log(
        'error',
        'system',
        `"${name}" threw under HTTP streaming; its client waits 240 s for a 500: ${describeError(error)}`,
      );
    },
  );
  await Promise.all([
    invoked.catch((error: unknown) =>
      state.log(
        'error',
        'system',
        `an output of "${registered.metadata.name}" failed: ${describeError(error)}`,
      ),
    ),
    forward(uri, request, invocationId, body, response, gone.signal),
  ]);
}

async function answerByRpc(
  options: HttpServerOptions,
  found: Found,
  request: FrontRequest,
  response: ServerResponse,
) {
  const registered = found.route.function;
  try {
    const data = await toRpcRequest(request, found.params);
    const result = await invoke(options.state, registered, randomUUID(), {
      inputData: [{ name: triggerName(registered), data }],
      triggerMetadata: {},
      traceParent: request.headers.traceparent,
    });
    await options.writeOutputs(registered, result);
    writeRpcResponse(result, response);
  } catch (error) {
    options.state.log('error', 'system', `"${registered.metadata.name}" failed: ${describeError(error)}`);
    await end(response, 500);
  }
}

/** An error as a developer wants to see it: with its stack. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function home(router: Router, response: ServerResponse): Promise<void> {
  const list = router.routes.map((r) => `${r.methods.join(',').padEnd(10)} ${r.path}`).join('\n');
  response
    .writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    .end(`Your function app is up and running.\n\n${list}\n`);
}
