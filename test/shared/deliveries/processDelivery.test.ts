import { describe, expect, it, vi } from 'vitest';
import { retryDelivery } from '../../../shared/deliveries/deadLetters.ts';
import { processDelivery } from '../../../shared/deliveries/processDelivery.ts';
import type { OutboundAnswer } from '../../../shared/net/safeFetch.ts';
import { answering, createDeliveries, leadCreated, secret, start } from '../../support/deliveries.ts';

const ok: OutboundAnswer = {
  kind: 'answered',
  status: 200,
  headers: new Headers(),
  body: { text: '', truncated: false },
};
const wholeSchedule = [0, 5, 305, 2_105, 9_305, 27_305, 63_305, 99_305];

describe('processDelivery', () => {
  it('delivers, and says so once', async () => {
    const { fetch, sent } = answering(204);
    const d = createDeliveries(fetch);
    await d.enqueue();
    d.clock.now += 3_000;
    expect(await d.runToEnd()).toEqual([3]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      url: 'https://crm.example/hooks/key?token=hidden',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'lead_1-created',
        'webhook-timestamp': String(start / 1000 + 3),
      },
    });
    const row = await d.row();
    expect(row).toMatchObject({
      state: 'delivered',
      attempts: 1,
      lastStatus: 204,
      endedAt: new Date(start + 3_000),
    });
    expect(row).not.toHaveProperty('nextAttemptAt');
    expect(d.reports).toEqual([
      { outcome: 'delivered', eventType: 'lead.created', attempt: 1, ageSeconds: 3 },
    ]);
  });

  it('logs the host and nothing of the path, the body or numbers', async () => {
    const d = createDeliveries(answering(500, 200).fetch);
    await d.enqueue();
    await d.runToEnd();
    const common = {
      tenant: 'acme',
      eventId: 'lead_1-created',
      type: 'lead.created',
      host: 'crm.example',
    };
    expect(d.lines).toEqual([
      {
        level: 'warn',
        event: 'delivery-failed',
        fields: {
          ...common,
          attempt: 1,
          status: 500,
          reason: 'status',
          nextAttemptAt: '2026-11-21T00:00:05.000Z',
        },
      },
      {
        level: 'info',
        event: 'delivery-delivered',
        fields: { ...common, attempt: 2, status: 200 },
      },
    ]);
  });

  it('tries for a day, with one id and fresh signatures, and then gives up', async () => {
    const { fetch, sent } = answering(503);
    const d = createDeliveries(fetch);
    await d.enqueue();
    expect(await d.runToEnd()).toEqual(wholeSchedule);
    expect(await d.row()).toMatchObject({ state: 'dead', attempts: 8, lastStatus: 503, reason: 'status' });
    const headers = sent.map((request) => request.headers ?? {});
    expect(new Set(headers.map((h) => h['webhook-id']))).toEqual(new Set(['lead_1-created']));
    expect(headers.map((h) => Number(h['webhook-timestamp']) - start / 1000)).toEqual(wholeSchedule);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(d.reports.map(({ outcome }) => outcome)).toEqual([...Array(7).fill('failed'), 'dead']);
  });

  it.each([301, 400, 401, 404, 409, 422, 429, 500, 502, 504])('tries again after %i', async (status) => {
    const d = createDeliveries(answering(status, 200).fetch);
    await d.enqueue();
    expect(await d.runToEnd()).toEqual([0, 5]);
    expect(await d.row()).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 200 });
  });

  it.each<[OutboundAnswer, string]>([
    [{ kind: 'failed', cause: 'timeout' }, 'failed-timeout'],
    [{ kind: 'failed', cause: 'name', code: 'ENOTFOUND' }, 'failed-name'],
    [{ kind: 'refused', reason: 'address' }, 'refused-address'],
  ])('tries again after %j', async (answer, reason) => {
    const d = createDeliveries(async () => answer);
    await d.enqueue();
    expect(await d.runToEnd()).toEqual(wholeSchedule);
    const row = await d.row();
    expect(row).toMatchObject({ state: 'dead', attempts: 8, reason });
    expect(row).not.toHaveProperty('lastStatus');
  });

  it('waits as long as the endpoint asks', async () => {
    const d = createDeliveries(answering([429, { 'retry-after': '120' }], 200).fetch);
    await d.enqueue();
    expect(await d.runToEnd()).toEqual([0, 120]);
  });

  it('takes 410 for good', async () => {
    const { fetch, sent } = answering(410);
    const d = createDeliveries(fetch);
    await d.enqueue();
    await d.runToEnd();
    expect(sent).toHaveLength(1);
    expect(await d.row()).toMatchObject({ state: 'dead', attempts: 1, lastStatus: 410, reason: 'gone' });
  });

  it.each([
    ['no-endpoint', undefined],
    ['not-subscribed', { url: 'https://crm.example', secrets: [secret], events: [] }],
  ])('gives up without trying: %s', async (reason, endpoint) => {
    const { fetch, sent } = answering(200);
    const d = createDeliveries(fetch);
    d.tenant.endpoint = endpoint;
    await d.enqueue();
    await d.runToEnd();
    expect(sent).toEqual([]);
    expect(await d.row()).toMatchObject({ state: 'dead', attempts: 0, reason });
    expect(d.reports).toMatchObject([{ outcome: 'dead', attempt: 0 }]);
  });

  it('sends nothing unsigned, and asks for the endpoint each time', async () => {
    const { fetch, sent } = answering(200);
    const d = createDeliveries(fetch, { secrets: ['whsec_short'] });
    await d.enqueue();
    await d.process();
    expect(await d.row()).toMatchObject({ state: 'pending', reason: 'no-secret' });
    d.tenant.endpoint = {
      url: 'https://new.example',
      secrets: ['whsec_short', secret],
      events: ['lead.created'],
    };
    await d.runToEnd();
    expect(sent.map(({ url }) => url)).toEqual(['https://new.example']);
    expect(sent[0]?.headers?.['webhook-signature']).toMatch(/^v1,[\w+/]{43}=$/);
  });

  it('sends a large body as it was stored, and gives up where it is gone', async () => {
    const { fetch, sent } = answering(500);
    const d = createDeliveries(fetch);
    const data = { text: 'ü'.repeat(20_000) };
    await d.enqueue(leadCreated({ data }));
    await d.process();
    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({ data });
    for (const name of d.stores.blobs.names('deliveries')) await d.stores.blobs.delete('deliveries', name);
    await d.runToEnd();
    expect(sent).toHaveLength(1);
    expect(await d.row()).toMatchObject({ state: 'dead', reason: 'no-body' });
  });

  it('drops tickets of deliveries that are not there, and throws for what is no ticket', async () => {
    const d = createDeliveries(answering(200).fetch);
    await processDelivery({ tenantId: 'acme', delivery: 'd|none' }, d.deps, d.log);
    expect(await d.process()).toBe(0);
    await expect(processDelivery({ tenantId: 'acme' }, d.deps, d.log)).rejects.toThrow();
  });

  it('throws where storage or the endpoint cannot be read, before anything is sent', async () => {
    const { fetch, sent } = answering(200);
    const d = createDeliveries(fetch);
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    const broken = { ...d.deps, endpointOf: () => Promise.reject(new Error('down')) };
    await expect(processDelivery(JSON.parse(message), broken, d.log)).rejects.toThrow('down');
    const { write } = d.stores.tables;
    d.stores.tables.write = () => Promise.reject(new Error('down'));
    await expect(processDelivery(JSON.parse(message), d.deps, d.log)).rejects.toThrow('down');
    d.stores.tables.write = write;
    expect(sent).toEqual([]);
    await processDelivery(JSON.parse(message), d.deps, d.log);
    expect(sent).toHaveLength(1);
  });
});

describe('several workers', () => {
  it('with the same ticket send once', async () => {
    const { fetch, sent } = answering(200);
    const d = createDeliveries(fetch);
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    await Promise.all(Array.from({ length: 5 }, () => processDelivery(JSON.parse(message), d.deps, d.log)));
    expect(sent).toHaveLength(1);
    await d.runToEnd();
    expect(sent).toHaveLength(1);
    expect(d.reports).toHaveLength(1);
  });

  it('with tickets that are too early or too many keep to the schedule', async () => {
    const { fetch, sent } = answering(500);
    const d = createDeliveries(fetch);
    for (let i = 0; i < 3; i++) await d.enqueue();
    await d.runToEnd();
    expect(sent).toHaveLength(8);
    const at = sent.map(({ headers }) => Number(headers?.['webhook-timestamp']) - start / 1000);
    expect(at).toEqual(wholeSchedule);
  });

  it('take over from one that stands still, and what either delivered stays delivered', async () => {
    const slow = Promise.withResolvers<OutboundAnswer>();
    const answers = [slow.promise];
    let sent = 0;
    const gone = answering(500).fetch;
    const d = createDeliveries((request) => {
      sent++;
      return answers.shift() ?? gone(request);
    });
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    const stalled = processDelivery(JSON.parse(message), d.deps, d.log);
    await vi.waitFor(() => expect(sent).toBe(1));
    d.clock.now += 61_000;
    await processDelivery(JSON.parse(message), d.deps, d.log);
    expect(sent).toBe(2);
    expect(await d.row()).toMatchObject({ state: 'pending', attempts: 2, lastStatus: 500 });
    slow.resolve(ok);
    await stalled;
    expect(await d.row()).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 200 });
    await d.runToEnd();
    expect(sent).toBe(2);
  });

  it('leave it to the one that took over where theirs failed', async () => {
    const slow = Promise.withResolvers<OutboundAnswer>();
    const answers = [slow.promise];
    const well = answering(200).fetch;
    let sent = 0;
    const d = createDeliveries((request) => {
      sent++;
      return answers.shift() ?? well(request);
    });
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    const stalled = processDelivery(JSON.parse(message), d.deps, d.log);
    await vi.waitFor(() => expect(sent).toBe(1));
    d.clock.now += 61_000;
    await processDelivery(JSON.parse(message), d.deps, d.log);
    slow.resolve({ kind: 'failed', cause: 'timeout' });
    await stalled;
    await d.runToEnd();
    expect(await d.row()).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(d.reports.map(({ outcome }) => outcome)).toEqual(['delivered']);
  });

  it.each<[string, OutboundAnswer, () => Promise<OutboundAnswer>, object]>([
    ['deliver what another gave up', ok, async () => ({ ...ok, status: 410 }), { state: 'delivered' }],
    [
      'go on where the one that took over is lost',
      { kind: 'failed', cause: 'timeout' },
      () => Promise.reject(new Error('the process ends here')),
      { state: 'delivered', attempts: 3 },
    ],
  ])('%s', async (_name, late, other, row) => {
    const slow = Promise.withResolvers<OutboundAnswer>();
    const answers = [() => slow.promise, other];
    let sent = 0;
    const d = createDeliveries(() => {
      sent++;
      return answers.shift()?.() ?? Promise.resolve(ok);
    });
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    const stalled = processDelivery(JSON.parse(message), d.deps, d.log);
    await vi.waitFor(() => expect(sent).toBe(1));
    d.clock.now += 61_000;
    await processDelivery(JSON.parse(message), d.deps, d.log).catch(() => {});
    slow.resolve(late);
    await stalled;
    await d.runToEnd();
    expect(await d.row()).toMatchObject(row);
  });

  it('that are lost in every try do not try for ever', async () => {
    const d = createDeliveries(() => Promise.reject(new Error('the process ends here')));
    await d.enqueue();
    const [message = ''] = d.stores.queues.drain('deliveries');
    for (let i = 0; i < 8; i++) {
      await expect(processDelivery(JSON.parse(message), d.deps, d.log)).rejects.toThrow('ends here');
      d.clock.now += 60_000;
    }
    await processDelivery(JSON.parse(message), d.deps, d.log);
    expect(await d.row()).toMatchObject({ state: 'dead', attempts: 8, reason: 'interrupted' });
    expect(await retryDelivery(d.stores, 'acme', 'lead_1-created', d.deps.now())).toBe('queued');
  });

  it('throw where what was delivered cannot be written down', async () => {
    const d = createDeliveries(answering(200).fetch);
    await d.enqueue();
    const write = d.stores.tables.write.bind(d.stores.tables);
    let writes = 0;
    d.stores.tables.write = async (table, operation) =>
      writes++ === 0 ? write(table, operation) : undefined;
    await expect(d.process()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});
