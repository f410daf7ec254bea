import { type HttpHandler, type HttpRequest, HttpResponse } from '@azure/functions';
import { AppError } from '../errors.ts';
import { createLogger, errorFields, type Level, type Logger } from '../telemetry/logger.ts';
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

/**
 * Wraps every HTTP handler. Under HTTP streaming a handler that throws or returns nothing leaves its client waiting
 * for four minutes, so whatever happens here an answer goes out: the handler's, or a problem document. Every answer
 * carries `x-correlation-id`.
 */
export function endpoint(handle: EndpointHandler, logLevel: () => Level = () => 'info'): HttpHandler {
  return async (request, context) => {
    const correlationId = correlationIdOf(request.headers, context.traceContext?.traceParent);
    const log = createLogger(context, logLevel(), { correlationId });
    try {
      const answer: Answer | undefined = await handle(request, { correlationId, log });
      if (!answer) throw new Error(`the handler of "${context.functionName}" returned nothing`);
      return respond(answer, correlationId);
    } catch (thrown) {
      const error = AppError.from(thrown);
      const report = error.status >= 500 ? log.error : log.warn;
      report('request-failed', { function: context.functionName, ...errorFields(thrown), code: error.code });
      return respond(toProblem(error, correlationId), correlationId);
    } finally {
      forgetBody(request);
    }
  };
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
