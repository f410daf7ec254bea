import type { DeliveryEvent, Endpoint } from '../../shared/deliveries/event.ts';
import { enqueueDelivery } from '../../shared/deliveries/outbox.ts';
import { type DeliveryReport, processDelivery } from '../../shared/deliveries/processDelivery.ts';
import { TenantSlots } from '../../shared/deliveries/tenantSlots.ts';
import type { SafeFetch } from '../../shared/net/safeFetch.ts';
import { MemoryBlobStore } from '../../shared/storage/memory/memoryBlobStore.ts';
import { MemoryQueueStore } from '../../shared/storage/memory/memoryQueueStore.ts';
import { MemoryTableStore } from '../../shared/storage/memory/memoryTableStore.ts';
import { memoryLog } from './http.ts';

/** 32 bytes each. */
export const secret = `whsec_${Buffer.alloc(32, 'a').toString('base64')}`;
export const newSecret = `whsec_${Buffer.alloc(32, 'b').toString('base64')}`;

export const start = Date.parse('2026-11-21T00:00:00.000Z');

export function leadCreated(changes: Partial<DeliveryEvent> = {}): DeliveryEvent {
  return {
    id: 'lead_1-created',
    tenantId: 'acme',
    type: 'lead.created',
    occurredAt: new Date('2026-11-20T23:59:58.000Z'),
    data: { leadId: 'lead_1', service: 'Blocked drain', callbackNumber: '+61491570156' },
    ...changes,
  };
}

/** Deliveries on in-memory storage with a clock of their own; `fetch` is the way out. */
export function createDeliveries(fetch: SafeFetch, endpoint?: Partial<Endpoint>) {
  const clock = { now: start };
  const stores = {
    blobs: new MemoryBlobStore(),
    queues: new MemoryQueueStore(() => clock.now),
    tables: new MemoryTableStore(),
  };
  const reports: DeliveryReport[] = [];
  const tenant: { endpoint: Endpoint | undefined } = {
    endpoint: {
      url: 'https://crm.example/hooks/key?token=hidden',
      secrets: [secret],
      events: ['lead.created', 'call.ended'],
      ...endpoint,
    },
  };
  const { log, lines } = memoryLog();
  const deps = {
    stores,
    fetch,
    endpointOf: async () => tenant.endpoint,
    slots: new TenantSlots(),
    now: () => new Date(clock.now),
    random: () => 0,
    report: (report: DeliveryReport) => void reports.push(report),
  };
  return {
    stores,
    clock,
    tenant,
    deps,
    log,
    lines,
    reports,
    enqueue: (event = leadCreated()) => enqueueDelivery(stores, event, new Date(clock.now)),
    /** Processes what can be read now; gives how many tickets that were. */
    async process() {
      const messages = stores.queues.drain('deliveries');
      for (const message of messages) await processDelivery(JSON.parse(message), deps, log);
      return messages.length;
    },
    /** Lets time pass until no ticket is left; gives when each round was, in seconds from the start. */
    async runToEnd() {
      const rounds: number[] = [];
      for (
        let at = stores.queues.nextVisibleAt('deliveries');
        at;
        at = stores.queues.nextVisibleAt('deliveries')
      ) {
        clock.now = Math.max(clock.now, at);
        rounds.push((clock.now - start) / 1000);
        await this.process();
        if (rounds.length > 500) throw new Error('tickets go round for ever');
      }
      return rounds;
    },
    /** The delivery's row, without what is the same in all. */
    async row(eventId = 'lead_1-created') {
      const pointer = await stores.tables.get('deliveries', 'acme', `e|${eventId}`);
      return stores.tables.get('deliveries', 'acme', String(pointer?.delivery));
    },
  };
}

/** A way out that answers with these statuses in turn, the last one again and again, and remembers what it sent. */
export function answering(...statuses: (number | [status: number, headers: Record<string, string>])[]) {
  const sent: Parameters<SafeFetch>[0][] = [];
  const fetch: SafeFetch = async (request) => {
    const [status, headers] = [statuses[Math.min(sent.length, statuses.length - 1)] ?? 200].flat() as [
      number,
      Record<string, string>?,
    ];
    sent.push(request);
    return { kind: 'answered', status, headers: new Headers(headers), body: { text: '', truncated: false } };
  };
  return { fetch, sent };
}
