import type { SetupOptions } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { hostCapabilities, readDestination } from '../../../shared/telemetry/destination.ts';

const connectionString = 'InstrumentationKey=00000000-0000-0000-0000-000000000001';
const azure = { kind: 'azure-monitor', connectionString };
const otlp = { kind: 'otlp' };
const none = { kind: 'none' };

describe('readDestination', () => {
  it.each([
    [{}, none],
    [{ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString }, azure],
    [{ APPLICATIONINSIGHTS_CONNECTION_STRING: ` ${connectionString} ` }, azure],
    [{ APPLICATIONINSIGHTS_CONNECTION_STRING: ' ' }, none],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, otlp],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, otlp],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:4318/v1/metrics' }, otlp],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:4318/v1/logs' }, otlp],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '  ' }, none],
    [
      { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' },
      azure,
    ],
    [{ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, OTEL_SDK_DISABLED: 'true' }, none],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'TRUE ' }, none],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'false' }, otlp],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }, none],
  ])('%j', (env, expected) => {
    expect(readDestination(env)).toEqual(expected);
  });
});

describe('hostCapabilities', () => {
  it('tells the host of a worker that sends by itself, in the form setup takes', () => {
    const capabilities = hostCapabilities({ kind: 'otlp' });
    expect(capabilities).toEqual({ WorkerOpenTelemetryEnabled: 'true' });
    expect(hostCapabilities({ kind: 'azure-monitor', connectionString })).toEqual(capabilities);
    expect(hostCapabilities({ kind: 'none' })).toEqual({});
    const options: SetupOptions = { capabilities };
    expect(options.capabilities).toBe(capabilities);
  });
});
