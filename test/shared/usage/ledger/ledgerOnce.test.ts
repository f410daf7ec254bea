import { describe, expect, it } from 'vitest';
import { usageQueue } from '../../../../shared/usage/ledger/ledger.ts';
import { down, hang, setup } from './ledgerSetup.ts';

describe('an entry that counts once', () => {
  const call = (id: string) => ({ tenant: 'acme', amounts: { voiceCalls: 1, vapiCost: 7 }, once: id });

  it('is counted once however often it comes', async () => {
    const { ledger, make, totals } = setup();
    expect(await ledger.record(call('a'))).toBe('stored');
    expect(await ledger.record(call('a'))).toBe('repeated');
    expect(await make('two').record(call('a'))).toBe('repeated');
    expect(await ledger.record(call('b'))).toBe('stored');
    expect(await totals()).toMatchObject({ voice_calls: 2, vapi_cost: 0.000014 });
  });

  it('is counted once when it comes several times at the same moment', async () => {
    const { ledger, make, totals } = setup();
    const two = make('two');
    const outcomes = await Promise.all([ledger, two, ledger, two, ledger].map((at) => at.record(call('a'))));
    expect(outcomes.toSorted()).toEqual(['repeated', 'repeated', 'repeated', 'repeated', 'stored']);
    expect((await totals()).voice_calls).toBe(1);
  });

  it('is counted once for whichever tenant came first', async () => {
    const { ledger, totals } = setup();
    await ledger.record(call('a'));
    expect(await ledger.record({ ...call('a'), tenant: 'zenith' })).toBe('repeated');
    expect((await totals()).voice_calls).toBe(1);
  });

  it('goes with hundreds of others, more than a transaction holds, among them repeated ones', async () => {
    const { ledger, totals, tables } = setup();
    const transact = tables.transact.bind(tables);
    tables.transact = (table, steps) => {
      expect(steps.length).toBeLessThanOrEqual(100);
      return transact(table, steps);
    };
    await Promise.all(Array.from({ length: 250 }, (_, i) => ledger.record(call(`${i}`))));
    const outcomes = await Promise.all(Array.from({ length: 300 }, (_, i) => ledger.record(call(`${i}`))));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(50);
    expect((await totals()).voice_calls).toBe(300);
  });

  it.each(['throws', 'hangs'])('is counted once when the write landed and its answer %s', async (kind) => {
    const { ledger, tables, totals, queues } = setup();
    await ledger.record(call('before'));
    const real = tables.transact.bind(tables);
    tables.transact = async (...args) => {
      await real(...args);
      return kind === 'throws' ? down() : hang();
    };
    await expect(ledger.record(call('a'))).rejects.toThrow();
    tables.transact = real;
    expect(await ledger.record(call('a'))).toBe('repeated');
    expect(await ledger.record(call('after'))).toBe('stored');
    expect((await totals()).voice_calls).toBe(3);
    expect(queues.drain(usageQueue)).toEqual([]);
  });

  it('is counted once when the first try lands after the second', async () => {
    const { ledger, tables, totals } = setup();
    await ledger.record(call('before'));
    const real = tables.transact.bind(tables);
    let land = async () => {};
    tables.transact = (...args) => {
      land = async () => void (await real(...args));
      return hang();
    };
    await expect(ledger.record(call('a'))).rejects.toThrow('in time');
    tables.transact = real;
    expect(await ledger.record(call('a'))).toBe('stored');
    await land();
    expect(await ledger.record(call('b'))).toBe('stored');
    expect((await totals()).voice_calls).toBe(3);
  });

  it('is counted once when the first try lands between two others, and those are counted too', async () => {
    const { ledger, tables, totals } = setup();
    const real = tables.transact.bind(tables);
    let land = async () => {};
    tables.transact = (...args) => {
      land = async () => void (await real(...args));
      return hang();
    };
    await expect(ledger.record(call('a'))).rejects.toThrow('in time');
    tables.transact = async (...args) => {
      await land();
      return real(...args);
    };
    expect(await Promise.all([ledger.record(call('b')), ledger.record(call('a'))])).toEqual([
      'stored',
      'repeated',
    ]);
    expect((await totals()).voice_calls).toBe(2);
  });

  it('is never put into the queue, where it could be counted again', async () => {
    const { ledger, tables, queues } = setup();
    tables.transact = down;
    await expect(ledger.record(call('a'))).rejects.toThrow('down');
    expect(queues.drain(usageQueue)).toEqual([]);
  });
});
