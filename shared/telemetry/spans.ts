import {
  type Context,
  context,
  isValidTraceId,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AppError } from '../errors.ts';
import { scopeName } from './instruments.ts';
import { describeError } from './logger.ts';

/** What a span says beside its name and times. Values are written as given: no paths, identifiers or secrets. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | string[] | undefined>>;

export interface SpanOptions {
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes?: SpanAttributes;
}

/** The running span, for the work inside it. */
export interface SpanHandle {
  /** Adds attributes; those that are undefined are left out. */
  set(attributes: SpanAttributes): void;
  /** 32 hexadecimal digits, or undefined where nothing is traced. */
  readonly traceId: string | undefined;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/**
 * Runs `work` inside a span, under which spans that it starts become children, across `await` too. An error marks the
 * span and is thrown on: `error.type`, and an exception event with a cleaned message and no stack.
 */
export async function traced<T>(
  name: string,
  work: (span: SpanHandle) => Promise<T>,
  options?: SpanOptions,
): Promise<T> {
  const { span, within } = begin(name, options);
  try {
    return await context.with(within, work, undefined, new Handle(span));
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** As {@link traced}, for work that is done when it returns. */
export function span<T>(name: string, work: (span: SpanHandle) => T, options?: SpanOptions): T {
  const { span: begun, within } = begin(name, options);
  try {
    return context.with(within, work, undefined, new Handle(begun));
  } catch (error) {
    markFailed(begun, error);
    throw error;
  } finally {
    begun.end();
  }
}

/** An error's kind for `error.type`, which has few values: its code in the table of failures, else its class. */
export function errorType(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}

class Handle implements SpanHandle {
  readonly #span: Span;

  constructor(inner: Span) {
    this.#span = inner;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  get traceId(): string | undefined {
    const { traceId } = this.#span.spanContext();
    return isValidTraceId(traceId) ? traceId : undefined;
  }
}

function begin(
  name: string,
  { kind = 'internal', attributes }: SpanOptions = {},
): { span: Span; within: Context } {
  const parent = context.active();
  const begun = trace
    .getTracer(scopeName)
    .startSpan(name, { kind: kinds[kind], ...(attributes ? { attributes } : {}) }, parent);
  return { span: begun, within: trace.setSpan(parent, begun) };
}

function markFailed(failed: Span, error: unknown): void {
  if (!failed.isRecording()) return;
  failed.setStatus({ code: SpanStatusCode.ERROR });
  failed.setAttribute('error.type', errorType(error));
  failed.addEvent('exception', {
    'exception.type': error instanceof Error ? error.name : typeof error,
    'exception.message': describeError(error),
  });
}
