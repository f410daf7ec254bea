import { describe, expect, it } from 'vitest';
import { listDeliveries, retryDelivery } from '../../../shared/deliveries/deadLetters.ts';
import { deleteOldDeliveries, requeueOverdue } from '../../../shared/deliveries/upkeep.ts';
import { answering, createDeliveries, leadCreated, start } from '../../support/deliveries.ts';

const day = 86_400_000;

async function setup(...statuses: number[]) {
  const { fetch, sent } = answering(...statuses);
  const d = createDeliveries(fetch);
  for (const id of ['a', 'b', 'c', 'd']) {
    await d.enqueue(leadCreated({ id }));
    d.clock.now += 1_000;
  }
  return Object.assign(d, { sent, tables: d.stores.tables });
}

describe('listDeliveries', () => {
  it('gives the latest first, page by page, and nothing of what was told', async () => {
    const { tables } = await setup(200);
    const first = await listDeliveries(tables, 'acme', { limit: 3 });
    expect(first.deliveries.map(({ eventId }) => eventId)).toEqual(['d', 'c', 'b']);
    const second = await listDeliveries(tables, 'acme', { limit: 3, after: first.next });
    expect(second).toEqual({
      deliveries: [
        {
          eventId: 'a',
          eventType: 'lead.created',
          createdAt: new Date(start),
          state: 'pending',
          attempts: 0,
          nextAttemptAt: new Date(start),
        },
      ],
      next: undefined,
    });
    expect((await listDeliveries(tables, 'acme', { limit: 4 })).next).toBeUndefined();
    expect(await listDeliveries(tables, 'nobody', { limit: 4 })).toEqual({ deliveries: [], next: undefined });
  });

  it('gives those of one state', async () => {
    const d = await setup(410, 200, 500);
    await d.process();
    const ids = async (state: 'pending' | 'delivered' | 'dead', limit = 9) =>
      (await listDeliveries(d.tables, 'acme', { state, limit })).deliveries.map(({ eventId }) => eventId);
    expect(await ids('dead')).toEqual(['a']);
    expect(await ids('delivered')).toEqual(['b']);
    expect(await ids('pending')).toEqual(['d', 'c']);
    expect(await ids('pending', 1)).toEqual(['d']);
  });
});

describe('retryDelivery', () => {
  it('starts a dead delivery anew under its id', async () => {
    const d = await setup(410, 200);
    await d.process();
    expect(await retryDelivery(d.stores, 'acme', 'a', d.deps.now())).toBe('queued');
    expect(await d.row('a')).toMatchObject({
      state: 'pending',
      attempts: 0,
      lastStatus: 410,
      reason: 'gone',
    });
    await d.runToEnd();
    const row = await d.row('a');
    expect(row).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 200 });
    expect(row).not.toHaveProperty('reason');
    const ids = d.sent.map(({ headers }) => headers?.['webhook-id']);
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'a']);
  });

  it('leaves a pending one as it is, and knows no others', async () => {
    const d = await setup(500);
    await d.process();
    expect(await retryDelivery(d.stores, 'acme', 'a', d.deps.now())).toBe('pending');
    expect(await d.row('a')).toMatchObject({ attempts: 1 });
    expect(await retryDelivery(d.stores, 'acme', 'z', d.deps.now())).toBe('not-found');
    expect(await retryDelivery(d.stores, 'other', 'a', d.deps.now())).toBe('not-found');
  });

  it('finishes what an earlier call began', async () => {
    const d = await setup(410);
    await d.process();
    const send = d.stores.queues.send.bind(d.stores.queues);
    d.stores.queues.send = () => Promise.reject(new Error('down'));
    await expect(retryDelivery(d.stores, 'acme', 'a', d.deps.now())).rejects.toThrow('down');
    d.stores.queues.send = send;
    expect(await retryDelivery(d.stores, 'acme', 'a', d.deps.now())).toBe('pending');
    expect(await d.process()).toBe(1);
  });

  it('gives up on a row that keeps changing', async () => {
    const d = await setup(410);
    await d.process();
    d.tables.write = async () => undefined;
    const retried = retryDelivery(d.stores, 'acme', 'a', d.deps.now());
    await expect(retried).rejects.toMatchObject({ code: 'storage-unavailable', retryAfter: 5 });
  });
});

describe('deleteOldDeliveries', () => {
  it('deletes what is older, whatever its state, with its body, and at most so much', async () => {
    const d = await setup(410, 200, 500);
    await d.process();
    await d.enqueue(leadCreated({ id: 'large', data: { text: 'x'.repeat(20_000) } }));
    const [blob = ''] = d.stores.blobs.names('deliveries');
    const rows = () => Array.fromAsync(d.tables.list('deliveries', 'acme'));
    expect(await deleteOldDeliveries(d.stores, new Date(start + 2 * day), 2, 100)).toBe(0);
    expect(await deleteOldDeliveries(d.stores, new Date(start + 2 * day + 1), 2, 100)).toBe(2);
    expect((await rows()).map(({ rowKey }) => rowKey.split('|').at(-1)).sort()).toEqual([
      'b',
      'b',
      'c',
      'c',
      'd',
      'd',
      'large',
      'large',
    ]);
    expect(await deleteOldDeliveries(d.stores, new Date(start + 3 * day), 2, 5)).toBe(5);
    expect(await deleteOldDeliveries(d.stores, new Date(start + 3 * day), 2, 5)).toBe(3);
    expect(await rows()).toEqual([]);
    expect(blob).toMatch(/^acme\/large\//);
    expect(d.stores.blobs.names('deliveries')).toEqual([]);
    expect(await d.runToEnd()).not.toEqual([]);
    expect(d.sent).toHaveLength(4);
  });
});

describe('requeueOverdue', () => {
  it('queues what is long due and has no ticket, once a run and not again at once', async () => {
    const d = await setup(410, 200);
    await d.process();
    await d.enqueue(leadCreated({ id: 'lost' }));
    d.stores.queues.drain('deliveries');
    const at = (minutes: number) => new Date(start + 4_000 + minutes * 60_000);
    expect(await requeueOverdue(d.stores, at(15), 10)).toBe(0);
    expect(await requeueOverdue(d.stores, at(16), 0)).toBe(0);
    expect(await requeueOverdue(d.stores, at(16), 10)).toBe(1);
    expect(await requeueOverdue(d.stores, at(17), 10)).toBe(0);
    expect(await d.row('lost')).toMatchObject({
      state: 'pending',
      attempts: 0,
      nextAttemptAt: at(0),
      ticketAddedAt: at(16),
    });
    await d.runToEnd();
    d.clock.now = at(16).getTime();
    await d.runToEnd();
    expect(await d.row('lost')).toMatchObject({ state: 'delivered' });
    expect(await requeueOverdue(d.stores, at(60), 10)).toBe(0);
  });

  it('adds no ticket to one that waits its turn, however long and through however many tries', async () => {
    const d = await setup(500);
    const tickets = () => d.stores.queues.drain('deliveries').length;
    const quarters = async (from: number, to: number) => {
      let queued = 0;
      for (let i = from; i < to; i++)
        queued += await requeueOverdue(d.stores, new Date(start + i * 15 * 60_000 + 60_000), 10);
      return queued;
    };
    expect(tickets()).toBe(4);
    expect(await quarters(0, 24)).toBe(4);
    await d.process();
    expect((await d.row('a'))?.attempts).toBe(1);
    d.stores.queues.drain('deliveries');
    expect(await quarters(24, 25)).toBe(0);
    expect(await quarters(25, 49)).toBe(4);
  });

  it('leaves alone what somebody is at work on', async () => {
    const d = await setup(200);
    d.tables.write = async () => undefined;
    expect(await requeueOverdue(d.stores, new Date(start + day), 10)).toBe(0);
  });
});
