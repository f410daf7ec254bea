import { describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { Ledger } from '../../../../shared/usage/ledger/ledger.ts';
import { deleteOldUsage } from '../../../../shared/usage/ledger/retention.ts';
import { lastDays, usageStatistics } from '../../../../shared/usage/ledger/statistics.ts';

const now = new Date('2026-11-21T10:00:00Z');
const days = lastDays(now, 12);

async function setup() {
  const stores = createMemoryStores();
  const ledger = new Ledger({ stores, instance: 'i', now: () => now });
  for (const day of days) {
    await ledger.record({ model: 'm', amounts: { calls: 1, cost: 1 }, day });
    await ledger.record({ tenant: 't', amounts: { voiceCalls: 1 }, day, once: `call of ${day}` });
  }
  return { ...stores, ledger };
}

describe('deleteOldUsage', () => {
  it('keeps exactly the days that can be asked for, and takes marks along', async () => {
    const { tables } = await setup();
    // Of each of the five oldest days the row, the row of calls and its mark.
    expect(await deleteOldUsage(tables, now, 7, 1_000)).toBe(15);
    const { daily, totals } = await usageStatistics(tables, now, 12, []);
    expect(daily.map(({ date }) => date)).toEqual(days.slice(0, 7));
    expect(totals).toMatchObject({ calls: 7, voice_calls: 7 });
    expect(await deleteOldUsage(tables, now, 7, 1_000)).toBe(0);
  });

  it('goes by days of UTC, whatever the hour', async () => {
    for (const hour of ['00:00:00.000', '23:59:59.999']) {
      const { tables } = await setup();
      expect(await deleteOldUsage(tables, new Date(`2026-11-21T${hour}Z`), 7, 1_000)).toBe(15);
    }
  });

  it('deletes no more at a time than it may, and goes on next time', async () => {
    const { tables } = await setup();
    expect(await deleteOldUsage(tables, now, 7, 4)).toBe(4);
    expect(await deleteOldUsage(tables, now, 7, 11)).toBe(11);
    expect(await deleteOldUsage(tables, now, 7, 11)).toBe(0);
  });

  it('leaves an instance able to write to a row it has deleted', async () => {
    const { tables, ledger } = await setup();
    await deleteOldUsage(tables, now, 7, 1_000);
    const day = days[11] ?? '';
    await ledger.record({ model: 'm', amounts: { calls: 1, cost: 1 }, day });
    expect((await usageStatistics(tables, now, 12, [])).daily.at(-1)).toMatchObject({ date: day, calls: 2 });
  });
});
