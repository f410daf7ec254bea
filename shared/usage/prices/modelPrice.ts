/** What tokens cost, in whole picodollars a token: 1 USD per 1M tokens is 1,000,000 of them. */
export interface Rates {
  readonly input: number;
  readonly cachedInput: number;
  /** null: no surcharge, a token written to the cache costs as input. */
  readonly cacheWrite: number | null;
  readonly output: number;
}

/** Rates of a whole request, output included, that has at least `fromInputTokens` of input. */
export interface LongContextRates extends Rates {
  readonly fromInputTokens: number;
}

export interface TieredRates extends Rates {
  readonly longContext: LongContextRates | null;
}

/** A model's list price for global standard deployments. */
export interface ModelPrice extends TieredRates {
  /** ISO day on which the price was recorded. */
  readonly from: string;
  /** null where no source says. */
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
}

/** Prices by model name. */
export type PriceData = Readonly<Record<string, ModelPrice>>;

/** What a deployment pays. The multiplier, in thousandths, is applied before the one rounding, not to the rates. */
export interface Price extends TieredRates {
  readonly multiplier: number;
}

type RateColumns = readonly [input: number, cachedInput: number, cacheWrite: number | null, output: number];

/** One row of the generated table: day, maximum tokens, rates, the long-context tier with its threshold first. */
export function modelPrice(
  from: string,
  [maxInputTokens, maxOutputTokens]: readonly [input: number | null, output: number | null],
  rates: RateColumns,
  longContext?: readonly [fromInputTokens: number, ...RateColumns],
): ModelPrice {
  const tier = longContext ? toTier(...longContext) : null;
  return { from, ...toRates(...rates), longContext: tier, maxInputTokens, maxOutputTokens };
}

function toRates(...[input, cachedInput, cacheWrite, output]: RateColumns): Rates {
  return { input, cachedInput, cacheWrite, output };
}

function toTier(fromInputTokens: number, ...rates: RateColumns): LongContextRates {
  return { fromInputTokens, ...toRates(...rates) };
}
