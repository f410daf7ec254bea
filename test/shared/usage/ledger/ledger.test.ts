import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { counterNames } from '../../../../shared/usage/ledger/counters.ts';
import { usageQueue } from '../../../../shared/usage/ledger/ledger.ts';
import { rowsOf } from '../../../../shared/usage/ledger/usageRow.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../../support/telemetry.ts';
import { down, hang, setup, today } from './ledgerSetup.ts';

describe('record', () => {
  it('keeps everything that is counted, by day, model, tenant and caller', async () => {
    const { ledger, tables } = setup();
    const amounts = Object.fromEntries(counterNames.map((name, i) => [name, i + 1]));
    await ledger.record({ model: 'gpt-4o', tenant: 'acme', caller: 'c1', amounts });
    await ledger.record({ amounts: { calls: 1 }, day: '2026-11-20' });
    expect(await Array.fromAsync(rowsOf(tables, today))).toMatchObject([
      { key: { day: today, model: 'gpt-4o', tenant: 'acme', caller: 'c1' }, totals: amounts },
    ]);
    expect(await Array.fromAsync(rowsOf(tables, '2026-11-20'))).toMatchObject([
      { key: { model: '-', tenant: '-', caller: '-' }, totals: { calls: 1, cost: 0 } },
    ]);
  });

  it('keeps callers apart whose names cannot be keys', async () => {
    const { ledger, tables } = setup();
    const callers = ['a/b', 'a\\b', 'a|b', '#', '?', '\u0000', 'é', ' ', 'x'.repeat(2_000)];
    for (const caller of callers) await ledger.record({ caller, amounts: { calls: 1 } });
    const told = await Array.fromAsync(rowsOf(tables, today));
    expect(told.map(({ key }) => key.caller).sort()).toEqual([...callers].sort());
  });

  it('writes what comes at the same time together', async () => {
    const { ledger, tables, totals } = setup();
    let writes = 0;
    const write = tables.write.bind(tables);
    tables.write = (...args) => {
      writes++;
      return write(...args);
    };
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => ledger.record({ amounts: { cost: i } })));
    expect((await totals()).cost_micro_usd).toBe(499_500);
    expect(writes).toBe(1);
  });

  it('gives every instance rows of its own', async () => {
    const { make, tables, totals } = setup();
    await Promise.all(['one', 'two', 'three'].map((name) => make(name).record({ amounts: { calls: 1 } })));
    expect(await Array.fromAsync(rowsOf(tables, today))).toHaveLength(3);
    expect((await totals()).calls).toBe(3);
  });

  it('goes on where it stood with rows it has stopped keeping in memory', async () => {
    const { ledger, totals } = setup({ mostWriters: 3 });
    for (let round = 0; round < 4; round++)
      for (let i = 0; i < 5; i++) {
        await ledger.record({ caller: `c${i}`, amounts: { calls: 1, cost: 10 ** i } });
        await ledger.record({ caller: `c${i}`, amounts: { voiceCalls: 1 }, once: `call ${round} ${i}` });
      }
    expect(await totals()).toMatchObject({ calls: 20, cost_micro_usd: 4 * 11_111, voice_calls: 20 });
  });

  it('goes on likewise when there are thousands of rows', async () => {
    const { ledger, totals } = setup();
    for (let i = 0; i < 5_001; i++) await ledger.record({ caller: `c${i}`, amounts: { calls: 1 } });
    await ledger.record({ caller: 'c0', amounts: { calls: 1 } });
    expect((await totals()).calls).toBe(5_002);
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, '1' as unknown as number])(
    'refuses %s, which would spoil the row for all that come after',
    async (cost) => {
      const { ledger, totals, queues } = setup();
      await ledger.record({ amounts: { cost: 1 } });
      await expect(ledger.record({ amounts: { cost } })).rejects.toMatchObject({ code: 'internal' });
      await ledger.record({ amounts: { cost: 2 } });
      expect((await totals()).cost_micro_usd).toBe(3);
      expect(queues.drain(usageQueue)).toEqual([]);
    },
  );
});

describe('a table that does not take the row', () => {
  it.each([
    ['fails', down],
    ['hangs', hang],
    ['is always in conflict', async () => undefined],
  ])('and %s: the row goes to the queue, and is counted once the worker has written it', async (_, write) => {
    const { ledger, tables, queues, totals, drain } = setup();
    await ledger.record({ amounts: { cost: 1 } });
    const real = tables.write.bind(tables);
    tables.write = write;
    await Promise.all([2, 4].map((cost) => ledger.record({ amounts: { cost } })));
    expect((await totals()).cost_micro_usd).toBe(1);
    tables.write = real;
    expect(await drain()).toEqual(['written']);
    expect((await totals()).cost_micro_usd).toBe(7);
    await ledger.record({ amounts: { cost: 8 } });
    expect((await totals()).cost_micro_usd).toBe(15);
    expect(queues.drain(usageQueue)).toEqual([]);
  });

  it('has the worker write rows in any order and twice, and the latest stays', async () => {
    const { ledger, tables, totals, drain } = setup();
    const real = tables.write.bind(tables);
    tables.write = down;
    for (const cost of [1, 2, 4, 8]) await ledger.record({ amounts: { cost } });
    tables.write = real;
    const outcomes = await drain(([a = '', b = '', c = '', d = '']) => [b, a, d, c, d, a]);
    expect(outcomes).toEqual(['written', 'outdated', 'written', 'outdated', 'outdated', 'outdated']);
    expect((await totals()).cost_micro_usd).toBe(15);
  });

  it('takes nothing twice when it recovers before the worker comes', async () => {
    const { ledger, tables, totals, drain } = setup();
    const real = tables.write.bind(tables);
    tables.write = down;
    await ledger.record({ amounts: { cost: 1 } });
    tables.write = real;
    await ledger.record({ amounts: { cost: 2 } });
    expect((await totals()).cost_micro_usd).toBe(3);
    expect(await drain()).toEqual(['outdated']);
    expect((await totals()).cost_micro_usd).toBe(3);
  });

  it('with the queue gone as well: callers are told, and the next write brings it', async () => {
    const { ledger, tables, queues, totals } = setup();
    const [write, send] = [tables.write.bind(tables), queues.send.bind(queues)];
    tables.write = down;
    queues.send = down;
    await expect(ledger.record({ amounts: { cost: 1 } })).rejects.toThrow('down');
    await expect(ledger.record({ amounts: { cost: 2 } })).rejects.toThrow('down');
    queues.send = send;
    await ledger.record({ amounts: { cost: 4 } });
    expect(JSON.parse(queues.drain(usageQueue)[0] ?? '')).toMatchObject({ totals: { cost: 7 } });
    tables.write = write;
    await ledger.record({ amounts: { cost: 8 } });
    expect((await totals()).cost_micro_usd).toBe(15);
  });

  it('does not make the ledger keep what the queue has taken', async () => {
    const { ledger, tables, queues } = setup();
    tables.write = down;
    const refs: WeakRef<object>[] = [];
    for (let i = 0; i < 500; i++) {
      const amounts = { cost: 1 };
      refs.push(new WeakRef(amounts));
      await ledger.record({ amounts });
      queues.drain(usageQueue);
    }
    expect(await aliveOf(refs)).toBeLessThan(10);
  });

  it('does not make the ledger keep calls it has refused to count', async () => {
    const { ledger, tables, totals } = setup();
    const real = tables.transact.bind(tables);
    tables.transact = down;
    const refs: WeakRef<object>[] = [];
    for (let i = 0; i < 500; i++) {
      const amounts = { voiceCalls: 1 };
      refs.push(new WeakRef(amounts));
      await expect(ledger.record({ amounts, once: `call ${i}` })).rejects.toThrow('down');
    }
    expect(await aliveOf(refs)).toBeLessThan(10);
    tables.transact = real;
    await ledger.record({ amounts: { voiceCalls: 1 }, once: 'call 1' });
    expect((await totals()).voice_calls).toBe(1);
  });

  it('lets the ledger forget rows whose amounts the queue has', async () => {
    const { ledger, tables, totals, drain } = setup({ mostWriters: 2 });
    const real = tables.write.bind(tables);
    tables.write = down;
    for (let i = 0; i < 6; i++) await ledger.record({ caller: `c${i % 3}`, amounts: { cost: 10 ** i } });
    tables.write = real;
    for (let i = 0; i < 3; i++) await ledger.record({ caller: `c${i}`, amounts: { cost: 1_000_000 } });
    await drain((messages) => messages.reverse());
    expect((await totals()).cost_micro_usd).toBe(3_111_111);
  });
});

/** How many of them the collector cannot take. */
async function aliveOf(refs: readonly WeakRef<object>[]): Promise<number> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

describe('apply', () => {
  const row = {
    key: { day: today, model: 'm', tenant: '-', caller: '-' },
    instance: 'x',
    version: 3,
    totals: Object.fromEntries(counterNames.map((name) => [name, 1])),
  };

  it.each([
    ['no object', 'text'],
    ['no key', { ...row, key: undefined }],
    ['a day that is none', { ...row, key: { ...row.key, day: '2026-13-01' } }],
    ['no version', { ...row, version: 0 }],
    ['parts of a number', { ...row, totals: { ...row.totals, cost: 0.5 } }],
    ['a counter too few', { ...row, totals: { calls: 1 } }],
  ])('refuses a message with %s', async (_, message) => {
    await expect(setup().ledger.apply(message)).rejects.toThrow();
  });

  it('tries again when the row moves under it, and gives up when it always does', async () => {
    const { ledger, tables, totals } = setup();
    const real = tables.write.bind(tables);
    let moves = 3;
    tables.write = async (...args) => (moves-- > 0 ? undefined : real(...args));
    expect(await ledger.apply(row)).toBe('written');
    expect((await totals()).calls).toBe(1);
    tables.write = async () => undefined;
    await expect(ledger.apply({ ...row, version: 4 })).rejects.toThrow('conflict');
  });

  it('throws what the table throws, so that the queue brings it again', async () => {
    const { ledger, tables } = setup();
    tables.get = down;
    await expect(ledger.apply(row)).rejects.toThrow('down');
  });
});

describe('the duration of a flush', () => {
  let telemetry: MemoryTelemetry;
  beforeEach(() => {
    telemetry = startMemoryTelemetry();
  });
  afterEach(() => telemetry.stop());

  it('is measured by outcome, and says nothing of whose usage it is', async () => {
    const { ledger, tables, queues } = setup();
    await ledger.record({ caller: 'secret-caller', amounts: { calls: 1 }, once: 'x' });
    await ledger.record({ caller: 'secret-caller', amounts: { calls: 1 }, once: 'x' });
    tables.write = down;
    queues.send = down;
    await expect(ledger.record({ caller: 'secret-caller', amounts: { calls: 1 } })).rejects.toThrow();
    const metrics = await telemetry.metrics();
    const flush = metrics.find(({ descriptor }) => descriptor.name === 'gatehouse.usage.flush.duration');
    expect(flush?.dataPoints.map(({ attributes }) => attributes)).toEqual(
      ['stored', 'repeated', 'failed'].map((outcome) => ({ 'gatehouse.outcome': outcome })),
    );
    expect(JSON.stringify(metrics)).not.toContain('secret');
  });
});
