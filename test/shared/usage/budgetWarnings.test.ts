import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LimitState } from '../../../shared/limits/decision.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { BudgetWarnings } from '../../../shared/usage/budgetWarnings.ts';
import { memoryLog } from '../../support/http.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

let telemetry: MemoryTelemetry;
beforeEach(() => {
  telemetry = startMemoryTelemetry();
});
afterEach(() => telemetry.stop());

const daily: PolicyInput = {
  name: 'money',
  operations: ['model-call'],
  scope: 'tenant',
  unit: 'microdollars',
  limits: [{ quota: 1_000, window: 'day' }],
  warnAt: [0.5, 0.8],
};
const monthly: PolicyInput = { ...daily, limits: [{ quota: 1_000, window: 'month' }] };

function setup(...policies: PolicyInput[]) {
  const warnings = new BudgetWarnings(policies.map((policy) => policySchema.parse(policy)));
  const { log, lines } = memoryLog();
  const look = (used: number, at: string, subject = { tenant: 'acme', caller: 'c', deployment: 'd' }) => {
    const windowSeconds = policies[0]?.limits[0]?.window === 'month' ? 31 * 86_400 : 86_400;
    const state: LimitState = {
      name: 'money',
      unit: 'microdollars',
      quota: 1_000,
      windowSeconds,
      remaining: 1_000 - used,
      resetSeconds: 60,
    };
    warnings.look([state], subject, new Date(at), log);
    return lines.splice(0).map(({ fields }) => fields);
  };
  return { look, warnings, log, lines };
}

describe('BudgetWarnings', () => {
  it('tells of each threshold once, the highest that is passed', () => {
    const { look } = setup(daily);
    const at = '2026-11-21T10:00:00Z';
    expect(look(499, at)).toEqual([]);
    expect(look(500, at)).toEqual([{ policy: 'money', threshold: 0.5, used: 0.5 }]);
    expect(look(700, at)).toEqual([]);
    expect(look(950, at)).toEqual([{ policy: 'money', threshold: 0.8, used: 0.95 }]);
    expect(look(1_000, at)).toEqual([]);
  });

  it('is quiet about a lower threshold when some comes back after a higher one was told', () => {
    const { look } = setup(daily);
    const at = '2026-11-21T10:00:00Z';
    expect(look(900, at)).toHaveLength(1);
    expect(look(600, at)).toEqual([]);
    expect(look(850, at)).toEqual([]);
  });

  it.each([0.1, 0.15, 0.29, 0.57, 0.7, 0.9])('tells at exactly %d', (threshold) => {
    const { look } = setup({ ...daily, warnAt: [threshold] });
    const micro = Math.round(threshold * 1_000);
    expect(look(micro - 1, '2026-11-21T10:00:00Z')).toEqual([]);
    expect(look(micro, '2026-11-21T10:00:00Z')).toHaveLength(1);
  });

  it('tells again on the next day', () => {
    const { look } = setup(daily);
    expect(look(900, '2026-11-21T00:00:00Z')).toHaveLength(1);
    expect(look(900, '2026-11-21T23:59:59Z')).toEqual([]);
    expect(look(900, '2026-11-22T00:00:00Z')).toHaveLength(1);
  });

  it('tells once in each month, by the calendar', () => {
    for (let month = 0; month < 24; month++) {
      const { look } = setup(monthly);
      const day = (n: number) => new Date(Date.UTC(2026, month, n, 12)).toISOString();
      const told = Array.from({ length: 28 }, (_, i) => look(900, day(i + 1)).length);
      expect(
        told.reduce((sum, n) => sum + n, 0),
        day(1),
      ).toBe(1);
      const next = new Date(Date.UTC(2026, month + 1, 1)).toISOString();
      expect(look(900, next), next).toHaveLength(1);
    }
  });

  it('tells once of one budget, whoever spends it, and of another one as well', () => {
    const { look } = setup(daily);
    const at = '2026-11-21T10:00:00Z';
    expect(look(900, at)).toHaveLength(1);
    expect(look(900, at, { tenant: 'acme', caller: 'another', deployment: 'other' })).toEqual([]);
    expect(look(900, at, { tenant: 'zenith', caller: 'c', deployment: 'd' })).toHaveLength(1);
  });

  it('tells once of a budget that all share', () => {
    const { look } = setup({ ...daily, scope: 'global' });
    const at = '2026-11-21T10:00:00Z';
    expect(look(900, at)).toHaveLength(1);
    expect(look(900, at, { tenant: 'zenith', caller: 'x', deployment: 'y' })).toEqual([]);
  });

  it('says whose budget it is nowhere, and counts by policy and threshold', async () => {
    const { look } = setup(daily);
    const said = look(900, '2026-11-21T10:00:00Z', {
      tenant: 'secret-t',
      caller: 'secret-c',
      deployment: 'd',
    });
    expect(JSON.stringify(said)).not.toContain('secret');
    const metric = (await telemetry.metrics()).find(
      ({ descriptor }) => descriptor.name === 'gatehouse.budget.warnings',
    );
    expect(metric?.dataPoints).toMatchObject([
      { value: 1, attributes: { 'gatehouse.policy': 'money', 'gatehouse.threshold': 0.8 } },
    ]);
  });

  it('has nothing to say of limits that are no budgets', () => {
    const { look } = setup({ ...daily, unit: 'tokens' });
    expect(look(1_000, '2026-11-21T10:00:00Z')).toEqual([]);
  });

  it('does not remember without end', () => {
    const { look } = setup(daily);
    const at = '2026-11-21T10:00:00Z';
    const subject = (n: number) => ({ tenant: `t${n}`, caller: 'c', deployment: 'd' });
    for (let n = 0; n < 10_000; n++) look(900, at, subject(n));
    expect(look(900, at, subject(9_999))).toEqual([]);
    expect(look(900, at, subject(10_000))).toHaveLength(1);
    // What was told is told once more rather than kept for ever.
    expect(look(900, at, subject(0))).toHaveLength(1);
  });
});
