import type { Histogram } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observeEventLoop } from '../../../shared/telemetry/eventLoop.ts';
import {
  type Instrument,
  instruments,
  type MetricName,
  recordMetric,
} from '../../../shared/telemetry/instruments.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

const table = Object.entries<Instrument>(instruments);
const recorded = table.filter(([, { kind }]) => kind !== 'gauge');
const exportedTypes = {
  counter: 'COUNTER',
  upDownCounter: 'UP_DOWN_COUNTER',
  histogram: 'HISTOGRAM',
  gauge: 'OBSERVABLE_GAUGE',
} as const;

/** As a caller without types could: any attributes under any name. */
const record = recordMetric as (
  name: MetricName,
  value: number,
  attributes?: Record<string, unknown>,
) => void;

let memory: MemoryTelemetry;
beforeEach(() => {
  memory = startMemoryTelemetry();
});
afterEach(() => memory.stop());

describe('the table', () => {
  it('is what is exported: name, unit, description, kind, buckets', async () => {
    const stop = observeEventLoop();
    for (const [name] of recorded) record(name as MetricName, 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const metrics = await memory.metrics();
    stop();
    expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual(
      table.map(([name]) => name).sort(),
    );
    for (const { descriptor, dataPoints } of metrics) {
      const { unit, description, kind, buckets } = Object.fromEntries(table)[descriptor.name] as Instrument;
      expect(descriptor).toMatchObject({ unit, description, type: exportedTypes[kind] });
      const { value } = dataPoints[0] as { value: number | Histogram };
      expect(typeof value === 'number' ? undefined : value.buckets.boundaries).toEqual(buckets);
    }
  });

  it('has buckets that grow for every histogram and no other', () => {
    for (const [name, { kind, buckets }] of table) {
      expect([name, buckets !== undefined]).toEqual([name, kind === 'histogram']);
      expect([...(buckets ?? [])].sort((a, b) => a - b)).toEqual([...(buckets ?? [])]);
      expect(new Set(buckets).size).toBe(buckets?.length ?? 0);
    }
  });

  it('names nothing that identifies a person, a call or a client', () => {
    const names = new Set(table.flatMap(([, { attributes }]) => attributes));
    expect(
      [...names].filter((name) => /(^|[._])(id|user|caller|tenant|address|path|phone|key)$/.test(name)),
    ).toEqual([]);
  });

  it.each(recorded)('%s keeps its attributes and drops others', async (name, { attributes }) => {
    const allowed = Object.fromEntries(attributes.map((attribute) => [attribute, 'x']));
    record(name as MetricName, 1, { ...allowed, 'client.address': '192.0.2.1', tenant: 'acme' });
    const [metric] = await memory.metrics();
    expect(metric?.dataPoints.map((point) => point.attributes)).toEqual([allowed]);
  });
});

describe('recordMetric', () => {
  it('adds up and tells values apart', async () => {
    recordMetric('gatehouse.audit.count', 1, {
      'gatehouse.verdict': 'aligned',
      'gatehouse.engine': 'lexical',
    });
    recordMetric('gatehouse.audit.count', 2, {
      'gatehouse.verdict': 'aligned',
      'gatehouse.engine': 'lexical',
    });
    recordMetric('gatehouse.audit.count', 1, {
      'gatehouse.verdict': undefined,
      'gatehouse.engine': 'lexical',
    });
    recordMetric('gatehouse.audit.duration', 0.3, { 'gatehouse.cache_hit': false });
    const metrics = await memory.metrics();
    expect(metrics[0]?.dataPoints.map(({ value, attributes }) => ({ value, attributes }))).toEqual([
      { value: 3, attributes: { 'gatehouse.verdict': 'aligned', 'gatehouse.engine': 'lexical' } },
      { value: 1, attributes: { 'gatehouse.engine': 'lexical' } },
    ]);
    expect(metrics[1]?.dataPoints).toMatchObject([
      { value: { count: 1, sum: 0.3 }, attributes: { 'gatehouse.cache_hit': false } },
    ]);
  });

  it('makes one series of 50,000 identifiers', async () => {
    for (let i = 0; i < 50_000; i++)
      record('gatehouse.rate_limit.checks', 1, { 'gatehouse.policy': 'calls', identifier: `caller-${i}` });
    const [metric] = await memory.metrics();
    expect(metric?.dataPoints).toHaveLength(1);
    expect(metric?.dataPoints[0]).toMatchObject({
      value: 50_000,
      attributes: { 'gatehouse.policy': 'calls' },
    });
  });

  it('drops values that are no attribute', async () => {
    record('gatehouse.audit.count', 1, { 'gatehouse.verdict': { deep: 1 }, 'gatehouse.engine': null });
    const [metric] = await memory.metrics();
    expect(metric?.dataPoints[0]?.attributes).toEqual({});
  });

  it('does nothing without a provider, and follows the provider that comes', async () => {
    await memory.stop();
    recordMetric('gatehouse.voice.minutes', 1);
    memory = startMemoryTelemetry();
    recordMetric('gatehouse.voice.minutes', 2);
    expect((await memory.metrics())[0]?.dataPoints[0]?.value).toBe(2);
    await memory.stop();
    memory = startMemoryTelemetry();
    recordMetric('gatehouse.voice.minutes', 4);
    expect((await memory.metrics())[0]?.dataPoints[0]?.value).toBe(4);
  });

  it('takes only names and attributes of the table', () => {
    // @ts-expect-error no such instrument
    expect(() => recordMetric('gatehouse.nothing', 1)).toThrow();
    // @ts-expect-error an attribute of another instrument
    recordMetric('gatehouse.voice.minutes', 1, { 'gatehouse.engine': 'lexical' });
    // @ts-expect-error observed, not recorded
    const observed: MetricName = 'nodejs.eventloop.delay.max';
    expect(observed).toBe('nodejs.eventloop.delay.max');
  });
});

describe('observeEventLoop', () => {
  it('sees a blocked loop once', async () => {
    const stop = observeEventLoop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = performance.now() + 150;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const read = async () => {
      const metrics = await memory.metrics();
      return metrics.find(({ descriptor }) => descriptor.name === 'nodejs.eventloop.delay.max')?.dataPoints[0]
        ?.value;
    };
    const blocked = (await read()) as number;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const calm = (await read()) as number;
    stop();
    expect(blocked).toBeGreaterThan(0.1);
    expect(blocked).toBeLessThan(5);
    expect(calm).toBeLessThan(blocked);
  });

  it('does nothing where metrics go nowhere', async () => {
    await memory.stop();
    expect(() => observeEventLoop()()).not.toThrow();
  });
});
