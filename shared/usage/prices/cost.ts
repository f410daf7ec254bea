import type { Price, Rates } from './modelPrice.ts';

/** Tokens of one request. `input` includes `cached` (read from the prompt cache) and `written` (put into it). */
export interface TokenCounts {
  input: number;
  cached: number;
  written: number;
  output: number;
}

/** Picodollars times thousandths in a micro-dollar. */
const unitsPerMicroUsd = 1_000_000_000n;

/**
 * What a request costs, in whole micro-dollars. Exact up to one rounding, half up, at the end. Counts that make no
 * sense are clamped: what is no positive number counts as 0, fractions are cut off, `cached` is at most `input`, and
 * `written` at most what `cached` leaves of it.
 */
export function costMicroUsd(tokens: TokenCounts, price: Price): number {
  const input = toCount(tokens.input);
  const cached = least(toCount(tokens.cached), input);
  const written = least(toCount(tokens.written), input - cached);
  const rates = ratesAt(input, price);
  const picoUsd =
    (input - cached - written) * BigInt(rates.input) +
    cached * BigInt(rates.cachedInput) +
    written * BigInt(rates.cacheWrite ?? rates.input) +
    toCount(tokens.output) * BigInt(rates.output);
  return toMicroUsd(picoUsd, price.multiplier);
}

/**
 * The most a request can cost that has up to `input` tokens of input and up to `maxOutput` of output, in whole
 * micro-dollars: all input at the dearest of the input rates, in the dearer of the tiers it can reach.
 */
export function worstCostMicroUsd(tokens: { input: number; maxOutput: number }, price: Price): number {
  const input = toCount(tokens.input);
  const output = toCount(tokens.maxOutput);
  const tier = price.longContext;
  const isLong = tier !== null && input >= BigInt(tier.fromInputTokens);
  const short = worstPicoUsd(isLong ? BigInt(tier.fromInputTokens) - 1n : input, output, price);
  const long = isLong ? worstPicoUsd(input, output, tier) : 0n;
  return toMicroUsd(short > long ? short : long, price.multiplier);
}

function worstPicoUsd(input: bigint, output: bigint, rates: Rates): bigint {
  const dearest = Math.max(rates.input, rates.cachedInput, rates.cacheWrite ?? 0);
  return input * BigInt(dearest) + output * BigInt(rates.output);
}

function ratesAt(input: bigint, price: Price): Rates {
  const tier = price.longContext;
  return tier !== null && input >= BigInt(tier.fromInputTokens) ? tier : price;
}

function toCount(tokens: number): bigint {
  return tokens > 0 ? BigInt(Math.min(Math.trunc(tokens), Number.MAX_SAFE_INTEGER)) : 0n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Half up; amounts above the largest safe integer stay there. */
function toMicroUsd(picoUsd: bigint, multiplier: number): number {
  const microUsd = (picoUsd * BigInt(multiplier) + unitsPerMicroUsd / 2n) / unitsPerMicroUsd;
  return Number(least(microUsd, BigInt(Number.MAX_SAFE_INTEGER)));
}
