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

export function createLogger(sink: LogSink, threshold: Level, bound: Record<string, unknown> = {}): Logger {
  const write =
    (level: Level) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      if (order.indexOf(level) < order.indexOf(threshold)) return;
      sink[level](JSON.stringify({ event, ...redactFields({ ...bound, ...fields }) }));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** What may be said of an error in a log: its kind, code and cleaned message, through its causes. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: redactText(String(error)).slice(0, 300) };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    error: error.name,
    reason: redactText(error.message).slice(0, 300),
    ...(code === undefined ? {} : { code }),
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
