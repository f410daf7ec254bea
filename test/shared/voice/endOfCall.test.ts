import { describe, expect, it } from 'vitest';
import { Ledger } from '../../../shared/usage/ledger/ledger.ts';
import { usageStatistics } from '../../../shared/usage/ledger/statistics.ts';
import { CallStore, unassigned } from '../../../shared/voice/calls/callStore.ts';
import { processEndOfCall } from '../../../shared/voice/calls/processEndOfCall.ts';
import { TenantDirectory } from '../../../shared/voice/tenants/tenantDirectory.ts';
import { TenantStore } from '../../../shared/voice/tenants/tenantStore.ts';
import { acme, createVoice, now, sampleMessage } from '../../support/voice.ts';

const callId = '0c8a6a52-6f1e-4f0e-9a61-5d2c7e3b9f01';

async function setup() {
  const voice = await createVoice();
  const calls = new CallStore(voice.stores);
  const ledger = new Ledger({ stores: voice.stores, instance: 'test', now: () => now });
  const deps = {
    stores: voice.stores,
    calls,
    tenants: voice.tenants,
    ledger,
    events: voice.events,
    now: () => now,
  };
  return {
    ...voice,
    calls,
    ledger,
    deps,
    async process(messages = voice.stores.queues.drain('end-of-call')) {
      await Promise.all(messages.map((message) => processEndOfCall(JSON.parse(message), deps, voice.log)));
    },
  };
}

describe('processEndOfCall', () => {
  it('stores the facts, the report as received, and clears the inbox', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    await s.process();
    expect(await s.calls.get('acme', callId)).toMatchObject({
      status: 'ended',
      endedReason: 'customer-ended-call',
      durationSeconds: 38.01,
      costUsd: 0.0731,
      callerNumber: '+61491570156',
      successEvaluation: 'true',
      reportBlob: `acme/2026-11-20/${callId}.json`,
    });
    const stored = await s.stores.blobs.get('calls', `acme/2026-11-20/${callId}.json`);
    expect(JSON.parse(Buffer.from(stored ?? []).toString())).toEqual({
      message: sampleMessage('end-of-call-report'),
    });
    expect(s.stores.blobs.names('inbox')).toEqual([]);
  });

  it('keeps one row however often and at once the report comes, also when it differs', async () => {
    const s = await setup();
    for (let i = 0; i < 3; i++)
      await s.answer(sampleMessage('end-of-call-report', { timestamp: 1795208697005 + i }));
    await s.process();
    await s.answer(
      sampleMessage('end-of-call-report', { timestamp: 1795208699005, startedAt: undefined, cost: 0.08 }),
    );
    await s.process();
    const rows = await Array.fromAsync(s.calls.list('acme'));
    expect(rows).toMatchObject([{ callId, costUsd: 0.08 }]);
    expect(await s.calls.get('acme', callId)).toMatchObject({ costUsd: 0.08 });
  });

  it('lists the latest call first', async () => {
    const s = await setup();
    for (const [id, startedAt] of [
      ['a', '2026-11-01T00:00:00Z'],
      ['b', '2026-11-03T00:00:00Z'],
      ['c', '2026-11-02T00:00:00Z'],
    ]) {
      await s.answer(
        sampleMessage('end-of-call-report', {
          call: { ...(sampleMessage('end-of-call-report').call as object), id },
          startedAt,
        }),
      );
    }
    await s.process();
    expect((await Array.fromAsync(s.calls.list('acme'))).map((row) => row.callId)).toEqual(['b', 'c', 'a']);
  });

  it('does nothing for a ticket that was already processed', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    const messages = s.stores.queues.drain('end-of-call');
    await s.process(messages);
    await s.process(messages);
    expect(s.lines.map((l) => l.event)).toContain('end-of-call-already-processed');
  });

  it('keeps a call whose line has no tenant, and one without an id', async () => {
    const s = await setup();
    await s.answer({
      type: 'end-of-call-report',
      endedReason: 'x',
      call: {},
      phoneNumber: { id: 'elsewhere' },
    });
    await s.process();
    expect(await Array.fromAsync(s.calls.list(unassigned))).toMatchObject([
      { callId: expect.stringMatching(/^no-id-[\da-f]{64}$/), endedReason: 'x' },
    ]);
  });

  it('keeps a call with the tenant that the address named, whatever its body says', async () => {
    const s = await setup();
    const body = Buffer.from(
      JSON.stringify({
        message: sampleMessage('end-of-call-report', { phoneNumber: { id: 'nobody' }, call: { id: 'web' } }),
      }),
    );
    await s.webhook.answer(body, s.log, { tenantId: 'acme' });
    await s.process();
    expect(await s.calls.get('acme', 'web')).toMatchObject({ status: 'ended' });
    expect(await s.calls.get(unassigned, 'web')).toBeUndefined();
  });

  it('moves a call to its tenant when that is known by the time of a repeated report', async () => {
    const s = await setup();
    const report = sampleMessage('end-of-call-report');
    const elsewhere = { phoneNumber: { id: 'new-line' }, call: { id: 'c-new' } };
    await s.answer({ ...report, ...elsewhere });
    await s.process();
    await new TenantStore(s.stores.tables).put({
      ...acme,
      phoneNumberIds: [...acme.phoneNumberIds, 'new-line'],
    });
    await s.answer({ ...report, ...elsewhere });
    const deps = {
      stores: s.stores,
      calls: s.calls,
      tenants: new TenantDirectory(new TenantStore(s.stores.tables), 0),
      ledger: s.ledger,
      events: s.events,
      now: () => now,
    };
    await processEndOfCall(JSON.parse(s.stores.queues.drain('end-of-call')[0] ?? ''), deps, s.log);
    expect(await Array.fromAsync(s.calls.list(unassigned))).toEqual([]);
    expect(await Array.fromAsync(s.calls.list('acme'))).toMatchObject([{ callId: 'c-new' }]);
    expect(s.stores.blobs.names('calls')).toEqual([expect.stringMatching(/^acme\//)]);
  });

  it('keeps rows within what a table holds', async () => {
    const s = await setup();
    await s.answer(
      sampleMessage('end-of-call-report', {
        endedReason: 'x'.repeat(40_000),
        analysis: { summary: 'y'.repeat(40_000), successEvaluation: 'z'.repeat(40_000) },
      }),
    );
    await s.process();
    const row = await s.calls.get('acme', callId);
    expect(Math.max(...Object.values(row ?? {}).map((value) => String(value).length))).toBeLessThan(32_000);
  });

  it('gives up on rows that stay in conflict', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    s.stores.tables.transact = async () => 'conflict';
    await expect(s.process()).rejects.toThrow('stay in conflict');
  });

  it('fails, so that the message comes back, when the tenant cannot be read', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    const tenants = new TenantDirectory(new TenantStore(s.stores.tables), 1000);
    s.stores.tables.get = async () => {
      throw new Error('down');
    };
    const [message = ''] = s.stores.queues.drain('end-of-call');
    const deps = {
      stores: s.stores,
      calls: s.calls,
      tenants,
      ledger: s.ledger,
      events: s.events,
      now: () => now,
    };
    await expect(processEndOfCall(JSON.parse(message), deps, s.log)).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    expect(s.stores.blobs.names('inbox')).toHaveLength(1);
  });

  it('fails for a message that is no ticket', async () => {
    const s = await setup();
    await expect(s.process(['{"nonsense":true}'])).rejects.toThrow();
  });
});

describe('usage of a call', () => {
  const day = 86_400_000;

  async function usageOf(stores: Awaited<ReturnType<typeof setup>>['stores']) {
    const { daily, groups } = await usageStatistics(stores.tables, new Date(now.getTime() + 3 * day), 30, [
      'tenant',
    ]);
    return {
      days: daily.filter((one) => one.voice_calls !== 0).map(({ date, voice_calls }) => [date, voice_calls]),
      tenants: Object.fromEntries(
        groups.map(({ tenant, voice_calls, vapi_cost, voice_minutes }) => [
          tenant,
          [voice_calls, vapi_cost, voice_minutes],
        ]),
      ),
    };
  }

  const unknownEnd = { endedAt: undefined, timestamp: undefined, call: { id: 'c-9' } };

  it('counts on one day only, though a report without its end comes again after midnight', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report', unknownEnd));
    const [ticket = ''] = s.stores.queues.drain('end-of-call');
    const { blob, ...rest } = JSON.parse(ticket) as { blob: string; receivedAt: string };
    const body = (await s.stores.blobs.get('inbox', blob)) ?? new Uint8Array();
    for (const receivedAt of [rest.receivedAt, new Date(Date.parse(rest.receivedAt) + day).toISOString()]) {
      await s.stores.blobs.put('inbox', blob, body);
      await s.process([JSON.stringify({ ...rest, blob, receivedAt })]);
    }
    expect(await usageOf(s.stores)).toMatchObject({ days: [['2026-11-21', 1]] });
    expect(await Array.fromAsync(s.calls.list('acme'))).toHaveLength(1);
  });

  it('is what the first report said, and counted though the first try was cut short before', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    const messages = s.stores.queues.drain('end-of-call');
    const record = s.ledger.record.bind(s.ledger);
    s.ledger.record = async () => {
      throw new Error('down');
    };
    await expect(s.process(messages)).rejects.toThrow('down');
    s.ledger.record = record;
    await s.answer(sampleMessage('end-of-call-report', { timestamp: 1795208699005, cost: 9 }));
    await s.process([...messages, ...s.stores.queues.drain('end-of-call')]);
    expect((await usageOf(s.stores)).tenants).toEqual({ acme: [1, 0.0731, 0.63] });
  });

  it.each([0, 1, 2, 3])(
    'moves to the tenant once it is known, also when cut short after %s entries',
    async (entries) => {
      const s = await setup();
      const elsewhere = { phoneNumber: { id: 'new-line' }, call: { id: 'c-new' } };
      const send = (more: object = {}) =>
        s.answer({ ...sampleMessage('end-of-call-report'), ...elsewhere, ...more });
      await send();
      await s.process();
      expect((await usageOf(s.stores)).tenants).toEqual({ unassigned: [1, 0.0731, 0.63] });
      await new TenantStore(s.stores.tables).put({ ...acme, phoneNumberIds: ['new-line'] });
      await send({ cost: 9, timestamp: 1795208699005 });
      const record = s.ledger.record.bind(s.ledger);
      let left = entries;
      const ledger = {
        async record(usage: Parameters<Ledger['record']>[0]) {
          if (left-- <= 0) throw new Error('down');
          return record(usage);
        },
      };
      const tenants = new TenantDirectory(new TenantStore(s.stores.tables), 0);
      const deps = { stores: s.stores, calls: s.calls, tenants, events: s.events, now: () => now };
      const [message = ''] = s.stores.queues.drain('end-of-call');
      const run = processEndOfCall(JSON.parse(message), { ...deps, ledger }, s.log);
      if (entries < 3) await expect(run).rejects.toThrow('down');
      else await run;
      for (let i = 0; i < 2; i++)
        await processEndOfCall(JSON.parse(message), { ...deps, ledger: s.ledger }, s.log);
      expect((await usageOf(s.stores)).tenants).toEqual({ acme: [1, 0.0731, 0.63], unassigned: [0, 0, 0] });
    },
  );

  it('is counted though the call was erased before its report came', async () => {
    const s = await setup();
    await s.calls.noteOutcome('acme', callId, 'booked', undefined, now);
    await s.calls.erase('acme', callId);
    await s.answer(sampleMessage('end-of-call-report'));
    await s.process();
    expect(await s.calls.get('acme', callId)).toBeUndefined();
    expect(s.stores.blobs.names('calls')).toEqual([]);
    expect(s.stores.blobs.names('inbox')).toEqual([]);
    expect((await usageOf(s.stores)).tenants).toEqual({ acme: [1, 0.0731, 0.63] });
  });
});

describe('a ticket from the poison queue', () => {
  it('is processed like any other, days after its five tries have failed', async () => {
    const s = await setup();
    await s.answer(sampleMessage('end-of-call-report'));
    const [ticket = ''] = s.stores.queues.drain('end-of-call');
    const transact = s.stores.tables.transact.bind(s.stores.tables);
    s.stores.tables.transact = async () => {
      throw new Error('down');
    };
    for (let i = 0; i < 5; i++) await expect(s.process([ticket])).rejects.toThrow('down');
    s.stores.tables.transact = transact;
    const later = { ...s.deps, now: () => new Date(now.getTime() + 6 * 86_400_000) };
    await processEndOfCall(JSON.parse(ticket), later, s.log);
    expect(await s.calls.get('acme', callId)).toMatchObject({ status: 'ended', usageDay: '2026-11-20' });
    expect(await s.calls.transcript('acme', callId)).toMatch(/^AI: Hi, thanks/);
    expect(s.stores.blobs.names('inbox')).toEqual([]);
    await s.process([ticket]);
    expect(s.lines.at(-1)).toMatchObject({ event: 'end-of-call-already-processed' });
  });
});
