import { describe, expect, it, vi } from 'vitest';
import type { Progress, Spent } from '../../../../shared/audit/engines/engine.ts';
import { Account, type CostOf } from '../../../../shared/audit/engines/model/account.ts';

const dollar: CostOf = ({ input, output }) => input + output;
const expected = { inputTokens: 8_000, outputTokens: 2_000 };
const used = { input: 8_000, cached: 0, written: 0, output: 100 };

const before: Spent = {
  usage: {
    calls: 4,
    input_tokens: 18_000,
    output_tokens: 2_000,
    cached_input_tokens: 0,
    written_input_tokens: 0,
    total_tokens: 20_000,
    remembered_steps: 3,
    cost: { billed: 20_000, uncached: 20_000, as_json: 20_000 },
  },
  steps: 2,
};

function account(most: { tokens?: number; costMicroUsd?: number }, costOf = dollar, told?: Spent) {
  return new Account(costOf, { most, progress: () => {}, before: told });
}

describe('what one audit may spend', () => {
  it('counts a call once, also while it is being settled', async () => {
    const of = account({ tokens: 20_000 });
    const settled = Promise.withResolvers<void>();
    const first = of.spend(expected, (told) => {
      told(used, 0);
      return settled.promise;
    });
    await expect(of.spend(expected, async () => 'sent')).resolves.toBe('sent');
    settled.resolve();
    await first;
  });

  it('counts calls side by side', async () => {
    const of = account({ tokens: 20_000 });
    const never = () => new Promise(() => {});
    void of.spend(expected, never);
    void of.spend(expected, never);
    await expect(of.spend(expected, never)).rejects.toMatchObject({ code: 'over-maximum' });
  });

  it('counts what was expected of an answer without usage, and does not call it free', async () => {
    const of = account({ costMicroUsd: 20_000 });
    await of.spend(expected, async () => {});
    await of.spend(expected, async () => {});
    await expect(of.spend(expected, async () => {})).rejects.toMatchObject({ code: 'over-maximum' });
    expect(of.usage()).toMatchObject({ calls: 2, total_tokens: 0, cost: null });
  });

  it('calls free what is paid for already', async () => {
    const of = account({}, () => 0);
    await of.spend(expected, async () => {});
    expect(of.usage().cost?.billed).toBe(0);
  });

  it('gives back what a failed call did not use', async () => {
    const of = account({ tokens: 10_000 });
    await expect(of.spend(expected, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(of.spend(expected, async () => 'sent')).resolves.toBe('sent');
  });

  it('keeps counting money where one price is not known', async () => {
    let isKnown = true;
    const of = account({ costMicroUsd: 25_000 }, (tokens) => (isKnown ? dollar(tokens) : undefined));
    await of.spend(expected, async (told) => told({ ...used, output: 8_000 }, 0));
    isKnown = false;
    await of.spend(expected, async (told) => told(used, 0));
    isKnown = true;
    await expect(of.spend(expected, async () => {})).rejects.toMatchObject({ code: 'over-maximum' });
  });

  it('counts the money of runs before', async () => {
    const of = account({ costMicroUsd: 29_000 }, dollar, before);
    await expect(of.spend(expected, async () => {})).rejects.toMatchObject({ code: 'over-maximum' });
  });

  it.each<[string, { tokens?: number; costMicroUsd?: number }]>([
    ['tokens', { tokens: 25_000 }],
    ['money', { costMicroUsd: 25_000 }],
  ])('counts in %s what runs before were answered without usage', async (_, most) => {
    const told = vi.fn<(progress: Progress) => void>();
    const first = new Account(dollar, { most, progress: told });
    await first.spend(expected, async () => {});
    await first.spend(expected, async () => {});
    const second = account(most, dollar, told.mock.lastCall?.[0].spent);
    await expect(second.spend(expected, async () => {})).rejects.toMatchObject({ code: 'over-maximum' });
  });

  it('tells no fewer remembered steps than the run before, and none that it paid for', () => {
    const of = account({}, dollar, before);
    expect(of.usage().remembered_steps).toBe(3);
    for (let n = 0; n < 6; n++) of.stepDone(true);
    expect(of.usage().remembered_steps).toBe(4);
  });

  it('leaves an answer what calls under way and its own question leave of the tokens', () => {
    const of = account({ tokens: 20_000 });
    void of.spend(expected, () => new Promise(() => {}));
    expect([of.mostOutput(8_000, 4_000), of.mostOutput(3_000, 4_000), of.mostOutput(9_900, 4_000)]).toEqual([
      2_000, 4_000, 256,
    ]);
    expect(account({}).mostOutput(8_000, 4_000)).toBe(4_000);
  });

  it('compares with what nothing written into a prompt cache would have cost', async () => {
    const of = account({}, ({ input, cached, written }) => input - cached / 2 + written / 4);
    await of.spend(expected, async (told) =>
      told({ input: 1_000, cached: 200, written: 400, output: 0 }, 50),
    );
    expect(of.usage().cost).toEqual({ billed: 1_000, uncached: 1_000, as_json: 1_050 });
    await of.spend(expected, async (told) => told({ input: 1_000, cached: 0, written: 400, output: 0 }, 0));
    expect(of.usage().cost).toEqual({ billed: 2_100, uncached: 2_000, as_json: 2_050 });
  });
});
