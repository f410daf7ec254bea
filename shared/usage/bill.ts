import type { Counters } from './ledger/counters.ts';
import { costMicroUsd, type TokenCounts } from './prices/cost.ts';
import type { ResolvedPrice } from './prices/deployments.ts';

/** More than any model reads or writes in one call; sums of what services tell stay whole. */
const mostTokens = 1_000_000_000;

/** What one reply of a model used, as far as the service told. */
export interface Bill {
  /** Whole; undefined where none were told. */
  tokens: TokenCounts | undefined;
  /** Input and output together. */
  used: number;
  /** Micro-dollars; undefined where the price or the usage of an answer is not known. */
  cost: number | undefined;
  /** False for an answer without usage, usable or not: it was not free, and what was reserved for it stands. */
  isTold: boolean;
  isUnpriced: boolean;
}

/** Token counts as whole numbers. */
export function wholeTokens({ input, cached, written, output }: TokenCounts): TokenCounts {
  return {
    input: wholeCount(input),
    cached: wholeCount(cached),
    written: wholeCount(written),
    output: wholeCount(output),
  };
}

/** A figure of a service as a whole number: what is no positive number counts as 0, fractions are cut off. */
export function wholeCount(told: unknown): number {
  return typeof told === 'number' && Number.isFinite(told) && told > 0
    ? Math.min(Math.trunc(told), mostTokens)
    : 0;
}

/** Micro-dollars; undefined where the price is not known. */
export function priceOf(price: ResolvedPrice, tokens: TokenCounts | undefined): number | undefined {
  if (price.kind === 'unknown') return undefined;
  return price.kind === 'priced' && tokens ? costMicroUsd(tokens, price.price) : 0;
}

/** @param told tokens as the service tells them; undefined of a failure means that there was no answer. */
export function billOf(isOk: boolean, told: TokenCounts | undefined, price: ResolvedPrice): Bill {
  const tokens = told && wholeTokens(told);
  const used = (tokens?.input ?? 0) + (tokens?.output ?? 0);
  const isAnswer = isOk || told !== undefined;
  const isTold = used > 0 || !isAnswer;
  const cost = isTold || price.kind === 'included' ? priceOf(price, tokens) : undefined;
  return { tokens, used, cost, isTold, isUnpriced: cost === undefined && isAnswer };
}

/** A bill as the ledger counts it. */
export function amountsOf(isOk: boolean, { tokens, cost, isUnpriced }: Bill) {
  return {
    calls: 1,
    failures: isOk ? 0 : 1,
    unpricedCalls: isUnpriced ? 1 : 0,
    inputTokens: tokens?.input ?? 0,
    cachedTokens: tokens?.cached ?? 0,
    writtenTokens: tokens?.written ?? 0,
    outputTokens: tokens?.output ?? 0,
    cost: cost ?? 0,
  } satisfies Partial<Counters>;
}
