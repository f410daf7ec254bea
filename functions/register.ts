import { app, type HttpFunctionOptions, type InvocationContext } from '@azure/functions';
import { type EndpointHandler, endpoint } from '../shared/http/endpoint.ts';
import { createLogger, errorFields, type Logger } from '../shared/telemetry/logger.ts';
import { logLevel } from './services.ts';
import { inAzure, telemetry } from './telemetry.ts';

/** How long the end of a queue message or a timer may wait for what was recorded to be sent. */
const flushMs = 1_000;

/** Registers an HTTP function. */
export function http(
  name: string,
  options: Required<Pick<HttpFunctionOptions, 'methods' | 'authLevel' | 'route'>>,
  handle: EndpointHandler,
): void {
  const handler = endpoint(handle, {
    route: `/api/${options.route}`,
    logLevel,
    hostTraces: inAzure,
    afterwards: () => telemetry.flushSoon(),
  });
  app.http(name, { ...options, handler });
}

/** Registers a queue function. What it throws brings the message back, and after five tries into the poison queue. */
export function queue(
  name: string,
  queueName: string,
  handle: (message: unknown, log: Logger) => Promise<void>,
): void {
  const handler = (message: unknown, context: InvocationContext) =>
    inBackground(name, context, (log) => handle(message, log));
  app.storageQueue(name, { queueName, connection: 'AzureWebJobsStorage', handler });
}

/** Registers a timer function. */
export function timer(name: string, schedule: string, handle: (log: Logger) => Promise<void>): void {
  app.timer(name, { schedule, handler: (_timer, context) => inBackground(name, context, handle) });
}

async function inBackground(
  name: string,
  context: InvocationContext,
  work: (log: Logger) => Promise<void>,
): Promise<void> {
  const log = createLogger(context, logLevel(), { invocationId: context.invocationId });
  try {
    await work(log);
  } catch (error) {
    log.error(`${name}-failed`, errorFields(error));
    throw error;
  } finally {
    await telemetry.flush(flushMs);
  }
}
