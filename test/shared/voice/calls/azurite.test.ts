import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../../local/storage/azurite.ts';
import { createAzureStores } from '../../../../shared/storage/azure/azureStores.ts';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import type { Stores } from '../../../../shared/storage/stores.ts';
import { lastingFacts, reportFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { stateOf, toView } from '../../../../shared/voice/calls/callRow.ts';
import { mergeCall, nothing } from '../../../../shared/voice/calls/callState.ts';
import { CallStore, unassigned } from '../../../../shared/voice/calls/callStore.ts';
import { Erasure } from '../../../../shared/voice/calls/erasure.ts';
import { LeadStore } from '../../../../shared/voice/leads/leadStore.ts';
import { readReport } from '../../../../shared/voice/messages/endOfCallReport.ts';
import { readReportDetails } from '../../../../shared/voice/messages/reportDetails.ts';
import { delivery, receivedAt } from './deliveries.ts';

const twins: Record<string, () => Promise<Stores>> = {
  memory: async () => createMemoryStores(),
  async azure() {
    azurite = await startAzurite();
    return createAzureStores({ connectionString: azurite.connectionString });
  },
};
let azurite: Azurite | undefined;
afterAll(() => azurite?.stop());

const report = delivery('end-of-call-report', 60, {
  cost: 4_000_000,
  costs: [{ type: 'model', cost: 0.000_001 }],
  durationSeconds: 14_999_999,
  endedReason: 'é🚪\u0000\u0007 "quoted"',
  transcript: 'AI: Grüß Gott. 🚪',
  analysis: { summary: '🚪'.repeat(20_000), structuredData: { a: 'é'.repeat(20_000) } },
});

describe.each(Object.keys(twins))('calls and leads in %s', (name) => {
  let stores: Stores;
  let calls: CallStore;
  let leads: LeadStore;
  beforeAll(async () => {
    stores = await (twins[name] as () => Promise<Stores>)();
    calls = new CallStore(stores);
    leads = new LeadStore(stores.tables, () => crypto.randomUUID());
  });
  const note = (tenantId: string, callId: string, given = delivery('hang', 3)) =>
    calls.note(tenantId, callId, lastingFacts(given, receivedAt) ?? nothing, receivedAt);
  const save = (tenantId: string, callId: string) =>
    calls.saveReport(
      tenantId,
      callId,
      report.call,
      readReport(report.message),
      Buffer.from('{}'),
      receivedAt.toISOString(),
      readReportDetails(report.message),
    );

  it('come back exactly as they were merged', async () => {
    await note('types', 'a');
    const { usage } = await save('types', 'a');
    const row = await calls.get('types', 'a');
    const said = reportFacts(
      report.call,
      readReport(report.message),
      readReportDetails(report.message),
      receivedAt.toISOString(),
    );
    const hang = lastingFacts(delivery('hang', 3), receivedAt) ?? nothing;
    expect(row && stateOf(row)).toEqual(mergeCall(said, hang));
    expect(row).toMatchObject({ endedReason: 'é🚪 "quoted"', hangs: 1 });
    expect(await save('types', 'a')).toEqual({ outcome: 'unchanged', tenantId: 'types', usage });
    expect(await calls.transcript('types', 'a')).toBe('AI: Grüß Gott. 🚪');
  });

  it('become one row, however many deliveries come at once', async () => {
    const statuses = ['queued', 'ringing', 'in-progress', 'ended'];
    await Promise.all([
      ...statuses.map((status, i) => note('busy', 'b', delivery('status-update', i, { status }))),
      ...[5, 6, 6].map((seconds) => note('busy', 'b', delivery('hang', seconds))),
      save('busy', 'b'),
    ]);
    const rows = await Array.fromAsync(calls.list('busy'));
    expect(rows.map(toView)).toMatchObject([
      { status: 'ended', hangs: 2, ringingAt: '2026-11-20T21:04:13.000Z' },
    ]);
  });

  it('move to their tenant with everything', async () => {
    await save(unassigned, 'c');
    await note('moved', 'c');
    expect(await Array.fromAsync(calls.list(unassigned))).toEqual([]);
    expect(await calls.get('moved', 'c')).toMatchObject({
      hangs: 1,
      usageFrom: unassigned,
      usageDay: '2026-11-20',
    });
    expect(await calls.transcript('moved', 'c')).toBe('AI: Grüß Gott. 🚪');
  });

  it('are paged, and erased', async () => {
    for (const id of ['p1', 'p2', 'p3']) await note('pages', id, delivery('hang', 1));
    for (const [i, callerNumber] of ['+61491570156', '+61491570157'].entries())
      await leads.save({
        tenantId: 'pages',
        callerNumber,
        callId: 'p1',
        idempotencyKey: `${i}`,
        details: { service: 'Drains' },
        now: new Date(receivedAt.getTime() + i),
      });
    const first = await calls.page('pages', { limit: 2 });
    const second = await calls.page('pages', { limit: 2, cursor: first.cursor });
    expect([...first.items, ...second.items].map(({ callId }) => callId)).toEqual(['p1', 'p2', 'p3']);
    const page = await leads.page('pages', { limit: 1, from: receivedAt });
    expect(page.items).toMatchObject([{ callerNumber: '+61491570157' }]);
    const erasure = new Erasure({ calls, leads, stores });
    expect(await erasure.eraseCall('pages', 'p2')).toEqual({ calls: 1, leads: 0, deliveries: 0 });
    expect(await erasure.eraseCaller('pages', '+61491570156')).toEqual({ calls: 2, leads: 1, deliveries: 0 });
    expect(await erasure.eraseCaller('pages', '+61491570156')).toEqual({ calls: 0, leads: 0, deliveries: 0 });
    const later = new Date(receivedAt.getTime() + 40 * 86_400_000);
    expect(await erasure.eraseBefore('pages', 30, later)).toMatchObject({ leads: 1, isDone: true });
    expect(await Array.fromAsync(stores.tables.list('calls', 'pages'))).toEqual([]);
    expect((await Array.fromAsync(stores.tables.list('leads', 'pages'))).map((row) => row.rowKey)).toEqual([
      'm|timed',
    ]);
  });
});
