import { describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { OnceOnly } from '../../../../shared/tools/live/onceOnly.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { toolContext } from '../../../support/publishedTools.ts';

const deadlineMs = 2_000;

function world() {
  const { tables } = createMemoryStores();
  return { tables, once: new OnceOnly(tables), other: new OnceOnly(tables) };
}

describe('work with effects', () => {
  it('is done once for a key, however many ask at the same time, and all get its answer', async () => {
    const { once, other } = world();
    const work = vi.fn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { booked: 'Tue 3 pm' };
    });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        (i % 2 ? once : other).run('book', toolContext(), deadlineMs, work),
      ),
    );
    expect(answers).toEqual(Array(8).fill({ booked: 'Tue 3 pm' }));
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('is not begun where storage took the time that was left', async () => {
    const { tables, once } = world();
    const write = tables.write.bind(tables);
    vi.spyOn(tables, 'write').mockImplementation(async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return write(...args);
    });
    const work = vi.fn(async (leftMs: number) => leftMs);
    await expect(once.run('book', toolContext(), 200, work)).rejects.toThrow('it was not done');
    expect(work).not.toHaveBeenCalled();
    await expect(once.run('book', toolContext(), deadlineMs, work)).rejects.toThrow('it was not done');
    const left = await once.run('book', toolContext({ idempotencyKey: 'l' }), deadlineMs, work);
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThanOrEqual(deadlineMs - 149);
  });

  it('is done again for another key, tool or tenant', async () => {
    const { once } = world();
    const work = vi.fn(async () => 'done');
    await once.run('book', toolContext(), deadlineMs, work);
    await once.run('book', toolContext({ idempotencyKey: 'l' }), deadlineMs, work);
    await once.run('cancel', toolContext(), deadlineMs, work);
    await once.run('book', toolContext({ tenantId: 'other' }), deadlineMs, work);
    expect(work).toHaveBeenCalledTimes(4);
  });

  it('that was refused is refused again in the same words', async () => {
    const { once } = world();
    const work = vi.fn().mockRejectedValue(new ToolError('That time is taken.'));
    for (let i = 0; i < 2; i++)
      await expect(once.run('book', toolContext(), deadlineMs, work)).rejects.toThrow('That time is taken.');
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('that failed half-way is not tried again: nobody knows how far it came', async () => {
    const { once } = world();
    const work = vi.fn().mockRejectedValue(new Error('ECONNRESET'));
    await expect(once.run('book', toolContext(), deadlineMs, work)).rejects.toThrow('ECONNRESET');
    await expect(once.run('book', toolContext(), deadlineMs, work)).rejects.toThrow(
      'not known whether this was done',
    );
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('that is still being done is told so when time is up', async () => {
    const { once } = world();
    void once.run('book', toolContext(), 60_000, () => new Promise(() => {}));
    await expect(once.run('book', toolContext(), 500, vi.fn())).rejects.toThrow('still being done');
  });

  it('whose instance is gone has an end that is not known, at once', async () => {
    const { once } = world();
    void once.run('book', toolContext(), 60_000, () => new Promise(() => {}));
    const later = toolContext({ now: new Date('2026-11-21T00:00:31Z') });
    const work = vi.fn();
    await expect(once.run('book', later, deadlineMs, work)).rejects.toThrow('not known whether');
    expect(work).not.toHaveBeenCalled();
  });

  it('is told of even where its end cannot be written', async () => {
    const { once, tables } = world();
    const write = tables.write.bind(tables);
    vi.spyOn(tables, 'write').mockImplementation((table, operation) =>
      operation.kind === 'merge' ? Promise.reject(new Error('down')) : write(table, operation),
    );
    expect(await once.run('book', toolContext(), deadlineMs, async () => 'booked')).toBe('booked');
  });

  it('is not begun where that cannot be noted', async () => {
    const { once, tables } = world();
    vi.spyOn(tables, 'write').mockRejectedValue(new Error('down'));
    const work = vi.fn();
    await expect(once.run('book', toolContext(), deadlineMs, work)).rejects.toThrow('down');
    expect(work).not.toHaveBeenCalled();
  });

  it('with an answer too long to keep is not repeated', async () => {
    const { once } = world();
    const long = 'x'.repeat(31_000);
    expect(await once.run('book', toolContext(), deadlineMs, async () => long)).toBe(long);
    await expect(once.run('book', toolContext(), deadlineMs, vi.fn())).rejects.toThrow('not known whether');
  });

  it('is forgotten after its time', async () => {
    const { once } = world();
    await once.run('book', toolContext(), deadlineMs, async () => 'one');
    expect(await once.forget(new Date('2026-11-20T00:00:00Z'), 10)).toBe(0);
    expect(await once.forget(new Date('2026-11-22T00:00:00Z'), 10)).toBe(1);
    expect(await once.run('book', toolContext(), deadlineMs, async () => 'two')).toBe('two');
  });
});
