import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { metrics, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordMetric } from '../../../shared/telemetry/instruments.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { span, traced } from '../../../shared/telemetry/spans.ts';
import { startTelemetry, type Telemetry } from '../../../shared/telemetry/start.ts';
import { type Collector, startCollector } from '../../support/collector.ts';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number; doubleValue?: number };
}

interface Resource {
  attributes: Attribute[];
}

interface TracesBody {
  resourceSpans: {
    resource: Resource;
    scopeSpans: { scope: { name: string }; spans: { name: string; traceId: string; kind: number }[] }[];
  }[];
}

interface MetricsBody {
  resourceMetrics: {
    resource: Resource;
    scopeMetrics: {
      metrics: { name: string; unit: string; sum?: { dataPoints: { asDouble: number }[] } }[];
    }[];
  }[];
}

interface LogsBody {
  resourceLogs: {
    resource: Resource;
    scopeLogs: {
      logRecords: { eventName: string; severityNumber: number; traceId: string; attributes: Attribute[] }[];
    }[];
  }[];
}

const service = { serviceName: 'gatehouse', serviceVersion: '1.2.3', inAzure: false };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const textOf = (attributes: Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One span, one metric and one log record. */
function work(): void {
  span('work', () => {
    recordMetric('gatehouse.voice.minutes', 2.5);
    createLogger(silent, 'info').info('worked', { calls: 1 });
  });
}

let collector: Collector;
let telemetry: Telemetry | undefined;
let warnings: string[];

async function start(env: Record<string, string>, options: Partial<typeof service> = {}): Promise<Telemetry> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  telemetry = await startTelemetry(
    { kind: 'otlp' },
    { ...service, ...options, warn: (line) => warnings.push(line) },
  );
  return telemetry;
}

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
  warnings = [];
  collector = await startCollector();
});

afterEach(async () => {
  await telemetry?.shutdown(1000);
  await collector.stop();
  vi.unstubAllEnvs();
});

describe('to a collector', () => {
  it('spans, metrics and log records arrive, with who sent them', async () => {
    const running = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    expect(running.kind).toBe('otlp');
    const traceId = await traced('outer', async ({ traceId: id }) => {
      work();
      return id;
    });
    await running.flush(3000);

    const [{ resourceSpans = [] }] = collector.received('/v1/traces') as [TracesBody];
    const scope = resourceSpans[0]?.scopeSpans[0];
    expect(scope?.scope.name).toBe('gatehouse');
    expect(scope?.spans.map(({ name, traceId: id }) => ({ name, id }))).toEqual([
      { name: 'work', id: traceId },
      { name: 'outer', id: traceId },
    ]);

    const [{ resourceMetrics = [] }] = collector.received('/v1/metrics') as [MetricsBody];
    const minutes = resourceMetrics[0]?.scopeMetrics[0]?.metrics[0];
    expect(minutes).toMatchObject({ name: 'gatehouse.voice.minutes', unit: 'min' });
    expect(minutes?.sum?.dataPoints).toMatchObject([{ asDouble: 2.5 }]);

    const [{ resourceLogs = [] }] = collector.received('/v1/logs') as [LogsBody];
    expect(resourceLogs[0]?.scopeLogs[0]?.logRecords).toMatchObject([
      {
        eventName: 'worked',
        severityNumber: 9,
        traceId,
        attributes: [{ key: 'calls', value: { intValue: 1 } }],
      },
    ]);

    const resources = [resourceSpans[0], resourceMetrics[0], resourceLogs[0]].map((part) =>
      textOf(part?.resource.attributes),
    );
    expect(resources[0]).toMatchObject({
      'service.name': 'gatehouse',
      'service.version': '1.2.3',
      'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/) as string,
      'deployment.environment.name': 'test',
    });
    expect(resources[0]).not.toHaveProperty('cloud.provider');
    expect(resources[1]).toEqual(resources[0]);
    expect(resources[2]).toEqual(resources[0]);
    expect(warnings).toEqual([]);
  });

  it('tells the event loop delay', async () => {
    const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await running.flush(3000);
    const [{ resourceMetrics = [] }] = collector.received('/v1/metrics') as [MetricsBody];
    expect(resourceMetrics[0]?.scopeMetrics[0]?.metrics.map(({ name }) => name)).toEqual([
      'nodejs.eventloop.delay.max',
      'nodejs.eventloop.delay.p99',
    ]);
  });

  it('takes the name from OTEL_SERVICE_NAME first, and says where in Azure it runs', async () => {
    const running = await start(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_SERVICE_NAME: 'front-desk',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=other',
        WEBSITE_SITE_NAME: 'func-gatehouse',
        WEBSITE_INSTANCE_ID: 'a1',
        REGION_NAME: 'Australia East',
      },
      { inAzure: true },
    );
    work();
    await running.flush(3000);
    const [{ resourceSpans = [] }] = collector.received('/v1/traces') as [TracesBody];
    expect(textOf(resourceSpans[0]?.resource.attributes)).toMatchObject({
      'service.name': 'front-desk',
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.functions',
      'cloud.region': 'Australia East',
      'faas.name': 'func-gatehouse',
      'faas.instance': 'a1',
    });
  });

  it('sends only the signals that have an endpoint', async () => {
    const running = await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` });
    work();
    await running.flush(3000);
    expect(collector.received('/v1/traces')).toHaveLength(1);
    expect(collector.received('/v1/metrics')).toEqual([]);
    expect(collector.received('/v1/logs')).toEqual([]);
  });

  it('sends no signal that is switched off', async () => {
    const running = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'None',
    });
    work();
    await running.flush(3000);
    expect(collector.received('/v1/traces')).toHaveLength(1);
    expect(collector.received('/v1/metrics')).toEqual([]);
    expect(collector.received('/v1/logs')).toEqual([]);
  });

  it('samples as OTEL_TRACES_SAMPLER says, and the trace id stays', async () => {
    const running = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    const traceId = span('unsampled', (running_) => running_.traceId);
    recordMetric('gatehouse.voice.minutes', 1);
    await running.flush(3000);
    expect(traceId).toMatch(/^[\da-f]{32}$/);
    expect(collector.received('/v1/traces')).toEqual([]);
    expect(collector.received('/v1/metrics')).toHaveLength(1);
  });

  it('says that it speaks HTTP only', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('Only OTLP over HTTP');
  });

  it('sends soon without being waited for', async () => {
    const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    work();
    running.flushSoon();
    await vi.waitFor(() => expect(collector.received('/v1/traces')).toHaveLength(1), 3000);
  });

  it('sends the rest at its shutdown and leaves nothing behind', async () => {
    const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    work();
    await running.shutdown(3000);
    await running.shutdown(3000);
    expect(collector.received('/v1/traces')).toHaveLength(1);
    expect(collector.received('/v1/metrics')).toHaveLength(1);
    expect(collector.received('/v1/logs')).toHaveLength(1);
    expect(span('after', ({ traceId }) => traceId)).toBeUndefined();
    expect(trace.getTracer('x').startSpan('x').isRecording()).toBe(false);
    expect(metrics.getMeterProvider().constructor.name).toBe('NoopMeterProvider');
  });
});

describe('with a dead collector', () => {
  /** Milliseconds and the warnings of a flush, another and a shutdown, each bound to 200 ms. */
  async function suffer(endpoint: string): Promise<number[]> {
    const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const times: number[] = [];
    for (const step of [running.flush, running.flush, running.shutdown]) {
      work();
      const started = performance.now();
      await step(200);
      times.push(performance.now() - started);
    }
    return times;
  }

  it('that is gone, nobody waits longer than the bound and nothing throws', async () => {
    const times = await suffer(`http://127.0.0.1:${await closedPort()}`);
    for (const time of times) expect(time).toBeLessThan(400);
  });

  it('that takes connections and never answers, likewise', async () => {
    const mute = await startCollector({ answers: false });
    const times = await suffer(mute.url);
    await mute.stop();
    for (const time of times) expect(time).toBeLessThan(400);
  });

  it('one line is written, without a stack', async () => {
    const running = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    });
    for (let round = 0; round < 3; round++) {
      work();
      await running.flush(1000);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^\{"event":"telemetry-trouble","reason":"[^"]*ECONNREFUSED[^"]*"\}$/);
    expect(warnings[0]).not.toMatch(/\n| at |node_modules/);
  });

  it('the queue is bounded and recording stays quick', async () => {
    const mute = await startCollector({ answers: false });
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: mute.url });
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) span('work', () => i);
    const perSpan = (performance.now() - started) / 20_000;
    await telemetry?.shutdown(100);
    await mute.stop();
    expect(perSpan).toBeLessThan(0.5);
  });
});

describe('startTelemetry', () => {
  it('with no destination is nothing that can be called', async () => {
    const nothing = await startTelemetry({ kind: 'none' }, service);
    nothing.flushSoon();
    await nothing.flush(10);
    await nothing.shutdown(10);
    expect(nothing.kind).toBe('none');
  });

  it('that fails is a warning and none', async () => {
    const failed = await startTelemetry(
      { kind: 'azure-monitor', connectionString: 'nonsense' },
      { ...service, warn: (line) => warnings.push(line) },
    );
    expect(failed.kind).toBe('none');
    expect(warnings.map((line) => (JSON.parse(line) as { event: string }).event)).toContain(
      'telemetry-not-started',
    );
    expect(span('after', ({ traceId }) => traceId)).toBeUndefined();
  });
});
