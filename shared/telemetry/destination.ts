/** Where telemetry goes: one place or none. */
export type Destination =
  | { kind: 'azure-monitor'; connectionString: string }
  | { kind: 'otlp' }
  | { kind: 'none' };

/**
 * Reads the destination from the environment: Azure Monitor where `APPLICATIONINSIGHTS_CONNECTION_STRING` is set, else
 * OTLP where a standard endpoint variable is, else none. `OTEL_SDK_DISABLED=true` means none. Never throws.
 */
export function readDestination(env: Readonly<Record<string, string | undefined>>): Destination {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return { kind: 'none' };
  const connectionString = env.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim();
  if (connectionString) return { kind: 'azure-monitor', connectionString };
  const hasEndpoint = [
    env.OTEL_EXPORTER_OTLP_ENDPOINT,
    env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
  ].some((endpoint) => endpoint?.trim());
  return { kind: hasEndpoint ? 'otlp' : 'none' };
}

/**
 * What the Functions host must be told at setup: with `WorkerOpenTelemetryEnabled` it stops sending on the worker's
 * log lines, which would otherwise arrive twice.
 */
export function hostCapabilities(destination: Destination): Record<string, string> {
  return destination.kind === 'none' ? {} : { WorkerOpenTelemetryEnabled: 'true' };
}
