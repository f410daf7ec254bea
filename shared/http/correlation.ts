import { randomUUID } from 'node:crypto';

const acceptable = /^[\w.:-]{1,128}$/;

/**
 * The id that ties an answer to its logs: the caller's `x-correlation-id`, else Vapi's `x-call-id`, else the trace id
 * of a W3C `traceparent`, else a new one. Values of any other form are ignored.
 */
export function correlationIdOf(headers: Headers, traceParent: string | undefined): string {
  const traceId = /^[\da-f]{2}-([\da-f]{32})-/.exec(traceParent ?? '')?.[1];
  const candidates = [headers.get('x-correlation-id'), headers.get('x-call-id'), traceId];
  return candidates.find((id): id is string => !!id && acceptable.test(id)) ?? randomUUID();
}
