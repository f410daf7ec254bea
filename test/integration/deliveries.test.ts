import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { listDeliveries, retryDelivery } from '../../shared/deliveries/deadLetters.ts';
import { enqueueDelivery } from '../../shared/deliveries/outbox.ts';
import { processDelivery } from '../../shared/deliveries/processDelivery.ts';
import { TenantSlots } from '../../shared/deliveries/tenantSlots.ts';
import { deleteOldDeliveries, requeueOverdue } from '../../shared/deliveries/upkeep.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { answering, leadCreated, secret, start } from '../support/deliveries.ts';
import { memoryLog } from '../support/http.ts';

const day = 86_400_000;
let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

it('a delivery lives on real storage as it does in memory', async () => {
  const stores = await createAzureStores({ connectionString: azurite.connectionString });
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    'deliveries',
  );
  const { fetch, sent } = answering(500, 410, 200);
  let now = start;
  const at = () => new Date(now);
  const endpoint = { url: 'https://crm.example', secrets: [secret], events: ['lead.created'] as const };
  const deps = {
    stores,
    fetch,
    endpointOf: async () => endpoint,
    slots: new TenantSlots(),
    now: at,
    random: () => 0,
    report: () => {},
  };
  const process = async () => {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    for (const { messageText, messageId, popReceipt } of receivedMessageItems) {
      const text = Buffer.from(messageText, 'base64').toString();
      await processDelivery(JSON.parse(text), deps, memoryLog().log);
      await queue.deleteMessage(messageId, popReceipt);
    }
    return receivedMessageItems.length;
  };
  const list = async () => (await listDeliveries(stores.tables, 'acme', { limit: 10 })).deliveries;
  const event = leadCreated({ data: { text: 'ü'.repeat(20_000) } });

  expect(await enqueueDelivery(stores, event, at())).toBe('queued');
  expect(await process()).toBe(1);
  const next = new Date(start + 5_000);
  expect(await list()).toEqual([
    {
      eventId: 'lead_1-created',
      eventType: 'lead.created',
      createdAt: at(),
      state: 'pending',
      attempts: 1,
      lastStatus: 500,
      reason: 'status',
      nextAttemptAt: next,
    },
  ]);
  expect(await enqueueDelivery(stores, event, at())).toBe('known');
  expect(await process()).toBe(0);

  now = start + 16 * 60_000;
  expect(await requeueOverdue(stores, at(), 10)).toBe(1);
  expect(await requeueOverdue(stores, at(), 10)).toBe(0);
  expect(await process()).toBeGreaterThanOrEqual(1);
  expect(await list()).toMatchObject([{ state: 'dead', attempts: 2, lastStatus: 410, reason: 'gone' }]);
  expect(await retryDelivery(stores, 'acme', event.id, at())).toBe('queued');
  expect(await process()).toBeGreaterThanOrEqual(1);
  const [delivered] = await list();
  expect(delivered).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 200, endedAt: at() });
  expect(delivered?.reason).toBeUndefined();
  expect(sent.map(({ headers }) => headers?.['webhook-id'])).toEqual(Array(3).fill(event.id));
  expect(new Set(sent.map(({ body }) => body)).size).toBe(1);

  expect(await deleteOldDeliveries(stores, new Date(start + 2 * day), 2, 10)).toBe(0);
  expect(await deleteOldDeliveries(stores, new Date(start + 2 * day + 1), 2, 10)).toBe(2);
  expect(await list()).toEqual([]);
});
