import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
} from '@opentelemetry/api';
import { auditInstruments } from './auditInstruments.ts';
import { fractions, type Instrument, queueSeconds, requestSeconds, storeSeconds } from './instrument.ts';
import { modelInstruments } from './modelInstruments.ts';

export type { Instrument };

/** Name of the instrumentation scope under which spans, metrics and log records are made. */
export const scopeName = 'gatehouse';

/**
 * The one table of metrics. Names are those of the OpenTelemetry semantic conventions where one exists (HTTP, Node.js
 * runtime, GenAI and its token counters); own ones begin with `gatehouse.`. No attribute ever identifies a person, a
 * call or a client.
 */
export const instruments = {
  'http.server.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of HTTP server requests.',
    attributes: [
      'http.request.method',
      'http.route',
      'http.response.status_code',
      'error.type',
      'url.scheme',
    ],
    buckets: requestSeconds,
  },
  'gatehouse.assistant_request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Time to answer an assistant-request.',
    attributes: ['gatehouse.outcome'],
    buckets: requestSeconds,
  },
  'gatehouse.vapi.messages': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages of Vapi by type; types outside its contract are other.',
    attributes: ['gatehouse.message_type'],
  },
  'gatehouse.vapi.refusals': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages of Vapi whose credential was wrong, or could not be checked.',
    attributes: ['gatehouse.reason'],
  },
  'gatehouse.end_of_call.queue_age': {
    kind: 'histogram',
    unit: 's',
    description: 'Time from the arrival of an end-of-call report to its processing.',
    attributes: [],
    buckets: queueSeconds,
  },
  'gatehouse.tool.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of tool executions.',
    attributes: ['gen_ai.tool.name', 'gatehouse.outcome'],
    buckets: requestSeconds,
  },
  'gatehouse.tools.events': {
    kind: 'counter',
    unit: '{event}',
    description: 'Published tools: swaps, refused manifests, versions that did not load.',
    attributes: ['gatehouse.outcome'],
  },
  'gatehouse.delivery.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    description: "Tries to deliver an event to a tenant's endpoint.",
    attributes: ['gatehouse.outcome'],
  },
  'gatehouse.delivery.age': {
    kind: 'histogram',
    unit: 's',
    description: 'Age of an event when its delivery has ended.',
    attributes: ['gatehouse.outcome'],
    buckets: queueSeconds,
  },
  'gatehouse.usage.flush.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of writing usage records.',
    attributes: ['gatehouse.outcome'],
    buckets: requestSeconds,
  },
  'gatehouse.voice.minutes': {
    kind: 'counter',
    unit: 'min',
    description: 'Minutes of finished calls.',
    attributes: [],
  },
  'gatehouse.voice.cost': {
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of finished calls as Vapi reported it.',
    attributes: [],
  },
  'nodejs.eventloop.delay.max': {
    kind: 'gauge',
    unit: 's',
    description: 'Event loop maximum delay.',
    attributes: [],
  },
  'nodejs.eventloop.delay.p99': {
    kind: 'gauge',
    unit: 's',
    description: 'Event loop 99 percentile delay.',
    attributes: [],
  },
  'gatehouse.rate_limit.checks': {
    kind: 'counter',
    unit: '{check}',
    description: 'Rate limit checks.',
    attributes: ['gatehouse.policy', 'gatehouse.result', 'gatehouse.mode'],
  },
  'gatehouse.rate_limit.remaining': {
    kind: 'histogram',
    unit: '1',
    description: 'Fraction of the limit that was left at a reservation.',
    attributes: ['gatehouse.policy'],
    buckets: fractions,
  },
  'gatehouse.rate_limit.store.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of storage operations of the rate limiter.',
    attributes: ['gatehouse.operation', 'gatehouse.outcome'],
    buckets: storeSeconds,
  },
  'gatehouse.rate_limit.lease.conflicts': {
    kind: 'counter',
    unit: '{conflict}',
    description: 'Leases that another instance took first.',
    attributes: ['gatehouse.policy'],
  },
  'gatehouse.rate_limit.breaker': {
    kind: 'counter',
    unit: '{change}',
    description: 'Changes of state of the circuit breaker before the rate limit store.',
    attributes: ['gatehouse.state'],
  },
  'gatehouse.budget.warnings': {
    kind: 'counter',
    unit: '{warning}',
    description: 'Thresholds of a budget that were crossed.',
    attributes: ['gatehouse.policy', 'gatehouse.threshold'],
  },
  ...auditInstruments,
  ...modelInstruments,
} as const satisfies Record<string, Instrument>;

export type InstrumentName = keyof typeof instruments;

/** Instruments that are recorded, not observed. */
export type MetricName = {
  [N in InstrumentName]: (typeof instruments)[N]['kind'] extends 'gauge' ? never : N;
}[InstrumentName];

type AttributeName<N extends MetricName> = (typeof instruments)[N]['attributes'][number];

/** The attributes an instrument has, any of which may be left out. */
export type MetricAttributes<N extends MetricName> = [AttributeName<N>] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [A in AttributeName<N>]?: string | number | boolean | undefined };

type Recorder = (value: number, attributes: Attributes) => void;

/** Instruments of the provider that was the global one when they were made; without one there are none. */
let made:
  | { provider: MeterProvider; meter: Meter | undefined; recorders: Map<MetricName, Recorder> }
  | undefined;

/**
 * Adds `value` to a counter or a histogram, in the unit the table gives. Attributes the table does not name are
 * dropped at run time too, so that no identifier becomes a series of its own. Costs next to nothing and does nothing
 * while metrics go nowhere.
 */
export function recordMetric<N extends MetricName>(
  name: N,
  value: number,
  attributes?: MetricAttributes<N>,
): void {
  const provider = metrics.getMeterProvider();
  if (made?.provider !== provider) made = { provider, meter: meterOf(provider), recorders: new Map() };
  const { meter, recorders } = made;
  if (!meter) return;
  let record = recorders.get(name);
  if (!record) {
    record = createRecorder(meter, name);
    recorders.set(name, record);
  }
  record(value, allowed(instruments[name].attributes, attributes ?? {}));
}

/** The provider's meter, unless it is the one that does nothing. */
export function meterOf(provider: MeterProvider): Meter | undefined {
  const meter = provider.getMeter(scopeName);
  return meter === createNoopMeter() ? undefined : meter;
}

function createRecorder(meter: Meter, name: MetricName): Recorder {
  const { kind, unit, description, buckets }: Instrument = instruments[name];
  if (kind === 'histogram') {
    const histogram = meter.createHistogram(name, {
      unit,
      description,
      ...(buckets ? { advice: { explicitBucketBoundaries: [...buckets] } } : {}),
    });
    return (value, attributes) => histogram.record(value, attributes);
  }
  const sum =
    kind === 'counter'
      ? meter.createCounter(name, { unit, description })
      : meter.createUpDownCounter(name, { unit, description });
  return (value, attributes) => sum.add(value, attributes);
}

function allowed(names: readonly string[], given: Readonly<Record<string, unknown>>): Attributes {
  const kept: Attributes = {};
  for (const name of names) {
    const value = given[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      kept[name] = value;
  }
  return kept;
}
