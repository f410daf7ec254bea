/**
 * `npm run prices`: writes `shared/usage/prices/priceData.ts` from the catalog of @pydantic/genai-prices and the facts
 * beside it. `--check` writes nothing and fails where the committed file is another. Reads no clock and no network: a
 * price is as of the day on which the catalog was recorded.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { calcPrice, findProvider, type MatchLogic, type TieredPrices } from '@pydantic/genai-prices';
import { z } from 'zod';
import { withoutDate } from '../shared/usage/prices/modelName.ts';
import type { ModelPrice, Rates, TieredRates } from '../shared/usage/prices/modelPrice.ts';
import { readCommandLine, runCommand } from './commandLine.ts';
import { readJsonFile } from './jsonFile.ts';

const usage = 'usage: npm run prices [-- --check]';
const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const factsFile = pathOf('shared/usage/prices/priceFacts.json');
const catalogPackage = pathOf('node_modules/@pydantic/genai-prices/package.json');

/** The generated file. */
export const priceDataFile = pathOf('shared/usage/prices/priceData.ts');

const factRates = {
  input: z.number(),
  cached_input: z.number(),
  cache_write: z.number().nullable(),
  output: z.number(),
};

/** What is known beside the catalog; prices in USD per 1M tokens. */
const factsSchema = z.strictObject({
  notes: z.array(z.string()),
  catalog: z.strictObject({ version: z.string(), recorded: z.iso.date() }),
  models: z.record(
    z.string(),
    z.strictObject({
      max_input_tokens: z.int().nullable(),
      max_output_tokens: z.int().nullable(),
      ...factRates,
      long_context: z.strictObject({ from_input_tokens: z.int(), ...factRates }).nullable(),
    }),
  ),
  /** Which source holds where both price a model differently. */
  decisions: z.record(
    z.string(),
    z.strictObject({ use: z.enum(['catalog', 'facts']), reason: z.string().min(1) }),
  ),
});

export type PriceFacts = z.infer<typeof factsSchema>;
type FactRates = z.infer<z.ZodObject<typeof factRates>>;

/** The committed facts. @throws Error that says what is wrong with them. */
export function readPriceFacts(): PriceFacts {
  return factsSchema.parse(readJsonFile(factsFile));
}

/** Chat models by name: Claude from 4 on, and nothing that is heard, drawn, searched with or fine-tuned. */
const chat = /^(?:gpt-4o|gpt-4\.1|gpt-[56]|o\d|claude-(?![23v]))(?:$|[-.\w])/;
const other = /audio|realtime|transcribe|tts|image|search|research|[:@]|\.ft-|-high$/;
/** `gpt-5-4` for `gpt-5.4`: the catalog's leniency, no model's name. */
const dashed = /^gpt-\d-\d/;

/** Every name of a chat model that the catalog matches literally, for Azure and the vendors it falls back to. */
export function catalogNames(): string[] {
  const literal = (match: MatchLogic): string[] => {
    if ('equals' in match) return [match.equals];
    return 'or' in match ? match.or.flatMap(literal) : [];
  };
  const models = ['azure', 'openai', 'anthropic'].flatMap(
    (id) => findProvider({ providerId: id })?.models ?? [],
  );
  const names = new Set(models.flatMap(({ id, match }) => [id, ...literal(match)]));
  return [...names].filter((name) => chat.test(name) && !other.test(name) && !dashed.test(name));
}

/** USD per 1M tokens as whole picodollars a token. */
function toPicoUsd(usd: number, model: string): number {
  const pico = Math.round(usd * 1e6);
  if (pico / 1e6 !== usd)
    throw new Error(`${model}: ${usd} USD per 1M tokens is no whole number of picodollars`);
  return pico;
}

const startsOf = (price: number | TieredPrices | null) =>
  price === null || typeof price === 'number' ? [] : price.tiers.map(({ start }) => start);

/** What the catalog charges on Azure for a model on an ISO day; undefined where it has no price. */
function catalogRates(model: string, day: string): TieredRates | undefined {
  const found = calcPrice({}, model, { providerId: 'azure', timestamp: new Date(day) })?.model_price;
  const {
    input_mtok: input,
    cache_read_mtok: read,
    cache_write_mtok: written,
    output_mtok: output,
  } = found ?? {};
  if (input === undefined || output === undefined) return undefined;
  const prices = { input, cachedInput: read ?? input, cacheWrite: written ?? null, output };
  const [start, ...further] = new Set(Object.values(prices).flatMap(startsOf));
  if (further.length > 0) throw new Error(`${model}: the catalog has more tiers than the table can hold`);
  const at = (price: number | TieredPrices, isLong: boolean) =>
    toPicoUsd(
      typeof price === 'number' ? price : isLong ? (price.tiers[0]?.price ?? price.base) : price.base,
      model,
    );
  const rates = (isLong: boolean): Rates => ({
    input: at(prices.input, isLong),
    cachedInput: at(prices.cachedInput, isLong),
    cacheWrite: prices.cacheWrite === null ? null : at(prices.cacheWrite, isLong),
    output: at(prices.output, isLong),
  });
  // The catalog's tiers begin above their start.
  const longContext = start === undefined ? null : { fromInputTokens: start + 1, ...rates(true) };
  return { ...rates(false), longContext };
}

function factsRates(model: string, facts: PriceFacts): TieredRates | undefined {
  const known = facts.models[model];
  if (!known) return undefined;
  const rates = ({ input, cached_input, cache_write, output }: FactRates): Rates => ({
    input: toPicoUsd(input, model),
    cachedInput: toPicoUsd(cached_input, model),
    cacheWrite: cache_write === null ? null : toPicoUsd(cache_write, model),
    output: toPicoUsd(output, model),
  });
  const long = known.long_context;
  return {
    ...rates(known),
    longContext: long && { fromInputTokens: long.from_input_tokens, ...rates(long) },
  };
}

/**
 * The one price of a model.
 * @throws Error where the sources differ and no decision says which holds, or where a decision has nothing to decide.
 */
function agree(model: string, facts: PriceFacts): TieredRates | undefined {
  const fromCatalog = catalogRates(model, facts.catalog.recorded);
  const fromFacts = factsRates(model, facts);
  const decision = facts.decisions[model];
  const differs = fromFacts !== undefined && JSON.stringify(fromFacts) !== JSON.stringify(fromCatalog);
  if (decision && !differs) throw new Error(`${model}: both sources agree, remove the decision`);
  if (differs && !decision)
    throw new Error(
      `${model}: the catalog has ${JSON.stringify(fromCatalog)}, the facts have ${JSON.stringify(fromFacts)}; correct the facts or add a decision`,
    );
  return decision?.use === 'facts' ? fromFacts : fromCatalog;
}

/** All prices by model name, sorted. Snapshots are left out where they cost what the model without a date costs. */
function priceTable(facts: PriceFacts): [string, ModelPrice][] {
  const names = [
    ...new Set([...catalogNames(), ...Object.keys(facts.models), ...Object.keys(facts.decisions)]),
  ];
  const prices = new Map<string, TieredRates>();
  for (const name of names.sort()) {
    const rates = agree(name, facts);
    if (rates) prices.set(name, rates);
  }
  const isRepeated = (name: string, rates: TieredRates) =>
    withoutDate(name) !== name && JSON.stringify(prices.get(withoutDate(name))) === JSON.stringify(rates);
  return [...prices]
    .filter(([name, rates]) => !isRepeated(name, rates))
    .map(([name, rates]) => {
      const { max_input_tokens: maxInputTokens = null, max_output_tokens: maxOutputTokens = null } =
        facts.models[name] ?? {};
      return [name, { from: facts.catalog.recorded, ...rates, maxInputTokens, maxOutputTokens }];
    });
}

const digits = (value: number | null) =>
  value === null ? 'null' : String(value).replace(/\B(?=(?:\d{3})+$)/g, '_');
const columns = (values: readonly (number | null)[]) => `[${values.map(digits).join(', ')}]`;
const rateColumns = ({ input, cachedInput, cacheWrite, output }: Rates) => [
  input,
  cachedInput,
  cacheWrite,
  output,
];

/** A row as the formatter writes it: on one line where that fits. */
function renderRow([name, price]: [string, ModelPrice]): string {
  const key = /^[a-z]\w*$/.test(name) ? name : `'${name}'`;
  const long = price.longContext;
  const cells = [
    `'${price.from}'`,
    columns([price.maxInputTokens, price.maxOutputTokens]),
    columns(rateColumns(price)),
    ...(long ? [columns([long.fromInputTokens, ...rateColumns(long)])] : []),
  ];
  const line = `  ${key}: modelPrice(${cells.join(', ')}),`;
  return line.length <= 110
    ? line
    : `  ${key}: modelPrice(\n${cells.map((cell) => `    ${cell},\n`).join('')}  ),`;
}

/**
 * The text of `priceData.ts`.
 * @throws Error where the installed catalog is not the one the facts date, or where the sources disagree.
 */
export function generatePriceData(facts: PriceFacts): string {
  const { version, recorded } = facts.catalog;
  const installed = (readJsonFile(catalogPackage) as { version: string }).version;
  if (installed !== version)
    throw new Error(
      `@pydantic/genai-prices ${installed} is installed: write its version and day into priceFacts.json`,
    );
  const rows = priceTable(facts).map(renderRow).join('\n');
  return `import { modelPrice, type PriceData } from './modelPrice.ts';

/**
 * Generated by \`npm run prices\`, not to be edited. List prices of global standard deployments in picodollars a token.
 * Sources: @pydantic/genai-prices ${version} of ${recorded}, provider azure, which falls back to the list prices of
 * OpenAI and Anthropic; token limits and a second reading of the prices: priceFacts.json.
 */
export const priceData: PriceData = {
  // model: modelPrice(day, [max in, max out], [input, cached, write, output], [from, input, cached, write, output])
${rows}
};
`;
}

async function main(): Promise<void> {
  const { check } = readCommandLine(usage, { check: { type: 'boolean' } }).values;
  const text = generatePriceData(readPriceFacts());
  if (!check) {
    writeFileSync(priceDataFile, text);
    console.log(`wrote ${priceDataFile}`);
  } else if (readFileSync(priceDataFile, 'utf8') !== text) {
    throw new Error('shared/usage/prices/priceData.ts is not what its sources say: run npm run prices');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main);
