import type { OutboundAnswer, SafeFetch } from '../net/safeFetch.ts';
import { retryAfterOf } from '../retryAfter.ts';
import type { DeliveryRow } from './deliveryRow.ts';
import type { Endpoint } from './event.ts';
import { readSecret, signedHeaders } from './standardWebhook.ts';

/** What came of one try. Reasons are fixed words, fit for logs. */
export type Attempt =
  | { kind: 'delivered'; status: number }
  /** Trying again would change nothing. */
  | { kind: 'final'; reason: string; status?: number }
  | { kind: 'again'; reason: string; status?: number; retryAfterMs?: number | undefined };

/** Standard Webhooks recommends 15 to 30 seconds. */
const deadlineMs = 20_000;
/** Nobody reads what the endpoint says beside its status. */
const maxBytes = 1_024;

/** True where the endpoint wants events of this type. */
export function isWanted({ events }: Endpoint, eventType: string): boolean {
  return events.some((type) => type === eventType);
}

/** Sends a delivery's body to the endpoint, signed for this attempt. */
export async function attemptDelivery(
  fetch: SafeFetch,
  { url, secrets }: Endpoint,
  { eventId }: Pick<DeliveryRow, 'eventId'>,
  body: string,
  now: () => Date,
): Promise<Attempt> {
  const keys = secrets.map(readSecret).filter((key) => key !== undefined);
  // Unsigned is not sent; a secret that is wrong can be mended within the day.
  if (keys.length === 0) return { kind: 'again', reason: 'no-secret' };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Gatehouse',
    ...signedHeaders(eventId, now(), body, keys),
  };
  const answer = await fetch({ url, method: 'POST', headers, body, deadlineMs, maxBytes });
  return judge(answer, now().getTime());
}

/**
 * What an answer means. Any 2xx is success and 410 means never again. Everything else is tried again, other 4xx and
 * redirects too, and so are addresses that are refused: all of them are what a receiver in the middle of a change
 * answers, Standard Webhooks makes no difference between them, and the number of tries is bounded.
 */
export function judge(answer: OutboundAnswer, now: number): Attempt {
  if (answer.kind === 'refused') return { kind: 'again', reason: `refused-${answer.reason}` };
  if (answer.kind === 'failed') return { kind: 'again', reason: `failed-${answer.cause}` };
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status === 410) return { kind: 'final', reason: 'gone', status };
  return { kind: 'again', reason: 'status', status, retryAfterMs: retryAfterOf(headers, now) };
}
