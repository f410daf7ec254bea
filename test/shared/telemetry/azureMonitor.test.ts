import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { credentialOf, samplingOf } from '../../../shared/telemetry/azureMonitor.ts';
import { recordMetric } from '../../../shared/telemetry/instruments.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { continueTrace, currentTrace } from '../../../shared/telemetry/propagation.ts';
import { span, traced } from '../../../shared/telemetry/spans.ts';
import { startTelemetry, type Telemetry } from '../../../shared/telemetry/start.ts';
import { type Collector, startCollector } from '../../support/collector.ts';

interface Envelope {
  iKey: string;
  name: string;
  tags: Record<string, string>;
  data: {
    baseType: string;
    baseData: { name?: string; message?: string; metrics?: { name: string; value: number }[] };
  };
}

const iKey = '00000000-0000-0000-0000-000000000001';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('credentialOf', () => {
  it.each([
    ['Authorization=AAD'],
    ['Authorization=AAD;ClientId=7a3bb4a5-8c4e-4f0c-9b6e-2a7f6d1f0c11'],
    ['authorization=aad; clientid=7a3bb4a5-8c4e-4f0c-9b6e-2a7f6d1f0c11'],
  ])('%s asks for a managed identity', async (text) => {
    expect(await credentialOf(text)).toBeInstanceOf(ManagedIdentityCredential);
  });

  it.each([[undefined], [''], ['Authorization=ikey'], ['nonsense'], ['ClientId=x']])(
    '%s does not',
    async (text) => {
      expect(await credentialOf(text)).toBeUndefined();
    },
  );
});

describe('samplingOf', () => {
  it.each([
    [undefined, undefined, {}],
    ['always_on', 0.5, {}],
    ['microsoft.rate_limited', 5, {}],
    ['traceidratio', 0.25, { samplingRatio: 0.25, tracesPerSecond: 0 }],
    ['parentbased_traceidratio', 0, { samplingRatio: 0, tracesPerSecond: 0 }],
    ['traceidratio', undefined, { samplingRatio: 1, tracesPerSecond: 0 }],
    ['traceidratio', 7, { samplingRatio: 1, tracesPerSecond: 0 }],
  ])('%s with %s', (sampler, ratio, expected) => {
    expect(samplingOf(sampler, ratio)).toEqual(expected);
  });
});

describe('an ingestion endpoint', () => {
  let collector: Collector;
  let telemetry: Telemetry;
  let envelopes: Envelope[];
  const printed = vi.spyOn(console, 'log');
  const listeners = () => [
    process.listenerCount('uncaughtException'),
    process.listenerCount('unhandledRejection'),
  ];
  const listenersBefore = listeners();

  beforeAll(async () => {
    collector = await startCollector({ reply: { itemsReceived: 1, itemsAccepted: 1, errors: [] } });
    // The package turns the endpoint of a connection string into https, so the server is named in its own settings.
    const azureMonitorExporterOptions = { host: collector.url, allowInsecureConnection: true };
    vi.stubEnv('APPLICATIONINSIGHTS_CONFIGURATION_CONTENT', JSON.stringify({ azureMonitorExporterOptions }));
    vi.stubEnv('APPLICATION_INSIGHTS_NO_STATSBEAT', 'true');
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_on');
    vi.stubEnv('OTEL_SERVICE_NAME', undefined);
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', undefined);
    // Otherwise the package asks the address at which virtual machines of Azure learn about themselves.
    vi.stubEnv('WEBSITE_SITE_NAME', 'func-gatehouse');
    vi.stubEnv('FUNCTIONS_WORKER_RUNTIME', 'node');
    telemetry = await startTelemetry(
      {
        kind: 'azure-monitor',
        connectionString: `InstrumentationKey=${iKey};IngestionEndpoint=${collector.url}`,
      },
      { serviceName: 'gatehouse', serviceVersion: '1.2.3', inAzure: true },
    );
    await continueTrace({ traceparent: `00-${traceId}-b7ad6b7169203331-01` }, () =>
      traced('audit', async () => {
        recordMetric('gatehouse.voice.minutes', 2.5);
        createLogger(silent, 'info').info('audited', { apiKey: 'k' });
        expect(currentTrace().traceparent).toContain(traceId);
      }),
    );
    await telemetry.flush(5000);
    envelopes = collector.received('/v2.1/track').flat() as Envelope[];
  });

  afterAll(async () => {
    await telemetry.shutdown(2000);
    await collector.stop();
    vi.unstubAllEnvs();
  });

  const of = (type: string) => envelopes.filter(({ data }) => data.baseType === type);

  it('receives our span in the trace it continues', () => {
    expect(of('RemoteDependencyData').map(({ data, tags }) => [data.baseData.name, tags])).toEqual([
      [
        'audit',
        expect.objectContaining({ 'ai.operation.id': traceId, 'ai.operation.parentId': 'b7ad6b7169203331' }),
      ],
    ]);
  });

  it('receives our metric and none of others', () => {
    const metrics = of('MetricData').flatMap(({ data }) => data.baseData.metrics ?? []);
    const names = new Set(metrics.map(({ name }) => name));
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'gatehouse.voice.minutes', value: 2.5 }));
    expect([...names].filter((name) => !/^(gatehouse|nodejs)\./.test(name))).toEqual(['_OTELRESOURCE_']);
  });

  it('receives our log record in the same trace', () => {
    expect(
      of('MessageData').map(({ data, tags }) => [data.baseData.message, tags['ai.operation.id']]),
    ).toEqual([['audited', traceId]]);
    expect(JSON.stringify(of('MessageData'))).not.toContain('apiKey');
  });

  it('is told the role and the version', () => {
    expect(envelopes.length).toBeGreaterThan(2);
    for (const { iKey: key, tags } of envelopes) {
      expect(key).toBe(iKey);
      expect(tags).toMatchObject({ 'ai.cloud.role': 'gatehouse', 'ai.application.ver': '1.2.3' });
    }
  });

  it('is all that changes: no handlers of crashes, nothing on the console', () => {
    expect(listeners()).toEqual(listenersBefore);
    expect(printed).not.toHaveBeenCalled();
  });

  it('is no longer used after the shutdown', async () => {
    await telemetry.shutdown(2000);
    expect(telemetry.kind).toBe('azure-monitor');
    expect(span('after', ({ traceId: id }) => id)).toBeUndefined();
  });
});
