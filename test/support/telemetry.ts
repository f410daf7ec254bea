import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { registerGlobals } from '../../shared/telemetry/globals.ts';
import { unregisterGlobals } from '../../shared/telemetry/unregister.ts';

type ReadableLogRecord = ReturnType<InMemoryLogRecordExporter['getFinishedLogRecords']>[number];

export interface MemoryTelemetry {
  /** Ended spans, in the order of their ends. */
  spans(): ReadableSpan[];
  /** Totals since the start. */
  metrics(): Promise<MetricData[]>;
  logs(): ReadableLogRecord[];
  /** Leaves the process without telemetry. */
  stop(): Promise<void>;
}

/** The genuine SDK with exporters that keep everything in memory, registered as the process's own. */
export function startMemoryTelemetry(options: { sampler?: Sampler } = {}): MemoryTelemetry {
  unregisterGlobals();
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const logs = new InMemoryLogRecordExporter();
  const providers = {
    traces: new BasicTracerProvider({ ...options, spanProcessors: [new SimpleSpanProcessor(spans)] }),
    metrics: new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })],
    }),
    logs: new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }),
  };
  registerGlobals(providers);
  return {
    spans: () => spans.getFinishedSpans(),
    async metrics() {
      await providers.metrics.forceFlush();
      return (
        metrics
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
      );
    },
    logs: () => logs.getFinishedLogRecords(),
    async stop() {
      await Promise.all(Object.values(providers).map((provider) => provider.shutdown()));
      unregisterGlobals();
    },
  };
}
