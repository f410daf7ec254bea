import { TraceFlags, trace } from '@opentelemetry/api';
import {
  type AnyValueMap,
  type LoggerProvider,
  logs,
  type Logger as RecordLogger,
  SeverityNumber,
} from '@opentelemetry/api-logs';
import { scopeName } from './instruments.ts';
import { redactFields, redactText } from './redact.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Where finished lines go; an `InvocationContext` of a Functions app is one. */
export type LogSink = Record<Level, (line: string) => void>;

/** Structured logs: one JSON object a line, `event` first. Fields are redacted before they are written. */
export interface Logger {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

const order: readonly Level[] = ['debug', 'info', 'warn', 'error'];

const severities = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const satisfies Record<Level, SeverityNumber>;

/**
 * Lines at or above `threshold` go to `sink`, and while telemetry has a destination also to it, as log records with
 * the same redacted fields and the running span's trace; of a trace that is not kept only warnings and errors.
 */
export function createLogger(sink: LogSink, threshold: Level, bound: Record<string, unknown> = {}): Logger {
  const write =
    (level: Level) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      if (order.indexOf(level) < order.indexOf(threshold)) return;
      const safe = redactFields({ ...bound, ...fields });
      sink[level](JSON.stringify({ event, ...safe }));
      emit(level, event, safe);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** The logger of the provider that was the global one when it was made. */
let made: { provider: LoggerProvider; logger: RecordLogger } | undefined;

function recordLogger(): RecordLogger {
  const provider = logs.getLoggerProvider();
  if (made?.provider !== provider) made = { provider, logger: provider.getLogger(scopeName) };
  return made.logger;
}

/** True within a trace that the sampler has left out: its details are not worth their cost either. */
function isUnsampled(): boolean {
  const context = trace.getActiveSpan()?.spanContext();
  return context !== undefined && (context.traceFlags & TraceFlags.SAMPLED) === 0;
}

function emit(level: Level, event: string, fields: Record<string, unknown>): void {
  const logger = recordLogger();
  const severityNumber = severities[level];
  if (severityNumber < SeverityNumber.WARN && isUnsampled()) return;
  if (!logger.enabled({ severityNumber, eventName: event })) return;
  logger.emit({
    severityNumber,
    severityText: level.toUpperCase(),
    eventName: event,
    body: event,
    attributes: fields as AnyValueMap,
  });
}

/** What may be said of an error in a log: its kind, code and cleaned message, through its causes. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: describeError(error) };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    error: error.name,
    reason: describeError(error),
    ...(code === undefined ? {} : { code }),
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}

/** The message of anything thrown, cleaned, at most 300 characters. */
export function describeError(error: unknown): string {
  return redactText(error instanceof Error ? error.message : String(error)).slice(0, 300);
}
