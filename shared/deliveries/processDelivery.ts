import { AppError } from '../errors.ts';
import type { SafeFetch } from '../net/safeFetch.ts';
import type { Stores } from '../storage/stores.ts';
import type { Logger } from '../telemetry/logger.ts';
import { carrierOf, continueTrace } from '../telemetry/propagation.ts';
import { traced } from '../telemetry/spans.ts';
import { type Attempt, attemptDelivery, isWanted } from './attempt.ts';
import {
  type DeliveryProgress,
  type DeliveryRow,
  deliveriesContainer,
  deliveriesQueue,
  deliveriesTable,
  type StoredDelivery,
  withProgress,
} from './deliveryRow.ts';
import type { Endpoint, EndpointOf } from './event.ts';
import { claimed, claimMs, isExhausted, settled } from './progress.ts';
import type { TenantSlots } from './tenantSlots.ts';
import { type DeliveryTicket, queueAgain, readDeliveryTicket } from './ticket.ts';

/** What came of a try, for metrics. `failed` will be tried again. */
export interface DeliveryReport {
  outcome: 'delivered' | 'failed' | 'dead';
  eventType: string;
  /** Number of the try, from 1; 0 where it was given up before the first. */
  attempt: number;
  /** From the storing of the event until now. */
  ageSeconds: number;
}

export interface DeliveryDeps {
  stores: Stores;
  fetch: SafeFetch;
  endpointOf: EndpointOf;
  /** One for the instance. */
  slots: Pick<TenantSlots, 'take'>;
  now: () => Date;
  /** Gives 0 up to 1. */
  random: () => number;
  report: (report: DeliveryReport) => void;
}

const tries = 5;

/**
 * Processes one ticket of the `deliveries` queue. The delivery's row says what is due: a ticket that comes early is
 * queued again for the time the row names, one whose delivery has ended is dropped; where the tenant has as many tries
 * under way here as it may, it is put off, so that no slow endpoint holds up the others. A worker claims the row by its
 * version before it sends, so that of several tickets one leads to a request; and each ticket lives until the delivery
 * has ended, so that none is needed to go on. A receiver gets an event twice only where a worker is lost, or stands
 * still for {@link claimMs}, between sending and writing that down; the `webhook-id` is the same. Anything thrown
 * brings the message back.
 */
export async function processDelivery(message: unknown, deps: DeliveryDeps, log: Logger): Promise<void> {
  const ticket = readDeliveryTicket(message);
  const { traceparent, tracestate } = ticket.trace ?? {};
  await continueTrace(carrierOf({ traceParent: traceparent, traceState: tracestate }), () =>
    traced(
      `process ${deliveriesQueue}`,
      async () => {
        const waitMs = await work(ticket, deps, log);
        if (waitMs !== undefined) await queueAgain(deps.stores.queues, ticket, waitMs);
      },
      {
        kind: 'consumer',
        attributes: { 'messaging.operation.type': 'process', 'messaging.destination.name': deliveriesQueue },
      },
    ),
  );
}

/** Does what is due. Gives the milliseconds after which the ticket is to come again, or undefined where never. */
async function work(ticket: DeliveryTicket, deps: DeliveryDeps, log: Logger): Promise<number | undefined> {
  const row = await read(deps, ticket);
  if (row?.state !== 'pending') return undefined;
  const early = (row.nextAttemptAt?.getTime() ?? 0) - deps.now().getTime();
  if (early > 0) return early;
  const slot = deps.slots.take(ticket.tenantId, deps.now().getTime());
  if (slot.kind === 'taken') return slot.waitMs;
  try {
    return await tryOnce(row, deps, log);
  } finally {
    slot.leave(deps.now().getTime());
  }
}

/** Claims the row, sends, and writes down what came of it. Gives as {@link work} does. */
async function tryOnce(row: StoredDelivery, deps: DeliveryDeps, log: Logger): Promise<number | undefined> {
  const endpoint = await deps.endpointOf(row.partitionKey);
  const ready = await prepare(row, endpoint, deps);
  if (typeof ready === 'string') return settle(row, { kind: 'final', reason: ready }, deps, log, endpoint);
  const mine = await write(deps, row, claimed(row, deps.now()));
  // Another worker has it, or it is ours and the store did not say so: seen to once the claim has run out.
  if (!mine) return claimMs;
  const attempt = await attemptDelivery(deps.fetch, ready.endpoint, mine, ready.body, deps.now);
  return settle(mine, attempt, deps, log, endpoint);
}

/** What a try needs, or why a delivery is given up without one. */
async function prepare(
  row: DeliveryRow,
  endpoint: Endpoint | undefined,
  deps: DeliveryDeps,
): Promise<{ endpoint: Endpoint; body: string } | string> {
  if (!endpoint) return 'no-endpoint';
  if (!isWanted(endpoint, row.eventType)) return 'not-subscribed';
  if (isExhausted(row)) return 'interrupted';
  const body = await bodyOf(deps, row);
  return body === undefined ? 'no-body' : { endpoint, body };
}

/** Writes down what came of a try. Gives how long the ticket waits; undefined where the delivery has ended. */
async function settle(
  row: StoredDelivery,
  attempt: Attempt,
  deps: DeliveryDeps,
  log: Logger,
  endpoint: Endpoint | undefined,
): Promise<number | undefined> {
  const now = deps.now();
  const progress = settled(row, attempt, now, deps.random);
  const written = await write(deps, row, progress);
  // Another worker has taken over, which it could only do because this one was too slow.
  if (!written && attempt.kind !== 'delivered') return claimMs;
  if (!written) await insist(row, progress, deps);
  tell(row, progress, endpoint, now, deps, log);
  return progress.nextAttemptAt && progress.nextAttemptAt.getTime() - now.getTime();
}

/** What was delivered stays delivered, whatever another worker has written in the meantime. */
async function insist(row: DeliveryRow, progress: DeliveryProgress, deps: DeliveryDeps): Promise<void> {
  const { partitionKey: tenantId, rowKey: delivery } = row;
  for (let i = 0; i < tries; i++) {
    const stored = await read(deps, { tenantId, delivery });
    if (!stored || stored.state === 'delivered') return;
    if (await write(deps, stored, { ...progress, attempts: stored.attempts })) return;
  }
  throw new AppError('storage-unavailable', 'The delivery could not be marked as delivered.');
}

function tell(
  row: DeliveryRow,
  { state, attempts, lastStatus, reason, nextAttemptAt }: DeliveryProgress,
  endpoint: Endpoint | undefined,
  now: Date,
  { report }: DeliveryDeps,
  log: Logger,
): void {
  const { partitionKey: tenant, eventId, eventType, createdAt } = row;
  const outcome = state === 'pending' ? 'failed' : state;
  const fields = {
    tenant,
    eventId,
    type: eventType,
    attempt: attempts,
    status: lastStatus,
    reason,
    host: endpoint && URL.parse(endpoint.url)?.host,
    nextAttemptAt: nextAttemptAt?.toISOString(),
  };
  log[outcome === 'delivered' ? 'info' : 'warn'](`delivery-${outcome}`, fields);
  const ageSeconds = Math.max(0, now.getTime() - createdAt.getTime()) / 1000;
  report({ outcome, eventType, attempt: attempts, ageSeconds });
}

function read(
  { stores }: DeliveryDeps,
  { tenantId, delivery }: DeliveryTicket,
): Promise<StoredDelivery | undefined> {
  return stores.tables.get<DeliveryRow>(deliveriesTable, tenantId, delivery);
}

/** Moves a row on from the version that was read; undefined where it is no longer that one. */
async function write(
  { stores }: DeliveryDeps,
  row: StoredDelivery,
  progress: DeliveryProgress,
): Promise<StoredDelivery | undefined> {
  const entity = withProgress(row, progress);
  const etag = await stores.tables.write(deliveriesTable, { kind: 'replace', entity, etag: row.etag });
  return etag === undefined ? undefined : { ...entity, etag };
}

async function bodyOf({ stores }: DeliveryDeps, { payload, blob }: DeliveryRow): Promise<string | undefined> {
  if (blob === undefined) return payload;
  const bytes = await stores.blobs.get(deliveriesContainer, blob);
  return bytes && Buffer.from(bytes).toString();
}
