import { describe, expect, it } from 'vitest';
import { Account, type CostOf } from '../../../../shared/audit/engines/model/account.ts';

const dollar: CostOf = ({ input, output }) => input + output;
const expected = { inputTokens: 8_000, outputTokens: 2_000 };
const used = { input: 8_000, cached: 0, written: 0, output: 100 };

function account(most: { tokens?: number; costMicroUsd?: number }, costOf = dollar) {
  return new Account(costOf, { most, progress: () => {} });
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
});
