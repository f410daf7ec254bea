import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Stores } from '../storage/stores.ts';
import {
  type DeliveryRow,
  deliveriesContainer,
  deliveriesTable,
  deliveryKey,
  type PointerRow,
  pointerKey,
} from './deliveryRow.ts';
import { type DeliveryEvent, eventSchema, toBody } from './event.ts';
import { queueDelivery } from './ticket.ts';

/** In characters. A property holds 32 K; listing many rows should not bring much more than what is shown of them. */
const longestInRow = 8_000;

/**
 * Stores an event and queues its delivery. Once this returns the event will be tried; if it throws, telling it again is
 * safe, as it is at any time: an event's id is one delivery, `known` from the second time on, and the first body stays.
 * @throws ZodError for what is no event.
 */
export async function enqueueDelivery(
  stores: Stores,
  event: DeliveryEvent,
  now: Date,
): Promise<'queued' | 'known'> {
  const checked = eventSchema.parse(event);
  const row = toRow(checked, now);
  if (row.blob !== undefined) {
    await stores.blobs.put(deliveriesContainer, row.blob, Buffer.from(toBody(checked)), 'application/json');
  }
  const pointer: PointerRow = {
    partitionKey: checked.tenantId,
    rowKey: pointerKey(checked.id),
    delivery: row.rowKey,
    createdAt: now,
  };
  const stored = await stores.tables.transact(deliveriesTable, [
    { kind: 'insert', entity: pointer },
    { kind: 'insert', entity: row },
  ]);
  if (stored === 'conflict') return enqueueKnown(stores, checked, row.blob);
  await queueDelivery(stores.queues, checked.tenantId, row.rowKey);
  return 'queued';
}

/** The first one may have been stored and never queued: until it was tried it is queued once more. */
async function enqueueKnown(
  { tables, blobs, queues }: Stores,
  { tenantId, id }: DeliveryEvent,
  blob: string | undefined,
): Promise<'known'> {
  const pointer = await tables.get<PointerRow>(deliveriesTable, tenantId, pointerKey(id));
  if (!pointer) throw new AppError('storage-unavailable', 'The event was being deleted. Try again.');
  const row = await tables.get<DeliveryRow>(deliveriesTable, tenantId, pointer.delivery);
  if (blob !== undefined && row?.blob !== blob) await blobs.delete(deliveriesContainer, blob);
  if (row?.state === 'pending' && row.attempts === 0) await queueDelivery(queues, tenantId, row.rowKey);
  return 'known';
}

function toRow(event: DeliveryEvent, now: Date): DeliveryRow {
  const body = toBody(event);
  return {
    partitionKey: event.tenantId,
    rowKey: deliveryKey(event.id, now),
    eventId: event.id,
    eventType: event.type,
    createdAt: now,
    about: event.about?.join('\n'),
    state: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    ...(body.length > longestInRow ? { blob: blobName(event, body) } : { payload: body }),
  };
}

/** By content, so that a second event under the same id cannot change the first one's body. */
function blobName({ tenantId, id }: DeliveryEvent, body: string): string {
  return `${tenantId}/${id}/${createHash('sha256').update(body).digest('hex').slice(0, 32)}.json`;
}
