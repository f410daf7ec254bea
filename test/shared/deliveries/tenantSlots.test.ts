import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { processDelivery } from '../../../shared/deliveries/processDelivery.ts';
import { mostUnderWay, type Slot, TenantSlots } from '../../../shared/deliveries/tenantSlots.ts';
import type { OutboundAnswer } from '../../../shared/net/safeFetch.ts';
import { answering, createDeliveries, leadCreated } from '../../support/deliveries.ts';

const leaveOf = (slot: Slot) => {
  if (slot.kind !== 'free') throw new Error('no slot was free');
  return slot.leave;
};
const waitOf = (slot: Slot) => (slot.kind === 'taken' ? slot.waitMs : 0);

describe('the slots of a tenant', () => {
  it('are so many, each its own, and come back', () => {
    const slots = new TenantSlots();
    const [one, two] = [slots.take('acme', 0), slots.take('acme', 0)];
    expect(slots.take('acme', 0).kind).toBe('taken');
    expect(slots.take('other', 0).kind).toBe('free');
    leaveOf(one)(10);
    expect(slots.take('acme', 10).kind).toBe('free');
    expect(slots.take('acme', 10).kind).toBe('taken');
    leaveOf(two)(20);
    expect(slots.take('acme', 20).kind).toBe('free');
  });

  it('put each off to a moment of its own, as far apart as the endpoint takes', () => {
    const slots = new TenantSlots();
    const [one] = [slots.take('acme', 0), slots.take('acme', 0)];
    expect([0, 0, 0].map((now) => waitOf(slots.take('acme', now)))).toEqual([125, 250, 375]);
    expect(waitOf(slots.take('acme', 20_000))).toBe(10_000);
    leaveOf(one)(30_000);
    expect(slots.take('acme', 30_000).kind).toBe('free');
    expect(waitOf(slots.take('acme', 30_000))).toBe(15_000);
    expect(waitOf(slots.take('acme', 30_000))).toBe(30_000);
  });

  it('let thousands ask again evenly, within five minutes', () => {
    const slots = new TenantSlots();
    for (let i = 0; i < mostUnderWay; i++) slots.take('acme', 0);
    const waits = Array.from({ length: 10_000 }, () => waitOf(slots.take('acme', 15_000)));
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
    const moments = new Map<number, number>();
    for (const wait of waits) moments.set(wait, (moments.get(wait) ?? 0) + 1);
    expect(moments.size).toBe(40);
    expect(Math.max(...moments.values()) - Math.min(...moments.values())).toBeLessThanOrEqual(1);
  });

  it('are never more, whatever comes and goes', () => {
    const step = fc.record({ tenant: fc.constantFrom('a', 'b'), leaves: fc.boolean(), ms: fc.nat(40_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const slots = new TenantSlots();
        const held: Record<string, ((now: number) => void)[]> = { a: [], b: [] };
        let now = 0;
        for (const { tenant, leaves, ms } of steps) {
          now += ms;
          const mine = held[tenant] ?? [];
          if (leaves) mine.shift()?.(now);
          else {
            const slot = slots.take(tenant, now);
            expect(slot.kind === 'free').toBe(mine.length < mostUnderWay);
            if (slot.kind === 'free') mine.push(slot.leave);
            else expect(slot.waitMs).toBeLessThanOrEqual(300_000);
          }
        }
      }),
    );
  });
});

describe('an endpoint that is slow to answer', () => {
  it('keeps two workers, and the deliveries of others go out meanwhile', async () => {
    const slow = Promise.withResolvers<OutboundAnswer>();
    const { fetch, sent } = answering(200);
    let hanging = 0;
    const d = createDeliveries((request) => {
      if (!request.headers?.['webhook-id']?.startsWith('slow')) return fetch(request);
      hanging++;
      return slow.promise;
    });
    for (let i = 0; i < 8; i++) await d.enqueue(leadCreated({ id: `slow${i}` }));
    await d.enqueue(leadCreated({ id: 'quick', tenantId: 'other' }));
    const messages = d.stores.queues.drain('deliveries');
    const workers = messages.map((message) => processDelivery(JSON.parse(message), d.deps, d.log));
    await vi.waitFor(() => expect(sent.map(({ headers }) => headers?.['webhook-id'])).toEqual(['quick']));
    await Promise.all(workers.slice(2));
    expect(hanging).toBe(2);
    expect(await d.row('slow2')).toMatchObject({ state: 'pending', attempts: 0 });
    slow.resolve({
      kind: 'answered',
      status: 200,
      headers: new Headers(),
      body: { text: '', truncated: false },
    });
    await Promise.all(workers);
    await d.runToEnd();
    expect(hanging).toBe(8);
    for (let i = 0; i < 8; i++)
      expect(await d.row(`slow${i}`)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('gives its slot back where its try breaks off', async () => {
    const d = createDeliveries(() => Promise.reject(new Error('the process ends here')));
    for (let i = 0; i < 5; i++) await d.enqueue(leadCreated({ id: `e${i}` }));
    for (const message of d.stores.queues.drain('deliveries'))
      await expect(processDelivery(JSON.parse(message), d.deps, d.log)).rejects.toThrow('ends here');
    expect(await d.row('e4')).toMatchObject({ attempts: 1 });
  });
});
