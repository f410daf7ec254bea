import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTableStore } from '../../../../shared/storage/memory/memoryTableStore.ts';
import {
  type Counters,
  counterNames,
  sum,
  toMicroUsd,
  zero,
} from '../../../../shared/usage/ledger/counters.ts';
import {
  type Dimension,
  dimensions,
  lastDays,
  toFigures,
  usageStatistics,
  usageTableOf,
} from '../../../../shared/usage/ledger/statistics.ts';
import { toEntity, type UsageKey, usageTable } from '../../../../shared/usage/ledger/usageRow.ts';

const now = new Date('2026-11-21T00:00:00.500Z');
const today = '2026-11-21';

/** A table with rows as instances write them. */
async function tableOf(
  rows: readonly [key: Partial<UsageKey>, amounts: Partial<Counters>, instance?: string][],
) {
  const tables = new MemoryTableStore();
  for (const [key, amounts, instance = 'i'] of rows) {
    const whole = { day: today, model: 'm', tenant: 't', caller: 'c', ...key };
    await tables.replace(
      usageTable,
      toEntity({ key: whole, instance, version: 1, totals: sum(zero(), amounts) }),
    );
  }
  return tables;
}

describe('usageStatistics', () => {
  it('keeps the shape of the seed: daily with date, calls and cost, latest first, and totals', async () => {
    const tables = await tableOf([
      [{}, { calls: 2, cost: 1_500_000 }],
      [{ day: '2026-11-19' }, { calls: 1, cost: 250_001 }],
      [{ day: '2026-11-14' }, { calls: 9, cost: 9 }],
    ]);
    const told = await usageStatistics(tables, now, 7, []);
    expect(told).toMatchObject({
      from: '2026-11-15',
      to: today,
      daily: [
        { date: today, calls: 2, cost: 1.5 },
        { date: '2026-11-19', calls: 1, cost: 0.250001 },
      ],
      total_calls: 3,
      total_cost: 1.750001,
    });
    expect(Object.keys(told)).toEqual(
      expect.arrayContaining(['daily', 'total_calls', 'total_cost', 'totals', 'by', 'groups']),
    );
    expect(told.groups).toEqual([]);
  });

  it('of a table nobody has written is empty, not missing', async () => {
    expect(await usageStatistics(new MemoryTableStore(), now, 3, ['model'])).toEqual({
      from: '2026-11-19',
      to: today,
      daily: [],
      total_calls: 0,
      total_cost: 0,
      totals: toFigures(zero()),
      by: ['model'],
      groups: [],
    });
  });

  it('adds what instances wrote, and leaves marks and other days alone', async () => {
    const tables = await tableOf([
      [{}, { calls: 1, cost: 1 }, 'one'],
      [{}, { calls: 2, cost: 2 }, 'two'],
      [{ day: '2026-11-22' }, { calls: 100, cost: 100 }],
    ]);
    await tables.replace(usageTable, { partitionKey: today, rowKey: 'm|call-1', calls: 50n, version: 1 });
    expect(await usageStatistics(tables, now, 1, [])).toMatchObject({
      total_calls: 3,
      totals: { cost_micro_usd: 3 },
    });
  });

  it('groups by what is asked, in the order asked, the dearest first, then the most called, then by name', async () => {
    const tables = await tableOf([
      [
        { model: 'a', tenant: 'x' },
        { calls: 1, cost: 5 },
      ],
      [
        { model: 'a', tenant: 'y' },
        { calls: 9, cost: 1 },
      ],
      [
        { model: 'b', tenant: 'x' },
        { calls: 9, cost: 5 },
      ],
      [
        { model: 'c', tenant: 'x' },
        { calls: 9, cost: 1 },
      ],
    ]);
    const { groups, by } = await usageStatistics(tables, now, 1, ['tenant', 'model']);
    expect(by).toEqual(['tenant', 'model']);
    expect(groups.map(({ tenant, model }) => `${tenant} ${model}`)).toEqual(['x b', 'x a', 'x c', 'y a']);
    expect(Object.keys(groups[0] ?? {}).slice(0, 2)).toEqual(['tenant', 'model']);
  });

  it('keeps groups apart whatever their names hold', async () => {
    const hostile = ['a\u0000b', 'a', 'b', 'a|b', '","', '["a"]', ''];
    const keys = hostile.flatMap((model) =>
      hostile.map((tenant) => ({ model: model || '-', tenant: tenant || '-' })),
    );
    const tables = await tableOf(keys.map((key, i) => [key, { cost: 1_000 - i }]));
    const { groups } = await usageStatistics(tables, now, 1, ['model', 'tenant']);
    expect(groups.map(({ model, tenant }) => ({ model, tenant }))).toEqual(keys);
  });

  it('adds up to the micro-dollar, by whichever breakdown', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const row = fc.tuple(
      fc.record({ day: fc.constantFrom(...lastDays(now, 10)), model: name, tenant: name, caller: name }),
      fc.record({ calls: fc.nat(), cost: fc.nat({ max: 10 ** 12 }), savedCost: fc.nat(), voiceMs: fc.nat() }),
      fc.uuid(),
    );
    const by = fc.uniqueArray(fc.constantFrom<Dimension>(...dimensions));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), by, async (rows, asked) => {
        const told = await usageStatistics(await tableOf(rows), now, 10, asked);
        const cost = rows.reduce((total, [, amounts]) => total + amounts.cost, 0);
        const of = (parts: readonly { cost_micro_usd: number }[]) =>
          parts.reduce((total, part) => total + part.cost_micro_usd, 0);
        expect(told.totals.cost_micro_usd).toBe(cost);
        expect(told.total_cost).toBe(cost / 1e6);
        expect(of(told.daily)).toBe(cost);
        expect(of(told.groups)).toBe(asked.length > 0 ? cost : 0);
        const dates = told.daily.map(({ date }) => date);
        expect(dates).toEqual([...dates].sort().reverse());
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('fails where the table cannot be read, instead of telling less', async () => {
    const tables = await tableOf([[{}, { calls: 1 }]]);
    const list = tables.list.bind(tables);
    tables.list = async function* (table, day, prefix) {
      if (day === '2026-11-13') throw new Error('down');
      yield* list(table, day, prefix) as AsyncIterable<never>;
    };
    await expect(usageStatistics(tables, now, 10, [])).rejects.toThrow('down');
    await expect(usageStatistics(tables, now, 8, [])).resolves.toMatchObject({ total_calls: 1 });
  });
});

describe('figures', () => {
  it('tell every counter, money in dollars and time in minutes', () => {
    const counters = Object.fromEntries(counterNames.map((name, i) => [name, (i + 1) * 60_000])) as Counters;
    const told = Object.values(toFigures(counters));
    expect(told).toHaveLength(counterNames.length + 1);
    expect(told.every((value) => value > 0)).toBe(true);
    expect(toFigures({ ...zero(), voiceMs: 90_000, vapiCost: 73_100, savedCost: 1 })).toMatchObject({
      voice_minutes: 1.5,
      vapi_cost: 0.0731,
      saved_cost: 0.000001,
    });
  });

  it('take dollars as the nearest micro-dollar', () => {
    expect([0.0731, 0.1 + 0.2, 0, 1.0000005, 38.01].map(toMicroUsd)).toEqual([
      73_100, 300_000, 0, 1_000_001, 38_010_000,
    ]);
  });
});

describe('lastDays', () => {
  it('are days of UTC, across months, years and leap days', () => {
    expect(lastDays(new Date('2028-03-01T00:00:00Z'), 3)).toEqual(['2028-03-01', '2028-02-29', '2028-02-28']);
    expect(lastDays(new Date('2027-01-01T23:59:59.999Z'), 2)).toEqual(['2027-01-01', '2026-12-31']);
  });
});

describe('usageTableOf', () => {
  const tableFor = async (by: Dimension[]) => {
    const tables = await tableOf([
      [{}, { calls: 2, cost: 1_500_000 }],
      [{ day: '2026-11-20', model: 'n' }, { calls: 1 }],
    ]);
    return usageTableOf(await usageStatistics(tables, now, 7, by));
  };

  it('has the days without groups, and the groups with them, every column named', async () => {
    const days = await tableFor([]);
    expect(days.columns.slice(0, 4)).toEqual(['date', 'calls', 'cost', 'cost_micro_usd']);
    expect(days.rows).toMatchObject([
      { date: today, calls: 2, cost: 1.5, cost_micro_usd: 1_500_000 },
      { date: '2026-11-20', calls: 1, cost: 0 },
    ]);
    const groups = await tableFor(['day', 'model']);
    expect(groups.columns.slice(0, 3)).toEqual(['day', 'model', 'calls']);
    expect(groups.rows).toMatchObject([
      { day: today, model: 'm', calls: 2 },
      { day: '2026-11-20', model: 'n', calls: 1 },
    ]);
    for (const { rows, columns } of [days, groups])
      for (const row of rows) expect(Object.keys(row).sort()).toEqual([...columns].sort());
  });

  it('names its columns where there is nothing', async () => {
    const table = usageTableOf(await usageStatistics(new MemoryTableStore(), now, 7, ['caller']));
    expect(table).toMatchObject({
      rows: [],
      columns: ['caller', 'calls', ...Array(14).fill(expect.any(String))],
    });
  });
});
