import { z } from 'zod';
import { tryJson } from '../../tryJson.ts';
import { knownModel } from './modelName.ts';
import type { Price, PriceData, Rates, TieredRates } from './modelPrice.ts';
import { priceData } from './priceData.ts';

/**
 * What deployments cost beside their model's list price, in thousandths of it. A provisioned one is paid by the hour:
 * its tokens cost nothing more, and are told as included.
 */
const typeMultipliers = {
  global: 1000,
  'data-zone': 1100,
  regional: 1100,
  batch: 500,
  flex: 500,
  provisioned: 'included',
} as const;

export type DeploymentType = keyof typeof typeMultipliers;

/** What the operator says of a deployment. A `price` is what is paid: the type does not change it. */
export interface Deployment {
  readonly model?: string | undefined;
  readonly type?: DeploymentType | undefined;
  /** Thousandths, instead of the type's; applied to `price` too. */
  readonly multiplier?: number | undefined;
  readonly price?: TieredRates | undefined;
}

/** By deployment name. */
export type Deployments = Readonly<Record<string, Deployment>>;

const usdError = 'must be USD per 1M tokens: a number from 0 to 10000 with at most six decimals';
const millionth = (x: number) => Math.round(x * 1e6);

/** USD per 1M tokens, read as picodollars a token. */
const usd = z
  .number(usdError)
  .min(0, usdError)
  .max(10_000, usdError)
  .refine((x) => millionth(x) / 1e6 === x, usdError)
  .transform(millionth);

const rates = { input: usd, cached_input: usd.optional(), cache_write: usd.optional(), output: usd };
const tierError = 'must be a whole number of tokens above 0';
const tier = z.strictObject({ from_input_tokens: z.int(tierError).positive(tierError), ...rates });

type GivenRates = z.infer<z.ZodObject<typeof rates>>;

function toRates({ input, cached_input, cache_write, output }: GivenRates): Rates {
  return { input, cachedInput: cached_input ?? input, cacheWrite: cache_write ?? null, output };
}

const price = z.strictObject({ ...rates, long_context: tier.optional() }).transform(
  ({ long_context: long, ...short }): TieredRates => ({
    ...toRates(short),
    longContext: long ? { fromInputTokens: long.from_input_tokens, ...toRates(long) } : null,
  }),
);

const types = Object.keys(typeMultipliers) as DeploymentType[];
const factorError = 'must be a factor such as 1.1: a number from 0.001 to 100 with at most three decimals';
const thousandth = (x: number) => Math.round(x * 1000);

const deploymentSchema = z
  .strictObject({
    model: z.string('must be a model name').trim().min(1, 'must be a model name').optional(),
    type: z.enum(types, `must be one of ${types.join(', ')}`).optional(),
    multiplier: z
      .number(factorError)
      .min(0.001, factorError)
      .max(100, factorError)
      .refine((x) => thousandth(x) / 1000 === x, factorError)
      .transform(thousandth)
      .optional(),
    price: price.optional(),
  })
  .refine(({ type, multiplier, price }) => type !== 'provisioned' || (!multiplier && !price), {
    error: 'is provisioned, thus paid by the hour: leave out multiplier and price',
  });

const example = '{"audit": {"model": "gpt-4o", "type": "data-zone"}}';

const deploymentsSchema = z.record(
  z.string(),
  deploymentSchema,
  `must be a JSON object of deployments such as ${example}`,
);

/** GATEHOUSE_DEPLOYMENTS, a JSON text. One issue for each fault, on the setting itself, names the deployment. */
export const deploymentsSetting = z
  .string()
  .default('{}')
  .transform((text, context): Deployments => {
    const parsed = deploymentsSchema.safeParse(tryJson(text));
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      const [deployment, ...place] = path.map(String);
      const of = deployment === undefined ? [] : [`deployment "${deployment}":`];
      const at = place.length === 0 ? [] : [place.join('.')];
      context.addIssue({ code: 'custom', message: [...of, ...at, message].join(' ') });
    }
    return z.NEVER;
  });

/** `unknown` is never free: callers tell it apart from a cost of 0. `model` is the table's name where that has one. */
export type ResolvedPrice =
  /** `recorded`: ISO day on which the list price was recorded; null for a price from the setting. */
  | { kind: 'priced'; model: string; price: Price; recorded: string | null }
  | { kind: 'included'; model: string }
  | { kind: 'unknown'; model: string };

/**
 * What a deployment's tokens cost: the setting's price, else the list price of the model the setting names, or else
 * of the deployment's own name, or else of the model the provider reported. Where the setting names a model, the
 * deployment's name says nothing about it and is not tried.
 */
export function resolvePrice(
  deployment: string,
  reportedModel: string | undefined,
  deployments: Deployments,
  data: PriceData = priceData,
): ResolvedPrice {
  const stated: Deployment = (Object.hasOwn(deployments, deployment) && deployments[deployment]) || {};
  const { model: statedModel, multiplier } = stated;
  const byType = typeMultipliers[stated.type ?? 'global'];
  const names = [statedModel ?? deployment, ...(reportedModel ? [reportedModel] : [])];
  const known = names.map((name) => knownModel(name, data)).find((name) => name !== undefined);
  const label = statedModel ?? known ?? (reportedModel || deployment);
  const model = knownModel(label, data) ?? label;
  if (byType === 'included') return { kind: 'included', model };
  if (stated.price)
    return {
      kind: 'priced',
      model,
      price: { ...stated.price, multiplier: multiplier ?? 1000 },
      recorded: null,
    };
  const listed = known === undefined ? undefined : data[known];
  if (known === undefined || !listed) return { kind: 'unknown', model };
  const { from, maxInputTokens: _, maxOutputTokens: __, ...rates } = listed;
  return {
    kind: 'priced',
    model: known,
    price: { ...rates, multiplier: multiplier ?? byType },
    recorded: from,
  };
}
