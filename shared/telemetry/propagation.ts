import { context, propagation } from '@opentelemetry/api';

/** A place in a trace, as W3C Trace Context writes it; empty when there is none. */
export type TraceCarrier = { traceparent?: string; tracestate?: string };

/** The running span's place, to be sent along with a message; empty while nothing is traced. */
export function currentTrace(): TraceCarrier {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier, {
    set(into, key, value) {
      if (key === 'traceparent' || key === 'tracestate') into[key] = value;
    },
  });
  return carrier;
}

/** Runs `work` so that its spans continue the carrier's trace; a missing or malformed carrier changes nothing. */
export function continueTrace<T>(carrier: TraceCarrier | undefined, work: () => T): T {
  if (!carrier?.traceparent) return work();
  return context.with(propagation.extract(context.active(), carrier), work);
}

/** The trace context of a Functions invocation as a carrier. */
export function carrierOf(
  traceContext: { traceParent?: string | undefined; traceState?: string | undefined } | undefined,
): TraceCarrier {
  const { traceParent, traceState } = traceContext ?? {};
  return {
    ...(traceParent ? { traceparent: traceParent } : {}),
    ...(traceState ? { tracestate: traceState } : {}),
  };
}
