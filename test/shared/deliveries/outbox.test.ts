import { describe, expect, it } from 'vitest';
import { answering, createDeliveries, leadCreated, start } from '../../support/deliveries.ts';

const setup = () => createDeliveries(answering(200).fetch);
const large = { text: 'ü'.repeat(20_000) };

describe('enqueueDelivery', () => {
  it('stores the event with its body and queues a ticket that says nothing of it', async () => {
    const d = setup();
    expect(await d.enqueue()).toBe('queued');
    expect(await d.row()).toMatchObject({
      partitionKey: 'acme',
      eventId: 'lead_1-created',
      eventType: 'lead.created',
      state: 'pending',
      attempts: 0,
      createdAt: new Date(start),
      nextAttemptAt: new Date(start),
      payload: JSON.stringify({
        type: 'lead.created',
        timestamp: '2026-11-20T23:59:58.000Z',
        data: leadCreated().data,
      }),
    });
    expect(d.stores.queues.drain('deliveries').map((text) => JSON.parse(text))).toEqual([
      { tenantId: 'acme', delivery: expect.stringMatching(/^d\|\d{13}\|lead_1-created$/), trace: {} },
    ]);
  });

  it('keeps a large body in a blob', async () => {
    const d = setup();
    await d.enqueue(leadCreated({ data: large }));
    const row = await d.row();
    expect(row).not.toHaveProperty('payload');
    expect(d.stores.blobs.names('deliveries')).toEqual([row?.blob]);
    const stored = await d.stores.blobs.get('deliveries', String(row?.blob));
    expect(JSON.parse(Buffer.from(stored ?? []).toString())).toMatchObject({ data: large });
  });

  it.each([{}, large])(
    'makes one delivery of an event, however often told, and keeps the first body',
    async (more) => {
      const d = setup();
      const data = { ...leadCreated().data, ...more };
      const first = leadCreated({ data });
      const outcomes = await Promise.all([d.enqueue(first), d.enqueue(first)]);
      expect(outcomes.sort()).toEqual(['known', 'queued']);
      d.clock.now += 60_000;
      expect(await d.enqueue(leadCreated({ data: { ...data, other: true } }))).toBe('known');
      const rows = await Array.fromAsync(d.stores.tables.list('deliveries', 'acme', 'd|'));
      expect(rows).toHaveLength(1);
      const blob = d.stores.blobs.names('deliveries');
      expect(blob).toHaveLength('text' in more ? 1 : 0);
      const body = blob[0] ? await d.stores.blobs.get('deliveries', blob[0]) : rows[0]?.payload;
      expect(String(body && Buffer.from(body as string))).not.toContain('other');
    },
  );

  it('queues an event again that was stored and never queued, and leaves one alone that was tried', async () => {
    const d = setup();
    const send = d.stores.queues.send.bind(d.stores.queues);
    d.stores.queues.send = () => Promise.reject(new Error('down'));
    await expect(d.enqueue()).rejects.toThrow('down');
    d.stores.queues.send = send;
    expect(await d.enqueue()).toBe('known');
    expect(await d.process()).toBe(1);
    expect(await d.enqueue()).toBe('known');
    expect(await d.process()).toBe(0);
  });

  it('keeps tenants apart that use the same ids', async () => {
    const d = setup();
    expect(await d.enqueue()).toBe('queued');
    expect(await d.enqueue(leadCreated({ tenantId: 'other' }))).toBe('queued');
  });

  it('knows an event whose delivery has been deleted, and asks again where that is going on', async () => {
    const d = setup();
    await d.enqueue();
    const row = await d.row();
    await d.stores.tables.delete('deliveries', 'acme', String(row?.rowKey));
    expect(await d.enqueue()).toBe('known');
    d.stores.tables.transact = async () => 'conflict';
    await expect(d.enqueue(leadCreated({ id: 'gone' }))).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
  });

  it.each(['', 'a.b', 'a b', 'a/b', 'ü', 'x'.repeat(129)])('refuses the id %j', async (id) => {
    await expect(setup().enqueue(leadCreated({ id }))).rejects.toThrow();
  });
});
