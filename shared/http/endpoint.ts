import { type HttpHandler, type HttpRequest, HttpResponse, type InvocationContext } from '@azure/functions';
import { AppError } from '../errors.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import { createLogger, errorFields, type Level, type Logger } from '../telemetry/logger.ts';
import { carrierOf, continueTrace, type TraceCarrier } from '../telemetry/propagation.ts';
import { type SpanOptions, traced } from '../telemetry/spans.ts';
import type { Answer } from './answer.ts';
import { forgetBody } from './body.ts';
import { correlationIdOf } from './correlation.ts';
import { toProblem } from './problem.ts';

/** What a handler gets beside the request. */
export interface RequestScope {
  correlationId: string;
  log: Logger;
}

export type EndpointHandler = (request: HttpRequest, scope: RequestScope) => Promise<Answer>;

export interface EndpointOptions {
  /** The route's template with its prefix, `/api/audit`: what spans and metrics call it. */
  route: string;
  logLevel?: () => Level;
  /** True where the host makes a span of the request itself, under which ours belongs; else ours is the request's. */
  hostTraces?: boolean;
  /** Called when the answer is complete; must not take time. */
  afterwards?: () => void;
}

/**
 * Wraps every HTTP handler. Under HTTP streaming a handler that throws or returns nothing leaves its client waiting
 * for four minutes, so whatever happens here an answer goes out: the handler's, or a problem document. Every answer
 * carries `x-correlation-id`, and is a span and a measurement.
 */
export function endpoint(handle: EndpointHandler, options: EndpointOptions): HttpHandler {
  const { route, logLevel = () => 'info' as const, hostTraces = false, afterwards = () => {} } = options;
  return (request, context) => {
    const correlationId = correlationIdOf(request.headers, context.traceContext?.traceParent);
    const log = createLogger(context, logLevel(), { correlationId });
    const scope = { correlationId, log };
    const answered = () =>
      observed(request, route, hostTraces, () => answer(handle, request, context, scope));
    return continueTrace(parentOf(request, context, hostTraces), answered).finally(() => {
      forgetBody(request);
      afterwards();
    });
  };
}

/** The host's span where it makes one, else the client's: a host that traces nothing says so with a trace of its own. */
function parentOf(request: HttpRequest, context: InvocationContext, hostTraces: boolean): TraceCarrier {
  const host = carrierOf(context.traceContext);
  if (hostTraces || host.traceparent?.endsWith('-01')) return host;
  const { headers } = request;
  return carrierOf({
    traceParent: headers.get('traceparent') ?? undefined,
    traceState: headers.get('tracestate') ?? undefined,
  });
}

interface Outcome {
  response: HttpResponse;
  /** The failure's code, where it is ours. */
  failure?: string;
}

function observed(
  { method, url }: HttpRequest,
  route: string,
  hostTraces: boolean,
  work: () => Promise<Outcome>,
): Promise<HttpResponse> {
  const began = performance.now();
  const scheme = url.startsWith('https:') ? 'https' : 'http';
  const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': scheme };
  const options: SpanOptions = { kind: hostTraces ? 'internal' : 'server', attributes };
  return traced(
    `${method} ${route}`,
    async (span) => {
      const { response, failure } = await work();
      const { status } = response;
      const result = { 'http.response.status_code': status, 'error.type': failure };
      span.set(result);
      recordMetric('http.server.request.duration', (performance.now() - began) / 1000, {
        ...attributes,
        ...result,
      });
      return response;
    },
    options,
  );
}

async function answer(
  handle: EndpointHandler,
  request: HttpRequest,
  { functionName }: InvocationContext,
  scope: RequestScope,
): Promise<Outcome> {
  const { correlationId, log } = scope;
  try {
    const given: Answer | undefined = await handle(request, scope);
    if (!given) throw new Error(`the handler of "${functionName}" returned nothing`);
    return { response: respond(given, correlationId) };
  } catch (thrown) {
    const error = AppError.from(thrown);
    const isOurs = error.status >= 500;
    const report = isOurs ? log.error : log.warn;
    report('request-failed', { function: functionName, ...errorFields(thrown), code: error.code });
    const response = respond(toProblem(error, correlationId), correlationId);
    return isOurs ? { response, failure: error.code } : { response };
  }
}

/**
 * Builds the response here, where an impossible header or status can still become a problem document; in one go, as
 * changing the headers of a finished one costs more than making it.
 */
function respond({ jsonBody, headers, ...rest }: Answer, correlationId: string): HttpResponse {
  const isJson = jsonBody !== undefined;
  return new HttpResponse({
    ...rest,
    ...(isJson ? { body: JSON.stringify(jsonBody) } : {}),
    headers: {
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...headers,
      'x-correlation-id': correlationId,
    },
  });
}
