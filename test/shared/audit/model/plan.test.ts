import { describe, expect, it } from 'vitest';
import type { CostOf } from '../../../../shared/audit/engines/model/account.ts';
import { estimateAudit, type Plan } from '../../../../shared/audit/engines/model/plan.ts';
import { input } from '../../../support/audit.ts';

const text = Array.from({ length: 40 }, (_, n) => `- The shop must have feature ${n}.`).join('\n');
const many = { ...input, designs: [{ path: 'docs/hld.md', text }] };
const plan: Plan = {
  counted: [{ file: { path: 'a.ts', text: '' }, tokens: 30_000 }],
  parts: Array.from({ length: 6 }, (_, n) => ({ files: [], tokens: 5_000, hash: String(n) })),
  design: { text: '', tokens: 0 },
  designTokens: 1_000,
};
const plain = { advice: false, concurrency: 1, question: false };
const micro: CostOf = (tokens) => tokens.input + tokens.output;
const estimate = (asked: Partial<typeof plain> = {}, costOf = micro) =>
  estimateAudit(many, plan, { ...plain, ...asked }, costOf);

describe('the estimate of an audit', () => {
  it('counts reading, each part, and the looks at gaps, at advice and at a question', () => {
    expect(estimate().calls).toBe(1 + 6 + 2);
    expect(estimate({ advice: true }).calls).toBe(1 + 6 + 4);
    expect(estimate({ question: true }).calls).toBe(1 + 6 + 3);
  });

  it('costs what all of its tokens cost, and nothing is known of it where one price is not', () => {
    const { inputTokens, outputTokens, costMicroUsd } = estimate();
    expect(inputTokens).toBe(7_000 + 6 * 11_000 + 2 * 30_000);
    expect(costMicroUsd).toBe(inputTokens + outputTokens);
    const upTo =
      (most: number): CostOf =>
      (tokens) =>
        tokens.input > most ? undefined : micro(tokens);
    expect(estimate({}, upTo(20_000)).costMicroUsd).toBeUndefined();
  });

  it('takes less long where calls run side by side', () => {
    expect(estimate({ concurrency: 6 }).seconds).toBeLessThan(estimate().seconds / 2);
  });
});
