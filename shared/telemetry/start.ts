import { DiagLogLevel, diag } from '@opentelemetry/api';
import { raceDeadline } from '../deadline.ts';
import type { Destination } from './destination.ts';
import { createDiagnostics, warningLine } from './diagnostics.ts';
import { observeEventLoop } from './eventLoop.ts';
import { Flusher } from './flusher.ts';
import { type Pipeline, settleAll } from './pipeline.ts';
import type { Service } from './resource.ts';
import { unregisterGlobals } from './unregister.ts';

export interface TelemetryOptions extends Service {
  /** Takes one JSON line, at most one a minute, when telemetry is in trouble; the console unless given. */
  warn?: (line: string) => void;
}

/** Running telemetry, or none behind the same face. */
export interface Telemetry {
  readonly kind: Destination['kind'];
  /** Sends what was recorded; waits at most `boundMs` milliseconds and never rejects. Calls at once share a sending. */
  flush(boundMs: number): Promise<void>;
  /** Sends without being waited for, when it has been quiet for a moment: for the end of an invocation. */
  flushSoon(): void;
  /** Sends the rest within `boundMs` milliseconds and leaves the process without telemetry. Never rejects. */
  shutdown(boundMs: number): Promise<void>;
}

const none: Telemetry = {
  kind: 'none',
  flush: async () => {},
  flushSoon: () => {},
  shutdown: async () => {},
};

/**
 * Starts sending to the destination; its exporters are loaded only now. Never rejects: telemetry that cannot be started
 * is a warning and `none`.
 */
export async function startTelemetry(
  destination: Destination,
  options: TelemetryOptions,
): Promise<Telemetry> {
  if (destination.kind === 'none') return none;
  const warn = options.warn ?? ((line: string) => console.warn(line));
  const diagnostics = createDiagnostics(warn, () => performance.now());
  const listen = () =>
    diag.setLogger(diagnostics, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  try {
    listen();
    const pipeline = await load(destination, options);
    // Azure Monitor has put its own in place.
    listen();
    return run(destination.kind, pipeline);
  } catch (error) {
    unregisterGlobals();
    warn(warningLine('telemetry-not-started', error));
    return none;
  }
}

async function load(
  destination: Exclude<Destination, { kind: 'none' }>,
  service: Service,
): Promise<Pipeline> {
  const { describeService } = await import('./resource.ts');
  const resource = describeService(service, process.env);
  if (destination.kind === 'otlp') return (await import('./otlp.ts')).startOtlp(resource);
  const { startAzureMonitor } = await import('./azureMonitor.ts');
  return startAzureMonitor(destination.connectionString, resource);
}

function run(kind: Destination['kind'], pipeline: Pipeline): Telemetry {
  const stopObserving = observeEventLoop();
  const flusher = new Flusher(
    () => pipeline.flush(),
    () => performance.now(),
  );
  let isOver = false;
  return {
    kind,
    flush: (boundMs) => flusher.flush(boundMs),
    flushSoon: () => flusher.flushSoon(),
    async shutdown(boundMs) {
      if (isOver) return;
      isOver = true;
      flusher.stop();
      await raceDeadline(settleAll([pipeline.shutdown()]), boundMs);
      stopObserving();
      unregisterGlobals();
    },
  };
}
