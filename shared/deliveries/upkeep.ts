import type { Stores } from '../storage/stores.ts';
import {
  type DeliveryProgress,
  type DeliveryRow,
  deliveriesContainer,
  deliveriesTable,
  deliveryPrefix,
  pointerKey,
  withProgress,
} from './deliveryRow.ts';
import { queueDelivery } from './ticket.ts';

const dayMs = 86_400_000;
/** A delivery this long after its time may have no ticket left. */
const overdueMs = 15 * 60_000;
/** The ticket that was added may wait its turn so long; within it no other is added. */
const addedTicketMs = 6 * 3_600_000;

/**
 * Deletes deliveries that were stored more than `days` days ago, whatever has become of them, and their bodies; at most
 * `most` rows in one go, of which each delivery has two. Gives how many rows went. Two days leave time for all tries.
 */
export async function deleteOldDeliveries(
  { tables, blobs }: Pick<Stores, 'tables' | 'blobs'>,
  now: Date,
  days: number,
  most: number,
): Promise<number> {
  const before = new Date(now.getTime() - days * dayMs);
  let deleted = 0;
  for await (const row of tables.listBefore<DeliveryRow>(deliveriesTable, 'createdAt', before)) {
    if (deleted >= most) break;
    if (row.blob !== undefined) await blobs.delete(deliveriesContainer, row.blob);
    await tables.delete(deliveriesTable, row.partitionKey, row.rowKey);
    deleted++;
  }
  return deleted;
}

/**
 * Queues what is long due and untouched: the ticket was lost between the storing of an event and its queueing, or gave
 * up in the poison queue. At most `most` deliveries in one go; gives how many. Where tickets only wait their turn, one
 * more does no harm; more of them would, as each lives as long as its delivery, so the row says when one was added.
 */
export async function requeueOverdue(
  { tables, queues }: Pick<Stores, 'tables' | 'queues'>,
  now: Date,
  most: number,
): Promise<number> {
  const before = new Date(now.getTime() - overdueMs);
  let queued = 0;
  for await (const row of tables.listBefore<DeliveryRow>(deliveriesTable, 'nextAttemptAt', before)) {
    if (queued >= most) break;
    if (row.ticketAddedAt && now.getTime() - row.ticketAddedAt.getTime() < addedTicketMs) continue;
    const entity = { ...withProgress(row, progressOf(row)), ticketAddedAt: now };
    const noted = await tables.write(deliveriesTable, { kind: 'replace', entity, etag: row.etag });
    if (noted === undefined) continue;
    await queueDelivery(queues, row.partitionKey, row.rowKey);
    queued++;
  }
  return queued;
}

function progressOf({ state, attempts, lastStatus, reason, nextAttemptAt }: DeliveryRow): DeliveryProgress {
  return { state, attempts, lastStatus, reason, nextAttemptAt };
}

/**
 * Deletes a tenant's deliveries of events about what `isMeant` names, sent or not, with their bodies. Looks at all of the
 * tenant's; gives how many went. One that is being sent at this moment is sent.
 */
export async function eraseDeliveries(
  { tables, blobs }: Pick<Stores, 'tables' | 'blobs'>,
  tenantId: string,
  isMeant: (about: string) => boolean,
): Promise<number> {
  let erased = 0;
  for await (const row of tables.list<DeliveryRow>(deliveriesTable, tenantId, deliveryPrefix)) {
    if (!row.about?.split('\n').some(isMeant)) continue;
    if (row.blob !== undefined) await blobs.delete(deliveriesContainer, row.blob);
    await tables.delete(deliveriesTable, tenantId, row.rowKey);
    await tables.delete(deliveriesTable, tenantId, pointerKey(row.eventId));
    erased++;
  }
  return erased;
}
