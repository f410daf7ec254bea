import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { lastingFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { nothing } from '../../../../shared/voice/calls/callState.ts';
import { type CallQuery, CallStore } from '../../../../shared/voice/calls/callStore.ts';
import { readDelivery } from '../../../../shared/voice/messages/envelope.ts';

const noon = Date.parse('2026-11-21T12:00:00.000Z');
const minute = 60_000;

function setup() {
  const stores = createMemoryStores();
  const calls = new CallStore(stores);
  return {
    stores,
    calls,
    async call(id: string, at: number, members: object = {}) {
      const call = { id, createdAt: new Date(at).toISOString() };
      const message = { type: 'status-update', timestamp: at, status: 'ended', call, ...members };
      const facts = lastingFacts(readDelivery({ message }), new Date(at)) ?? nothing;
      await calls.note('acme', id, facts, new Date(at));
    },
    async page(query: Partial<CallQuery> = {}) {
      const { items, cursor } = await calls.page('acme', { limit: 100, ...query });
      return { ids: items.map(({ callId }) => String(callId)), cursor };
    },
  };
}

describe('a page of calls', () => {
  it('has the latest first, from a time on and before another', async () => {
    const s = setup();
    for (const i of [2, 0, 3, 1]) await s.call(`c${i}`, noon + i * minute);
    expect((await s.page()).ids).toEqual(['c3', 'c2', 'c1', 'c0']);
    const times = { from: new Date(noon + minute), to: new Date(noon + 3 * minute) };
    expect((await s.page(times)).ids).toEqual(['c2', 'c1']);
    const off = { from: new Date(noon + minute + 1), to: new Date(noon + 3 * minute + 1) };
    expect((await s.page(off)).ids).toEqual(['c3', 'c2']);
    expect((await Array.fromAsync(s.calls.list('acme', times))).map((row) => row.callId)).toEqual([
      'c2',
      'c1',
    ]);
  });

  it('goes on where the one before ended, whatever was added or taken away meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(50), { minLength: 1 }),
        fc.integer({ min: 1, max: 7 }),
        async (minutes, limit) => {
          const s = setup();
          for (const m of minutes) await s.call(`c${m}`, noon + m * minute);
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await s.page({ limit, cursor });
            seen.push(...page.ids);
            cursor = page.cursor;
            await s.call(`new${seen.length}`, noon + (100 + seen.length) * minute);
            if (page.ids.length > 0) await s.calls.erase('acme', String(page.ids.at(-1)));
          } while (cursor !== undefined);
          expect(seen).toEqual(minutes.toSorted((a, b) => b - a).map((m) => `c${m}`));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('can be asked for by status and reason, together with times', async () => {
    const s = setup();
    await s.call('a', noon, { endedReason: 'silence' });
    await s.call('b', noon + minute, { endedReason: 'hangup' });
    await s.call('c', noon + 2 * minute, { status: 'ringing' });
    await s.call('d', noon + 3 * minute, { endedReason: 'hangup' });
    expect((await s.page({ status: 'ended' })).ids).toEqual(['d', 'b', 'a']);
    expect((await s.page({ endedReason: 'hangup', to: new Date(noon + 3 * minute) })).ids).toEqual(['b']);
    const first = await s.page({ status: 'ended', limit: 1 });
    expect((await s.page({ status: 'ended', limit: 2, cursor: first.cursor })).ids).toEqual(['b', 'a']);
  });

  it('looks at so many rows and no more, and is continued', async () => {
    const s = setup();
    for (let i = 0; i < 5_010; i++)
      await s.stores.tables.replace('calls', {
        partitionKey: 'acme',
        rowKey: `t|${String(8_000_000_000_000 + i)}|c${i}`,
        callId: `c${i}`,
        status: i === 5_005 ? 'ended' : 'ringing',
      });
    const first = await s.page({ status: 'ended', limit: 5 });
    expect(first.ids).toEqual([]);
    expect(await s.page({ status: 'ended', limit: 5, cursor: first.cursor })).toEqual({
      ids: ['c5005'],
      cursor: undefined,
    });
  });

  it('asks for no more rows than it shows, and one to know whether there are more', async () => {
    const s = setup();
    await s.call('a', noon);
    const asked: unknown[] = [];
    const list = s.stores.tables.list.bind(s.stores.tables);
    s.stores.tables.list = (table, partition, prefix, range) => {
      asked.push(range?.atOnce);
      return list(table, partition, prefix, range);
    };
    await s.page({ limit: 10 });
    await s.page({ limit: 1_000 });
    expect(asked).toEqual([12, 1_000]);
  });

  it.each([
    ['no base64', '***'],
    ['empty', ''],
    ['no row key', Buffer.from('hello').toString('base64url')],
    ['a row that is no call', Buffer.from('x|8204791348681|c').toString('base64url')],
    ['a key with a quote', Buffer.from("t|8204791348681|c' or '1").toString('base64url')],
    ['padded', `${Buffer.from('t|8204791348681|c').toString('base64url')}=`],
    ['long', Buffer.from(`t|8204791348681|${'c'.repeat(5_000)}`).toString('base64url')],
  ])('refuses a cursor that is %s', async (_, cursor) => {
    await expect(setup().page({ cursor })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it.each([0, -1, 1.5, 1_001, Number.NaN])('refuses a limit of %s', async (limit) => {
    await expect(setup().page({ limit })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('shows nothing that is only for keeping the row', async () => {
    const s = setup();
    await s.call('a', noon);
    const { items } = await s.calls.page('acme', { limit: 1 });
    expect(items).toEqual([
      {
        callId: 'a',
        status: 'ended',
        createdAt: '2026-11-21T12:00:00.000Z',
        endedAt: '2026-11-21T12:00:00.000Z',
      },
    ]);
  });
});
