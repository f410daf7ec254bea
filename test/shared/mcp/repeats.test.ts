import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, Repeats, repeatMs } from '../../../shared/mcp/repeats.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import type { TableStore } from '../../../shared/storage/tableStore.ts';
import { memoryLog } from '../../support/http.ts';

const { log } = memoryLog();
const ask: Ask = {
  tenantId: 'acme',
  conversationId: 'call-1',
  tool: 'create_lead',
  args: { service: 'Taps', where: { suburb: 'Newtown', unit: null } },
};
const repeats = () => new Repeats(createMemoryStores().tables);
const anyTime = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('a request that comes again', () => {
  it('has the key of the first for two minutes from then, wherever on the clock that is', async () => {
    await fc.assert(
      fc.asyncProperty(anyTime, fc.integer({ min: 0, max: 3 * repeatMs }), async (time, later) => {
        const seen = repeats();
        const first = await seen.keyOf(ask, new Date(time), log);
        const second = await seen.keyOf(ask, new Date(time + later), log);
        expect(second === first).toBe(later < repeatMs);
      }),
    );
  });

  it('is known by clocks that differ a little', async () => {
    const seen = repeats();
    const first = await seen.keyOf(ask, new Date(1_000_000), log);
    expect(await seen.keyOf(ask, new Date(998_000), log)).toBe(first);
  });

  it('counts its two minutes from the first, not from the last', async () => {
    const seen = repeats();
    const first = await seen.keyOf(ask, new Date(0), log);
    expect(await seen.keyOf(ask, new Date(repeatMs - 1), log)).toBe(first);
    const next = await seen.keyOf(ask, new Date(repeatMs), log);
    expect(next).not.toBe(first);
    expect(await seen.keyOf(ask, new Date(repeatMs + 1), log)).toBe(next);
  });

  it('has one key however many arrive together, on two instances', async () => {
    const { tables } = createMemoryStores();
    const [one, other] = [new Repeats(tables), new Repeats(tables)];
    const keys = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 ? one : other).keyOf(ask, new Date(repeatMs - 6 + i), log)),
    );
    expect(new Set(keys).size).toBe(1);
  });

  it('is the same in whatever order its arguments are written, and another for anything else', async () => {
    const seen = repeats();
    const keyOf = (changes: Partial<Ask>) => seen.keyOf({ ...ask, ...changes }, new Date(0), log);
    const first = await keyOf({});
    const turned = { where: { unit: null, suburb: 'Newtown' }, service: 'Taps' };
    expect(await keyOf({ args: turned })).toBe(first);
    const others = await Promise.all(
      [
        { tenantId: 'other' },
        { conversationId: 'call-2' },
        { tool: 'take_message' },
        { args: { ...turned, service: 'taps' } },
        { args: { service: 'Taps', where: { suburb: 'Newtown' } } },
        { args: ['Taps', 'Newtown'] },
        { args: {} },
      ].map(keyOf),
    );
    expect(new Set([first, ...others]).size).toBe(others.length + 1);
    expect(await keyOf({ args: undefined })).toBe(await keyOf({ args: {} }));
  });

  it('is told by slices of time where storage fails', async () => {
    const { tables } = createMemoryStores();
    const { log: own, lines } = memoryLog();
    const down = new Repeats({ ...tables, get: () => Promise.reject(new Error('down')) } as never);
    const first = await down.keyOf(ask, new Date(10 * repeatMs), own);
    expect(await down.keyOf(ask, new Date(11 * repeatMs - 1), own)).toBe(first);
    expect(await down.keyOf(ask, new Date(11 * repeatMs), own)).not.toBe(first);
    expect(lines.map(({ event }) => event)).toContain('mcp-repeats-unavailable');
  });

  it('has one key as well where storage was slow at first', async () => {
    const { tables } = createMemoryStores();
    const written = Promise.withResolvers<void>();
    const slow: Pick<TableStore, 'get' | 'write'> = {
      get: (...given) => tables.get(...given),
      async write(...given) {
        await new Promise((resolve) => setTimeout(resolve, 600));
        const etag = await tables.write(...given);
        written.resolve();
        return etag;
      },
    };
    const first = await new Repeats(slow as TableStore).keyOf(ask, new Date(repeatMs), log);
    await written.promise;
    expect(await new Repeats(tables).keyOf(ask, new Date(2 * repeatMs - 1), log)).toBe(first);
  });

  it('is forgotten long after, at most so many at once', async () => {
    const seen = repeats();
    for (const [i, time] of [0, 1_000, 2_000, 900_000].entries())
      await seen.keyOf({ ...ask, conversationId: `c${i}` }, new Date(time), log);
    expect(await seen.forget(new Date(900_000), 2)).toBe(2);
    expect(await seen.forget(new Date(900_000), 10)).toBe(1);
    expect(await seen.forget(new Date(900_000), 10)).toBe(0);
    expect(await seen.forget(new Date(900_001), 10)).toBe(1);
  });
});
