import { AppError } from '../../errors.ts';
import type { AuditOptions } from '../auditRequest.ts';
import type { Estimate } from './engine.ts';

export function overMaximum(option: 'maxTokens' | 'maxCost', estimate?: Estimate): AppError {
  const what = option === 'maxTokens' ? 'tokens' : 'money';
  const when = estimate
    ? 'It was refused before any was spent'
    : 'It stopped, and keeps the steps it has finished';
  return new AppError(
    'over-maximum',
    `The audit would use more ${what} than ${option} allows. ${when}. Raise ${option}, or send less source.`,
    estimate ? { details: { estimate: estimateJson(estimate) } } : {},
  );
}

/** @throws AppError `over-maximum`, or `misconfigured` where money is limited and the price of the model is not known. */
export function checkMaximum(
  estimate: Estimate,
  { maxTokens, maxCostMicroUsd }: Pick<AuditOptions, 'maxTokens' | 'maxCostMicroUsd'>,
): void {
  const { inputTokens, outputTokens, costMicroUsd } = estimate;
  if (maxTokens !== undefined && inputTokens + outputTokens > maxTokens)
    throw overMaximum('maxTokens', estimate);
  if (maxCostMicroUsd === undefined) return;
  if (costMicroUsd === undefined)
    throw new AppError(
      'misconfigured',
      'maxCost is set, and the price of the model is not known. Name its model or price in GATEHOUSE_DEPLOYMENTS, or leave maxCost out.',
    );
  if (costMicroUsd > maxCostMicroUsd) throw overMaximum('maxCost', estimate);
}

const microUsd = 1_000_000;

/** An estimate as clients are told it. */
export function estimateJson({ parts, calls, inputTokens, outputTokens, costMicroUsd, seconds }: Estimate) {
  return {
    parts,
    calls,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost_usd: costMicroUsd === undefined ? null : costMicroUsd / microUsd,
    seconds: Math.ceil(seconds),
  };
}
