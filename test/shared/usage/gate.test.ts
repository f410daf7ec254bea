import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gate } from '../../../shared/usage/gate.ts';

const never = new AbortController().signal;
const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};

describe('Gate', () => {
  it('gives what the work gives, and throws what it throws', async () => {
    const gate = new Gate(1);
    expect(await gate.run(never, async () => 7)).toBe(7);
    await expect(gate.run(never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.run(never, async () => 8)).toBe(8);
  });

  it('lets those who wait in by the order they came', async () => {
    const gate = new Gate(2);
    const order: number[] = [];
    const work = (n: number) => () => {
      order.push(n);
      return turns(3);
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => gate.run(never, work(n))));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps the place of who waits from one who comes back at once', async () => {
    const gate = new Gate(1);
    const order: string[] = [];
    let inside = 0;
    const work = (name: string) => async () => {
      order.push(name);
      expect(++inside).toBe(1);
      await turns(1);
      inside--;
    };
    const eager = (async () => {
      await gate.run(never, work('eager'));
      await gate.run(never, work('eager again'));
    })();
    await Promise.all([eager, gate.run(never, work('patient'))]);
    expect(order).toEqual(['eager', 'patient', 'eager again']);
  });

  it('never has more inside than it may, and lets everybody through, whoever leaves the queue', async () => {
    const job = fc.record({
      rounds: fc.integer({ min: 1, max: 3 }),
      turns: fc.integer({ min: 0, max: 6 }),
      comesAfter: fc.integer({ min: 0, max: 6 }),
      leavesAfter: fc.option(fc.integer({ min: 0, max: 12 })),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(job, { maxLength: 12 }),
        async (most, jobs) => {
          const gate = new Gate(most);
          let [inside, highest, done] = [0, 0, 0];
          const visit = (signal: AbortSignal, { turns: n, fails }: (typeof jobs)[number]) =>
            gate.run(signal, async () => {
              highest = Math.max(highest, ++inside);
              await turns(n);
              inside--;
              if (fails) throw new Error('work');
            });
          await Promise.all(
            jobs.map(async (one) => {
              await turns(one.comesAfter);
              const leaving = new AbortController();
              const { leavesAfter } = one;
              if (leavesAfter !== null) void turns(leavesAfter).then(() => leaving.abort(new Error('left')));
              for (let i = 0; i < one.rounds; i++)
                await visit(leaving.signal, one).catch((error: Error) => {
                  expect(['work', 'left']).toContain(error.message);
                });
              done++;
            }),
          );
          expect(highest).toBeLessThanOrEqual(most);
          expect([inside, done]).toEqual([0, jobs.length]);
          // Nobody left with a place: as many as may are let in again at once.
          let again = 0;
          const fill = Array.from({ length: most }, () => gate.run(never, async () => void again++));
          await Promise.all(fill);
          expect(again).toBe(most);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it('throws the reason of a signal that ends the wait, and does not run the work', async () => {
    const gate = new Gate(1);
    const busy = Promise.withResolvers<void>();
    const first = gate.run(never, () => busy.promise);
    const leaving = new AbortController();
    let ran = false;
    const second = gate.run(leaving.signal, async () => {
      ran = true;
    });
    const third = gate.run(never, async () => 'third');
    leaving.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    busy.resolve();
    await first;
    expect(await third).toBe('third');
    expect(ran).toBe(false);
  });

  it('lets nobody in whose signal is aborted already', async () => {
    const gate = new Gate(1);
    await expect(gate.run(AbortSignal.abort(new Error('gone')), () => expect.fail('ran'))).rejects.toThrow(
      'gone',
    );
    expect(await gate.run(never, async () => 1)).toBe(1);
  });
});
