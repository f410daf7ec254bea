import type { Stores } from '../../storage/stores.ts';
import { discard, requeue, waiting } from './claimCheck.ts';

const dayMs = 86_400_000;
/** A body that has waited so long has lost its ticket, or failed so often that this gave up. */
const strandedMs = dayMs;
/** For so long it is tried again, once a run. */
const hopeMs = 14 * dayMs;

/**
 * Queues again the reports that are stored and were not processed in a day: of some the ticket was never queued, because
 * the answer to the storing was lost. Processing one twice changes nothing. Those older than `days` days are deleted. At
 * most `most` of each.
 */
export async function tidyInbox(
  stores: Pick<Stores, 'blobs' | 'queues'>,
  now: Date,
  days: number,
  most: number,
): Promise<{ requeued: number; deleted: number }> {
  const done = { requeued: 0, deleted: 0 };
  for await (const ticket of waiting(stores)) {
    const ageMs = now.getTime() - Date.parse(ticket.receivedAt);
    if (ageMs < strandedMs) break;
    if (ageMs > days * dayMs && done.deleted < most) {
      await discard(stores, ticket);
      done.deleted++;
    } else if (ageMs <= hopeMs && done.requeued < most) {
      await requeue(stores, ticket);
      done.requeued++;
    }
  }
  return done;
}
