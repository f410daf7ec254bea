import { diag } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { registerGlobals } from './globals.ts';
import { type Pipeline, settleAll } from './pipeline.ts';
import { SteadySampler } from './steadySampler.ts';

/** An export, its repetitions included, gives up after this; the specification's 10 s are long for a function app. */
const exportTimeoutMs = 3000;
/** A little longer, so that the exporter's own message is the one that is reported. */
const processorTimeoutMs = 4000;

/** New traces kept in a second unless `OTEL_TRACES_SAMPLER` says otherwise; Application Insights keeps about five. */
const tracesPerSecond = 10;

/** As spans are: what is left over is sent after a quarter of a second of quiet, and every batch as soon as it is full. */
const logDelayMs = 5_000;

type Signal = 'TRACES' | 'METRICS' | 'LOGS';

/**
 * Sends spans, metrics and log records over OTLP/HTTP (JSON) to the endpoints of the standard `OTEL_*` variables, and
 * registers the providers. A signal without an endpoint of its own or a common one, or with `OTEL_*_EXPORTER=none`, is
 * left out.
 */
export function startOtlp(resource: Resource): Pipeline {
  warnOfOtherProtocols();
  const providers = {
    traces: isSent('TRACES') ? traces(resource) : undefined,
    metrics: isSent('METRICS') ? metrics(resource) : undefined,
    logs: isSent('LOGS') ? logs(resource) : undefined,
  };
  registerGlobals(providers);
  const running = Object.values(providers).filter((provider) => provider !== undefined);
  return {
    flush: () => settleAll(running.map((provider) => provider.forceFlush())),
    shutdown: () => settleAll(running.map((provider) => provider.shutdown())),
  };
}

function traces(resource: Resource): BasicTracerProvider {
  const processor = new BatchSpanProcessor(new OTLPTraceExporter(timeoutOf('TRACES')), {
    exportTimeoutMillis: positive('OTEL_BSP_EXPORT_TIMEOUT', processorTimeoutMs),
  });
  const isSamplerGiven = getStringFromEnv('OTEL_TRACES_SAMPLER') !== undefined;
  const sampler = isSamplerGiven ? {} : { sampler: new SteadySampler(tracesPerSecond) };
  return new BasicTracerProvider({ resource, spanProcessors: [processor], ...sampler });
}

function metrics(resource: Resource): MeterProvider {
  const exportIntervalMillis = positive('OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(timeoutOf('METRICS')),
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(
      exportIntervalMillis,
      positive('OTEL_METRIC_EXPORT_TIMEOUT', processorTimeoutMs),
    ),
  });
  return new MeterProvider({ resource, readers: [reader] });
}

function logs(resource: Resource): LoggerProvider {
  const processor = new BatchLogRecordProcessor({
    exporter: new OTLPLogExporter(timeoutOf('LOGS')),
    scheduledDelayMillis: positive('OTEL_BLRP_SCHEDULE_DELAY', logDelayMs),
    exportTimeoutMillis: positive('OTEL_BLRP_EXPORT_TIMEOUT', processorTimeoutMs),
    maxQueueSize: positive('OTEL_BLRP_MAX_QUEUE_SIZE', 2048),
    maxExportBatchSize: positive('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', 512),
  });
  return new LoggerProvider({ resource, processors: [processor] });
}

function isSent(signal: Signal): boolean {
  if (getStringFromEnv(`OTEL_${signal}_EXPORTER`)?.trim().toLowerCase() === 'none') return false;
  return Boolean(
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ??
      getStringFromEnv('OTEL_EXPORTER_OTLP_ENDPOINT'),
  );
}

/** An exporter's timeout, unless a standard variable sets it, which the exporter reads by itself. */
function timeoutOf(signal: Signal): { timeoutMillis?: number } {
  const isSet = [`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`, 'OTEL_EXPORTER_OTLP_TIMEOUT'].some(
    (name) => getStringFromEnv(name) !== undefined,
  );
  return isSet ? {} : { timeoutMillis: exportTimeoutMs };
}

function positive(name: string, fallback: number): number {
  const value = getNumberFromEnv(name);
  return value !== undefined && value > 0 ? value : fallback;
}

function warnOfOtherProtocols(): void {
  const protocols = ['', '_TRACES', '_METRICS', '_LOGS'].map((signal) =>
    getStringFromEnv(`OTEL_EXPORTER_OTLP${signal}_PROTOCOL`),
  );
  if (protocols.some((protocol) => protocol && !protocol.startsWith('http/')))
    diag.warn('Only OTLP over HTTP is spoken; OTEL_EXPORTER_OTLP_PROTOCOL asks for another protocol.');
}
