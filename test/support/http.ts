import { HttpRequest, type HttpRequestInit, InvocationContext } from '@azure/functions';
import type { Logger } from '../../shared/telemetry/logger.ts';

/** A request as a handler sees it. */
export function request(
  init: {
    body?: string | Uint8Array;
    headers?: Record<string, string>;
    query?: Record<string, string>;
    method?: string;
  } = {},
): HttpRequest {
  const { body, headers = {}, query = {}, method = body === undefined ? 'GET' : 'POST' } = init;
  const given: HttpRequestInit = {
    url: 'http://localhost:7071/api/x',
    method,
    headers,
    query,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  };
  return new HttpRequest(given);
}

/** An invocation whose log lines can be read afterwards. */
export function invocation(traceParent?: string): { context: InvocationContext; lines: string[] } {
  const lines: string[] = [];
  const context = new InvocationContext({
    invocationId: 'i1',
    functionName: 'test',
    logHandler: (level, ...args) => void lines.push(`${level} ${args.join(' ')}`),
    ...(traceParent === undefined ? {} : { traceContext: { traceParent } }),
  });
  return { context, lines };
}

export interface LogLine {
  level: string;
  event: string;
  fields: Record<string, unknown>;
}

/** A logger that remembers. */
export function memoryLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, event, fields });
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
  };
}
