import { describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { CallStore, unassigned } from '../../../../shared/voice/calls/callStore.ts';
import { Erasure } from '../../../../shared/voice/calls/erasure.ts';
import { isSameNumber } from '../../../../shared/voice/calls/sameNumber.ts';
import { LeadStore } from '../../../../shared/voice/leads/leadStore.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const dayMs = 86_400_000;

function setup() {
  const stores = createMemoryStores();
  const calls = new CallStore(stores);
  let ids = 0;
  const leads = new LeadStore(stores.tables, () => `lead_${++ids}`);
  const time = (daysAgo: number) => new Date(now.getTime() - daysAgo * dayMs).toISOString();
  return {
    stores,
    calls,
    leads,
    erasure: new Erasure({ calls, leads, stores }),
    call(callId: string, daysAgo: number, callerNumber = '+61491570156', tenantId = 'acme') {
      const call = { callId, callerNumber, createdAt: time(daysAgo) };
      const unknown = { callType: undefined, phoneNumberId: undefined, dialledNumber: undefined };
      const report = { endedReason: 'x', startedAt: time(daysAgo), endedAt: time(daysAgo) };
      return calls.saveReport(
        tenantId,
        callId,
        { ...call, ...unknown, assistantId: undefined },
        { ...report, durationSeconds: 1, costUsd: 0, summary: 'words', successEvaluation: undefined },
        Buffer.from('{}'),
        now.toISOString(),
        { transcript: 'AI: words' },
      );
    },
    lead(daysAgo: number, callerNumber = '+61491570156') {
      return leads.save({
        tenantId: 'acme',
        callerNumber,
        callId: 'c',
        idempotencyKey: `${daysAgo}${callerNumber}`,
        details: { service: `s${daysAgo}`, notes: 'words' },
        now: new Date(time(daysAgo)),
      });
    },
    async callIds(tenantId = 'acme') {
      return (await Array.fromAsync(calls.list(tenantId))).map(({ callId }) => callId);
    },
    async rowKeys(table: string, tenantId = 'acme') {
      return (await Array.fromAsync(stores.tables.list(table, tenantId))).map(({ rowKey }) => rowKey);
    },
  };
}

describe('erasing a caller', () => {
  it('takes all calls and leads of the number, and no other; repeated it finds none', async () => {
    const s = setup();
    const odd = `${'x'.repeat(1_500)}/odd#id`;
    await s.call('a', 1);
    await s.call(odd, 2);
    await s.call('b', 1, '+61491570157');
    await s.lead(1);
    await s.lead(1, '+61491570157');
    expect(await s.erasure.eraseCaller('acme', '+61491570156')).toEqual({
      calls: 2,
      leads: 1,
      deliveries: 0,
    });
    expect(await s.callIds()).toEqual(['b']);
    expect(s.stores.blobs.names('calls')).toEqual([expect.stringContaining('/b.json')]);
    expect(s.stores.blobs.names('transcripts')).toEqual([expect.stringContaining('/b.txt')]);
    const rows = await Promise.all(
      ['calls', 'leads'].map((t) => Array.fromAsync(s.stores.tables.list(t, 'acme'))),
    );
    expect(JSON.stringify(rows, (_, v) => (typeof v === 'bigint' ? Number(v) : v))).not.toContain(
      '491570156',
    );
    expect(await s.erasure.eraseCaller('acme', '+61491570156')).toEqual({
      calls: 0,
      leads: 0,
      deliveries: 0,
    });
  });

  it('of another tenant is left alone', async () => {
    const s = setup();
    await s.call('a', 1, '+61491570156', 'zenith');
    expect(await s.erasure.eraseCaller('acme', '+61491570156')).toEqual({
      calls: 0,
      leads: 0,
      deliveries: 0,
    });
    expect(await s.callIds('zenith')).toEqual(['a']);
  });
});

describe('erasing one call', () => {
  it('counts it once, and leaves the lead it left', async () => {
    const s = setup();
    await s.call('a', 1);
    await s.lead(1);
    expect(await s.erasure.eraseCall('acme', 'a')).toEqual({ calls: 1, leads: 0, deliveries: 0 });
    expect(await s.erasure.eraseCall('acme', 'a')).toEqual({ calls: 0, leads: 0, deliveries: 0 });
    expect(await Array.fromAsync(s.leads.list('acme'))).toHaveLength(1);
  });
});

describe('erasing what is older than it is kept', () => {
  it('takes calls, reports, transcripts and leads, a part in each run', async () => {
    const s = setup();
    for (const daysAgo of [29, 31, 32, 33, 400]) {
      await s.call(`c${daysAgo}`, daysAgo);
      await s.lead(daysAgo);
    }
    expect(await s.erasure.eraseBefore('acme', 30, now, 3)).toEqual({ calls: 3, leads: 3, isDone: false });
    expect(await s.erasure.eraseBefore('acme', 30, now, 3)).toEqual({ calls: 1, leads: 1, isDone: true });
    expect(await s.erasure.eraseBefore('acme', 30, now, 3)).toEqual({ calls: 0, leads: 0, isDone: true });
    expect(await s.callIds()).toEqual(['c29']);
    expect(await s.calls.transcript('acme', 'c29')).toBe('AI: words');
    for (const id of ['c31', 'c400'])
      expect([await s.calls.get('acme', id), await s.calls.transcript('acme', id)]).toEqual([
        undefined,
        undefined,
      ]);
    expect(await s.rowKeys('calls')).toHaveLength(2);
    expect(s.stores.blobs.names('calls')).toHaveLength(1);
    expect(s.stores.blobs.names('transcripts')).toHaveLength(1);
    expect((await s.rowKeys('leads')).map((key) => key[0]).sort()).toEqual(['d', 'i', 'l', 'm', 't']);
  });

  it('keeps a call that is exactly so old', async () => {
    const s = setup();
    await s.call('a', 30);
    expect(await s.erasure.eraseBefore('acme', 30, now)).toMatchObject({ calls: 0 });
    expect(await s.erasure.eraseBefore('acme', 30, new Date(now.getTime() + 1))).toMatchObject({ calls: 1 });
  });

  it('takes the signs of calls that were erased or moved as well', async () => {
    const s = setup();
    await s.call('erased', 40);
    await s.calls.erase('acme', 'erased');
    await s.call('moved', 40, '+61491570156', unassigned);
    await s.calls.adopt('acme', 'moved');
    await s.call('kept', 1);
    await s.calls.erase('acme', 'kept');
    for (const tenantId of ['acme', unassigned]) await s.erasure.eraseBefore(tenantId, 30, now);
    expect(await s.rowKeys('calls', unassigned)).toEqual([]);
    expect(await s.rowKeys('calls')).toEqual(['kept', expect.stringMatching(/^x\|\d{13}\|kept$/)]);
  });

  it('goes on after it was cut short', async () => {
    const s = setup();
    await s.call('a', 40);
    const remove = s.stores.tables.delete.bind(s.stores.tables);
    let left = 1;
    s.stores.tables.delete = async (...args) => {
      if (left-- <= 0) throw new Error('down');
      await remove(...args);
    };
    await expect(s.erasure.eraseBefore('acme', 30, now)).rejects.toThrow('down');
    s.stores.tables.delete = remove;
    await s.erasure.eraseBefore('acme', 30, now);
    expect(await s.rowKeys('calls')).toEqual([]);
  });
});

describe('isSameNumber', () => {
  it.each([
    ['+61491570156', '+61491570156', true],
    ['+61 491 570-156', '+61491570156', true],
    ['61491570156', '+61491570156', true],
    ['sip:sam@example.com', 'sip:sam@example.com', true],
    ['sip:1491570156@example.com', '1491570156', false],
    ['+61491570157', '+61491570156', false],
    ['', '', false],
    ['12', '1-2', false],
    [undefined, '+61491570156', false],
    ['0411 222 333', '+61411222333', true],
    ['+61411222333', '0411222333', true],
    ['0411 222 333', '411-222-333', true],
    ['+61 (0)411 222 333', '+61411222333', true],
    ['0011 61 411 222 333', '+61411222333', true],
    ['my mobile, 0411\u2011222\u2011333', '+61411222333', true],
    ['0400 000 000 or 0411 222 333', '+61411222333', true],
    ['0400 000 000 / 0411 222 333', '+61411222333', true],
    ['030/12345678', '+493012345678', true],
    ['8 912 345-67-89', '+79123456789', true],
    ['80 29 123-45-67', '+375291234567', true],
    ['(415) 555-0100', '+14155550100', true],
    ['1 415 555 0100', '415-555-0100', true],
    ['5550 1234', '+61255501234', true],
    // Other people: another area, another country, and a part of a number.
    ['02 5550 1234', '+61355501234', false],
    ['(415) 555-0100', '+12155550100', false],
    ['(815) 555-0100', '+12155550100', false],
    ['+44411222333', '+61411222333', false],
    ['+411222333', '+61411222333', false],
    ['550 1234', '+61255501234', false],
    ['0411 222 33', '+61411222333', false],
    ['sip:0411222333@example.com', '+61411222333', false],
  ])('%s, %s: %s', (a, b, expected) => {
    expect(isSameNumber(a, b)).toBe(expected);
  });
});
