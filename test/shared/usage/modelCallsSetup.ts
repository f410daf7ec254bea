import { AppError } from '../../../shared/errors.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { usageStatistics } from '../../../shared/usage/ledger/statistics.ts';
import type { ModelCall, ModelReply } from '../../../shared/usage/modelCalls.ts';
import { createModelAccess } from '../../support/audit.ts';
import { memoryLog } from '../../support/http.ts';

/** No budget or quota refills while a test runs, except when a month ends. */
const month = (quota: number) => [{ quota, window: 'month' }];
export const policy = (
  unit: 'requests' | 'tokens' | 'microdollars',
  quota: number,
  more: Partial<PolicyInput> = {},
) =>
  ({
    name: unit,
    operations: ['model-call'],
    scope: 'deployment',
    unit,
    limits: month(quota),
    localShare: 0,
    ...more,
  }) satisfies PolicyInput;

/** gpt-4o: 2.5 dollars in, 1.25 cached, 10 out for a million. */
const priced = { GATEHOUSE_DEPLOYMENTS: '{"d": {"model": "gpt-4o"}}' };
export const call: ModelCall = {
  provider: 'openai',
  deployment: 'd',
  caller: 'c',
  tenant: 't',
  inputTokens: 1_000,
  maxOutputTokens: 400,
};
export const worstCost = 1_000 * 2.5 + 400 * 10;
export const tokens = { input: 900, cached: 100, written: 0, output: 50 };
export const cost = 800 * 2.5 + 100 * 1.25 + 50 * 10;
export const done = (told: Partial<ModelReply<string>> = {}): ModelReply<string> =>
  ({ tokens, ...told, ok: true, value: 'answer' }) as ModelReply<string>;
export const failed = (
  more: Partial<Extract<ModelReply<string>, { ok: false }>> = {},
): ModelReply<string> => ({
  ok: false,
  error: new AppError('engine-failed', 'It broke.'),
  isThrottled: false,
  isRetryable: true,
  ...more,
});

type Options = Parameters<typeof createModelAccess>[1];

export function setup(policies: readonly PolicyInput[] = [], options: Options = {}) {
  const access = createModelAccess(policies, { env: priced, ...options });
  const { log, lines } = memoryLog();
  const never = new AbortController().signal;
  const run = (
    attempt: () => ModelReply<string> | Promise<ModelReply<string>>,
    of: Partial<ModelCall> = {},
    signal = never,
  ) => access.calls.run({ ...call, ...of }, async () => attempt(), signal, log);
  const left = async (name: string, identifier = 'd') =>
    (await access.admin.status(name, identifier)).tokens_remaining;
  const figures = async () => (await usageStatistics(access.stores.tables, new Date(), 2, [])).totals;
  const events = () => lines.map(({ event }) => event);
  return { ...access, run, left, figures, lines, events };
}
