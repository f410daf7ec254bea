import { AppError } from '../errors.ts';
import type { Stores } from '../storage/stores.ts';
import type { TableStore } from '../storage/tableStore.ts';
import {
  type DeliveryProgress,
  type DeliveryRow,
  type DeliveryState,
  deliveriesTable,
  deliveryPrefix,
  type PointerRow,
  pointerKey,
  withProgress,
} from './deliveryRow.ts';
import { restarted } from './progress.ts';
import { queueDelivery } from './ticket.ts';

/** A delivery as an operator sees it: all but what was to be told. */
export interface DeliveryView extends DeliveryProgress {
  eventId: string;
  eventType: string;
  createdAt: Date;
}

export interface DeliveryPage {
  deliveries: DeliveryView[];
  /** To be given as `after` for the next page; undefined on the last. */
  next: string | undefined;
}

const tries = 5;

/**
 * Deliveries of a tenant, the latest first, of one state or of all; at most `limit`. Reads on from `after` until the
 * page is full.
 */
export async function listDeliveries(
  tables: TableStore,
  tenantId: string,
  {
    state,
    limit,
    after = '',
  }: { state?: DeliveryState | undefined; limit: number; after?: string | undefined },
): Promise<DeliveryPage> {
  const deliveries: DeliveryView[] = [];
  let last = after;
  for await (const row of tables.list<DeliveryRow>(deliveriesTable, tenantId, deliveryPrefix, {
    ...(after === '' ? {} : { from: after }),
    atOnce: Math.min(1_000, limit + 2),
  })) {
    if (row.rowKey <= after || (state !== undefined && row.state !== state)) continue;
    if (deliveries.length === limit) return { deliveries, next: last };
    deliveries.push(toView(row));
    last = row.rowKey;
  }
  return { deliveries, next: undefined };
}

/**
 * Tries a delivery that has ended once more, with its whole schedule before it; a delivered one goes out again under
 * the same id. `pending` where it has not ended, `not-found` where there is none.
 */
export async function retryDelivery(
  { tables, queues }: Pick<Stores, 'tables' | 'queues'>,
  tenantId: string,
  eventId: string,
  now: Date,
): Promise<'queued' | 'pending' | 'not-found'> {
  for (let i = 0; i < tries; i++) {
    const pointer = await tables.get<PointerRow>(deliveriesTable, tenantId, pointerKey(eventId));
    const row = pointer && (await tables.get<DeliveryRow>(deliveriesTable, tenantId, pointer.delivery));
    if (!row) return 'not-found';
    if (row.state === 'pending') {
      // An earlier call may have come so far and no further.
      if (row.attempts === 0) await queueDelivery(queues, tenantId, row.rowKey);
      return 'pending';
    }
    const entity = withProgress(row, restarted(row, now));
    if ((await tables.write(deliveriesTable, { kind: 'replace', entity, etag: row.etag })) === undefined)
      continue;
    await queueDelivery(queues, tenantId, row.rowKey);
    return 'queued';
  }
  throw new AppError('storage-unavailable', 'The delivery is changing. Try again shortly.', {
    retryAfter: 5,
  });
}

function toView(row: DeliveryRow): DeliveryView {
  const { eventId, eventType, createdAt, state, attempts, lastStatus, reason, nextAttemptAt, endedAt } = row;
  return { eventId, eventType, createdAt, state, attempts, lastStatus, reason, nextAttemptAt, endedAt };
}
