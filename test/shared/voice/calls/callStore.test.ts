import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { lastingFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { toView } from '../../../../shared/voice/calls/callRow.ts';
import { nothing } from '../../../../shared/voice/calls/callState.ts';
import { CallStore, unassigned } from '../../../../shared/voice/calls/callStore.ts';
import { readReport } from '../../../../shared/voice/messages/endOfCallReport.ts';
import type { Delivery } from '../../../../shared/voice/messages/envelope.ts';
import { readReportDetails } from '../../../../shared/voice/messages/reportDetails.ts';
import { anyDelivery, delivery, receivedAt } from './deliveries.ts';

function setup() {
  const stores = createMemoryStores();
  const calls = new CallStore(stores);
  return {
    stores,
    calls,
    store(tenantId: string, given: Delivery, callId = 'c-1') {
      const { type, message, call } = given;
      if (type !== 'end-of-call-report')
        return calls.note(tenantId, callId, lastingFacts(given, receivedAt) ?? nothing, receivedAt);
      const body = Buffer.from(JSON.stringify({ message }));
      const details = readReportDetails(message);
      return calls.saveReport(
        tenantId,
        callId,
        call,
        readReport(message),
        body,
        receivedAt.toISOString(),
        details,
      );
    },
    async rows(tenantId = 'acme') {
      return Array.fromAsync(calls.list(tenantId));
    },
    async everything() {
      const rows = await Promise.all(
        ['acme', unassigned].map((tenant) => Array.fromAsync(stores.tables.list('calls', tenant))),
      );
      return JSON.stringify([rows, stores.blobs.names('calls'), stores.blobs.names('transcripts')], (_, v) =>
        typeof v === 'bigint' ? String(v) : v,
      );
    },
  };
}

/** A row as it is told, without what the first delivery fixes. */
const factsOf = ({ reportBlob: _, transcriptBlob: __, ...facts }: ReturnType<typeof toView>) => facts;

describe('CallStore', () => {
  it('keeps one row of a call, by id and by time, from its first message on', async () => {
    const s = setup();
    await s.store('acme', delivery('status-update', 1, { status: 'ringing' }));
    expect(await s.rows()).toMatchObject([{ callId: 'c-1', status: 'ringing' }]);
    await s.store('acme', delivery('status-update', 2, { status: 'in-progress' }));
    await s.store('acme', delivery('end-of-call-report', 60, { endedReason: 'hangup', cost: 0.05 }));
    await s.store('acme', delivery('status-update', 61, { status: 'ended', endedReason: 'x' }));
    expect(await s.rows()).toMatchObject([{ status: 'ended', endedReason: 'hangup', costUsd: 0.05 }]);
    const [byId, [byTime]] = [await s.calls.get('acme', 'c-1'), await s.rows()];
    expect(byTime).toEqual({ ...byId, etag: byTime?.etag, rowKey: byId?.timeKey });
  });

  it('has the same row in the end, whatever order deliveries come in, at once or twice', async () => {
    const shuffles = fc
      .array(anyDelivery, { minLength: 1, maxLength: 6 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    await fc.assert(
      fc.asyncProperty(shuffles, async ([all, shuffled]) => {
        const [one, two] = [setup(), setup()];
        for (const given of all) await one.store('acme', given);
        await Promise.all([...shuffled, ...all].map((given) => two.store('acme', given)));
        const [first, second] = await Promise.all([one.rows(), two.rows()]);
        expect(second.map(toView).map(factsOf)).toEqual(first.map(toView).map(factsOf));
        expect(second).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('loses nothing of a call whose tenant is known only now and then', async () => {
    const parts = fc.array(fc.tuple(anyDelivery, fc.constantFrom('acme', unassigned)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(parts, async (all) => {
        const [known, partly] = [setup(), setup()];
        const report = delivery('end-of-call-report', 2, { transcript: 'AI: z' });
        for (const [given] of all) await known.store('acme', given);
        await Promise.all(all.map(([given, tenant]) => partly.store(tenant, given)));
        for (const s of [known, partly]) await s.store('acme', report);
        const [first, second] = await Promise.all([known.rows(), partly.rows()]);
        expect(second.map(toView).map(factsOf)).toEqual(first.map(toView).map(factsOf));
        expect(await partly.rows(unassigned)).toEqual([]);
        expect(partly.stores.blobs.names('calls')).toEqual([second[0]?.reportBlob]);
        expect(partly.stores.blobs.names('transcripts')).toEqual([second[0]?.transcriptBlob]);
        // What comes without a tenant afterwards goes after the call, or waits until it is fetched.
        await partly.store(unassigned, delivery('hang', 77));
        await partly.calls.adopt('acme', 'c-1');
        expect(await partly.rows(unassigned)).toEqual([]);
        expect(JSON.stringify((await partly.rows())[0]?.hangMarks)).toContain('2026-11-20T21:05:29.000Z');
      }),
      { numRuns: 60 },
    );
  });

  it('moves report, transcript and usage with the call', async () => {
    const s = setup();
    const report = delivery('end-of-call-report', 60, { transcript: 'AI: Hello.', durationSeconds: 30 });
    await s.store(unassigned, report);
    expect(await s.calls.adopt('acme', 'c-1')).toBe(true);
    expect(await s.calls.get(unassigned, 'c-1')).toBeUndefined();
    expect(await s.calls.transcript('acme', 'c-1')).toBe('AI: Hello.');
    expect(s.stores.blobs.names('calls')).toEqual(['acme/2026-11-20/c-1.json']);
    expect(s.stores.blobs.names('transcripts')).toEqual(['acme/2026-11-20/c-1.txt']);
    const { usage } = await s.store('acme', report);
    expect(usage).toEqual({ day: '2026-11-20', ms: 30_000, microUsd: 0, countedFor: unassigned });
    expect(await s.calls.adopt('acme', 'c-1')).toBe(false);
    expect(await s.calls.adopt('acme', 'never')).toBe(false);
  });

  it('moves with the first message that names the tenant', async () => {
    const s = setup();
    await s.store(unassigned, delivery('hang', 1));
    await s.store('acme', delivery('hang', 2));
    expect(await s.rows()).toMatchObject([{ hangs: 2 }]);
    expect(await s.rows(unassigned)).toEqual([]);
  });

  it('takes up a move that was cut short', async () => {
    const s = setup();
    await s.store(unassigned, delivery('end-of-call-report', 60, { transcript: 'AI: Hello.' }));
    const remove = s.stores.blobs.delete.bind(s.stores.blobs);
    s.stores.blobs.delete = async () => {
      throw new Error('down');
    };
    await expect(s.calls.adopt('acme', 'c-1')).rejects.toThrow('down');
    s.stores.blobs.delete = remove;
    await s.calls.adopt('acme', 'c-1');
    expect(s.stores.blobs.names('calls')).toEqual(['acme/2026-11-20/c-1.json']);
    expect(await s.rows(unassigned)).toEqual([]);
    expect(await s.rows()).toHaveLength(1);
  });

  it('keeps the report and transcript of the latest report, in whatever order they come', async () => {
    const reports = [
      delivery('end-of-call-report', 60, { transcript: 'AI: one' }),
      delivery('end-of-call-report', 61, { transcript: 'AI: two' }),
      delivery('end-of-call-report', 62, { summary: 'no transcript' }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const s = setup();
      for (const i of order) await s.store('acme', reports[i] as Delivery);
      const blob = await s.stores.blobs.get('calls', 'acme/2026-11-20/c-1.json');
      expect(JSON.parse(Buffer.from(blob ?? []).toString())).toMatchObject({
        message: { summary: 'no transcript' },
      });
      expect(await s.calls.transcript('acme', 'c-1')).toMatch(/^AI: (one|two)$/);
    }
  });

  it('says what a repeated delivery changed: nothing', async () => {
    const s = setup();
    const hang = delivery('hang', 5);
    expect(await s.store('acme', hang)).toMatchObject({ outcome: 'stored' });
    const before = await s.everything();
    expect(await s.store('acme', hang)).toMatchObject({ outcome: 'unchanged' });
    expect(await s.everything()).toBe(before);
  });

  it('notes how a call went; the latest word stays', async () => {
    const s = setup();
    await s.calls.noteOutcome('acme', 'c-1', 'booked', 'Tuesday', new Date(2_000_000_000_000));
    await s.calls.noteOutcome('acme', 'c-1', 'lost', 'earlier', new Date(1_900_000_000_000));
    expect(await s.calls.get('acme', 'c-1')).toMatchObject({ outcome: 'booked', outcomeNote: 'Tuesday' });
  });

  it('gives up on rows that stay in conflict, with a failure that can be tried again', async () => {
    const s = setup();
    s.stores.tables.transact = async () => 'conflict';
    await expect(s.store('acme', delivery('hang', 1))).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('leaves no blob behind when the first two deliveries come at once and on different days', async () => {
    const s = setup();
    const early = delivery('end-of-call-report', 1, { startedAt: '2026-11-18T00:00:00Z' });
    const late = delivery('end-of-call-report', 2, { startedAt: '2026-11-19T00:00:00Z' });
    await Promise.all([s.store('acme', early), s.store('acme', late)]);
    expect(s.stores.blobs.names('calls')).toEqual([(await s.rows())[0]?.reportBlob]);
  });
});

describe('erasing a call', () => {
  it('leaves no word and no number of it, can be repeated, and holds against late deliveries', async () => {
    const s = setup();
    const report = delivery('end-of-call-report', 60, { transcript: 'AI: secret', summary: 'secret' });
    await s.store('acme', delivery('status-update', 1, { status: 'ringing' }));
    await s.store('acme', report);
    expect(await s.calls.erase('acme', 'c-1')).toBe(1);
    const gone = async () => {
      expect(await s.calls.get('acme', 'c-1')).toBeUndefined();
      expect(await s.rows()).toEqual([]);
      expect(s.stores.blobs.names('calls')).toEqual([]);
      expect(s.stores.blobs.names('transcripts')).toEqual([]);
      expect(await s.everything()).not.toMatch(/secret|491570156/);
    };
    await gone();
    expect(await s.calls.erase('acme', 'c-1')).toBe(0);
    expect(await s.calls.erase('acme', 'never')).toBe(0);
    expect(await s.store('acme', report)).toMatchObject({ outcome: 'erased', usage: { day: '2026-11-20' } });
    expect(await s.store('acme', delivery('hang', 3))).toMatchObject({ outcome: 'erased' });
    await gone();
  });

  it('takes with it what came without a tenant', async () => {
    const s = setup();
    await s.store('acme', delivery('hang', 1));
    await s.store(unassigned, delivery('end-of-call-report', 60, { transcript: 'AI: secret' }));
    await s.calls.erase('acme', 'c-1');
    await s.store(unassigned, delivery('end-of-call-report', 61, { transcript: 'AI: secret' }));
    expect(await s.rows(unassigned)).toEqual([]);
    expect(s.stores.blobs.names('calls')).toEqual([]);
    expect(await s.everything()).not.toMatch(/secret|491570156/);
  });

  it('holds against what comes without a tenant afterwards and is fetched', async () => {
    const s = setup();
    await s.store('acme', delivery('hang', 1));
    await s.calls.erase('acme', 'c-1');
    await s.store(unassigned, delivery('end-of-call-report', 60, { transcript: 'AI: secret' }));
    expect(await s.calls.adopt('acme', 'c-1')).toBe(true);
    expect(await s.everything()).not.toMatch(/secret|491570156|c-1\.json/);
  });

  it('holds against a report that is being stored at that moment', async () => {
    const s = setup();
    await s.store('acme', delivery('hang', 1));
    const put = s.stores.blobs.put.bind(s.stores.blobs);
    s.stores.blobs.put = async (...args) => {
      s.stores.blobs.put = put;
      await s.calls.erase('acme', 'c-1');
      await put(...args);
    };
    const report = delivery('end-of-call-report', 60, { transcript: 'AI: secret' });
    expect(await s.store('acme', report)).toMatchObject({ outcome: 'erased' });
    expect(s.stores.blobs.names('calls')).toEqual([]);
    expect(s.stores.blobs.names('transcripts')).toEqual([]);
  });

  it('goes on after it was cut short', async () => {
    const s = setup();
    await s.store('acme', delivery('end-of-call-report', 60, { transcript: 'AI: secret' }));
    const remove = s.stores.blobs.delete.bind(s.stores.blobs);
    s.stores.blobs.delete = async () => {
      throw new Error('down');
    };
    await expect(s.calls.erase('acme', 'c-1')).rejects.toThrow('down');
    expect(await s.calls.get('acme', 'c-1')).toBeUndefined();
    s.stores.blobs.delete = remove;
    await s.calls.erase('acme', 'c-1');
    expect(s.stores.blobs.names('transcripts')).toEqual([]);
    expect(await s.rows()).toEqual([]);
  });
});
