import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
} from '@opentelemetry/api';

/** Name of the instrumentation scope under which spans, metrics and log records are made. */
export const scopeName = 'gatehouse';

export interface Instrument {
  /** A `gauge` is read by a callback at each export; the others are recorded with {@link recordMetric}. */
  kind: 'counter' | 'histogram' | 'gauge' | 'upDownCounter';
  /** A unit of the UCUM. */
  unit: string;
  description: string;
  /** The only attributes that leave the process; each has few values. */
  attributes: readonly string[];
  /** Upper bounds of a histogram's buckets, in `unit`. */
  buckets?: readonly number[];
}

/** Of `http.server.request.duration` in the semantic conventions, in seconds. */
const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
/** Of `gen_ai.client.operation.duration` in the semantic conventions, in seconds. */
const modelSeconds = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;
const auditSeconds = [...modelSeconds, 163.84, 327.68, 655.36] as const;
const queueSeconds = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 3600] as const;
const storeSeconds = [0.001, 0.0025, ...requestSeconds] as const;
const fractions = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;
/** Of `gen_ai.client.token.usage` in the semantic conventions. */
const tokens = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
] as const;

const spending = ['gen_ai.request.model', 'gen_ai.provider.name', 'gen_ai.token.modality'] as const;

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
  'gatehouse.audit.count': {
    kind: 'counter',
    unit: '{audit}',
    description: 'Finished audits.',
    attributes: ['gatehouse.verdict', 'gatehouse.engine'],
  },
  'gatehouse.audit.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of audits.',
    attributes: ['gatehouse.engine', 'gatehouse.cache_hit'],
    buckets: auditSeconds,
  },
  'gatehouse.audit.cache.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Questions to the cache of audit answers.',
    attributes: ['gatehouse.result'],
  },
  'gatehouse.saved.tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens that did not have to be sent.',
    attributes: ['gatehouse.saving'],
  },
  'gatehouse.saved.cost': {
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of model calls that was avoided, at list price.',
    attributes: ['gatehouse.saving', 'gen_ai.request.model'],
  },
  'gatehouse.llm.cost': {
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of model calls at list price.',
    attributes: ['gen_ai.request.model'],
  },
  'gatehouse.llm.unpriced': {
    kind: 'counter',
    unit: '{call}',
    description: 'Model calls whose price is not known.',
    attributes: ['gen_ai.request.model'],
  },
  'gatehouse.llm.calls': {
    kind: 'counter',
    unit: '{call}',
    description: 'Model calls.',
    attributes: ['gen_ai.request.model', 'gatehouse.outcome'],
  },
  'gen_ai.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'GenAI operation duration.',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'error.type'],
    buckets: modelSeconds,
  },
  'gen_ai.client.token.usage': {
    kind: 'histogram',
    unit: '{token}',
    description: 'Number of input and output tokens used.',
    attributes: [
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.request.model',
      'gen_ai.token.type',
    ],
    buckets: tokens,
  },
  'gen_ai.client.inference.usage.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens used, cached ones included.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.output_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Output tokens used, reasoning included.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.cache_read.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens served from a cache of the provider.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.cache_write.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens written to a cache of the provider.',
    attributes: spending,
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
