import {
  context,
  type MeterProvider,
  metrics,
  propagation,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { type LoggerProvider, logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

export interface Providers {
  traces?: TracerProvider | undefined;
  metrics?: MeterProvider | undefined;
  logs?: LoggerProvider | undefined;
}

/** Makes the providers the process's own, with W3C Trace Context and spans that follow `await`. */
export function registerGlobals(providers: Providers): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (providers.traces) trace.setGlobalTracerProvider(providers.traces);
  if (providers.metrics) metrics.setGlobalMeterProvider(providers.metrics);
  if (providers.logs) logs.setGlobalLoggerProvider(providers.logs);
}
