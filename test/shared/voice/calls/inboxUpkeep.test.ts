import { expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { checkIn, endOfCallQueue, readTicket, redeem } from '../../../../shared/voice/calls/claimCheck.ts';
import { tidyInbox } from '../../../../shared/voice/calls/inboxUpkeep.ts';
import { now } from '../../../support/voice.ts';

const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
const body = new TextEncoder().encode('{}');

async function inboxOf(...days: number[]) {
  const stores = createMemoryStores();
  for (const age of days)
    await checkIn(stores, body, `report-${age}`, daysAgo(age), age === 2 ? 'acme' : undefined);
  const tickets = () => stores.queues.drain(endOfCallQueue).map((text) => readTicket(JSON.parse(text)));
  tickets();
  return { stores, tickets };
}

it('queues again what has waited a day, as it was, and what is young or old it leaves alone', async () => {
  const { stores, tickets } = await inboxOf(0.9, 2, 13, 15);
  expect(await tidyInbox(stores, now, 365, 100)).toEqual({ requeued: 2, deleted: 0 });
  const [oldest, newer] = tickets();
  expect(oldest).toMatchObject({ receivedAt: daysAgo(13).toISOString() });
  expect(newer).toMatchObject({ receivedAt: daysAgo(2).toISOString(), tenantId: 'acme' });
  expect(newer && (await redeem(stores, newer))).toEqual(body);
});

it('deletes what is kept no longer, and does no more in a run than it is told', async () => {
  const { stores, tickets } = await inboxOf(2, 3, 30, 40);
  expect(await tidyInbox(stores, now, 20, 1)).toEqual({ requeued: 1, deleted: 1 });
  expect(stores.blobs.names('inbox').map((name) => name.split(',')[2])).toEqual([
    'report-30.json',
    'report-3.json',
    'report-2.json',
  ]);
  expect(tickets()).toHaveLength(1);
  expect(await tidyInbox(stores, now, 20, 100)).toEqual({ requeued: 2, deleted: 1 });
});
