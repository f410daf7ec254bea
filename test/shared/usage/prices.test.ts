import { readFileSync } from 'node:fs';
import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  catalogNames,
  generatePriceData,
  priceDataFile,
  readPriceFacts,
} from '../../../local/updatePrices.ts';
import { costMicroUsd, type TokenCounts, worstCostMicroUsd } from '../../../shared/usage/prices/cost.ts';
import {
  type Deployments,
  deploymentsSetting,
  resolvePrice,
} from '../../../shared/usage/prices/deployments.ts';
import { priceFor } from '../../../shared/usage/prices/modelName.ts';
import type { ModelPrice, Price } from '../../../shared/usage/prices/modelPrice.ts';
import { priceData } from '../../../shared/usage/prices/priceData.ts';

const facts = readPriceFacts();
const models = Object.keys(priceData);

function listPrice(model: string): Price & ModelPrice {
  const price = priceFor(model, priceData);
  if (!price) throw new Error(`${model} has no price`);
  return { ...price, multiplier: 1000 };
}

function priced(deployment: string, reported?: string, deployments: Deployments = {}): Price {
  const resolved = resolvePrice(deployment, reported, deployments);
  if (resolved.kind !== 'priced') throw new Error(`${deployment} is ${resolved.kind}`);
  return resolved.price;
}

const readSetting = (setting: unknown) => deploymentsSetting.safeParse(JSON.stringify(setting));
const deploymentsOf = (setting: unknown): Deployments => deploymentsSetting.parse(JSON.stringify(setting));
const problemsOf = (setting: unknown) =>
  readSetting(setting).error?.issues.map(({ message }) => message) ?? [];

/** What the catalog's own calculation says, in micro-dollars before rounding; undefined where it has no price. */
function catalogMicroUsd(model: string, { input, cached, written, output }: TokenCounts): number | undefined {
  const usage = {
    input_tokens: input,
    cache_read_tokens: cached,
    cache_write_tokens: written,
    output_tokens: output,
  };
  const timestamp = new Date(facts.catalog.recorded);
  const found = calcPrice(usage, model, { providerId: 'azure', timestamp });
  return found ? found.total_price * 1e6 : undefined;
}

/** Up to a million tokens of input, often at the price cliffs. */
const inputs = fc.oneof(
  fc.nat(1_000_000),
  fc.constantFrom(0, 1, 199_999, 200_000, 200_001, 271_999, 272_000, 272_001),
);
const usages: fc.Arbitrary<TokenCounts> = inputs.chain((input) =>
  fc.nat(input).chain((cached) =>
    fc.record({
      input: fc.constant(input),
      cached: fc.constant(cached),
      written: fc.nat(input - cached),
      output: fc.nat(128_000),
    }),
  ),
);
const rates = fc.record({
  input: fc.nat(60_000_000),
  cachedInput: fc.nat(60_000_000),
  cacheWrite: fc.option(fc.nat(60_000_000)),
  output: fc.nat(600_000_000),
});
/** Any price a setting can hold, also those in which caching or long inputs are the odd way round. */
const anyPrices: fc.Arbitrary<Price> = fc
  .tuple(
    rates,
    fc.option(fc.tuple(fc.integer({ min: 1, max: 500_000 }), rates)),
    fc.integer({ min: 1, max: 5000 }),
  )
  .map(([short, long, multiplier]) => ({
    ...short,
    longContext: long && { fromInputTokens: long[0], ...long[1] },
    multiplier,
  }));
const listPrices = fc.constantFrom(...models).map(listPrice);

describe('the price table', () => {
  it('is what npm run prices would write', () => {
    expect(readFileSync(priceDataFile, 'utf8')).toBe(generatePriceData(facts));
  });

  it('has every model of the facts, and whole picodollars only', () => {
    expect(Object.keys(facts.models).filter((model) => !models.includes(model))).toEqual([]);
    const numbers = models
      .map(listPrice)
      .flatMap((price) => [price, ...(price.longContext ? [price.longContext] : [])])
      .flatMap(({ input, cachedInput, cacheWrite, output }) => [input, cachedInput, cacheWrite ?? 1, output]);
    expect(numbers.filter((value) => !Number.isSafeInteger(value) || value <= 0)).toEqual([]);
  });

  it('prices nothing that is no chat model', () => {
    const wrong = models.filter((name) => /embedding|audio|realtime|transcribe|tts|image|whisper/.test(name));
    expect(wrong).toEqual([]);
  });

  it('is not written while its sources disagree', () => {
    const gpt5 = facts.models['gpt-5'];
    if (!gpt5) throw new Error('no facts of gpt-5');
    const dearer = { ...facts, models: { ...facts.models, 'gpt-5': { ...gpt5, output: 11 } } };
    expect(() => generatePriceData(dearer)).toThrow(/^gpt-5: the catalog has .*"output":10000000.*11000000/);
    const decide = (use: 'catalog' | 'facts') =>
      generatePriceData({ ...dearer, decisions: { 'gpt-5': { use, reason: 'a test' } } });
    expect(decide('catalog')).toBe(generatePriceData(facts));
    expect(decide('facts')).toMatch(/^ {2}'gpt-5': .*\[1_250_000, 125_000, null, 11_000_000\]/m);
  });

  it('is not written with a decision about nothing, or from a catalog without a date', () => {
    const decisions = { 'gpt-5': { use: 'facts' as const, reason: 'a test' } };
    expect(() => generatePriceData({ ...facts, decisions })).toThrow('gpt-5: both sources agree');
    const catalog = { ...facts.catalog, version: '0.0.1' };
    expect(() => generatePriceData({ ...facts, catalog })).toThrow('write its version and day');
  });
});

describe('priceFor', () => {
  it.each([
    ['gpt-4o-2024-11-20', 'gpt-4o'],
    ['azure/gpt-4o', 'gpt-4o'],
    ['openai/gpt-5.6-terra-2026-07-09', 'gpt-5.6-terra'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic/claude-opus-5', 'claude-opus-5'],
    ['azure/gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
  ])('knows %s as %s', (name, known) => {
    expect(priceFor(name, priceData)).toBe(priceData[known]);
    expect(priceData[known]).toBeDefined();
  });

  it('lets a snapshot keep a price of its own', () => {
    expect(priceFor('gpt-4o-2024-05-13', priceData)).toMatchObject({ input: 5_000_000, output: 15_000_000 });
  });

  it.each([
    'gpt-5-foo',
    'gpt-5-2025',
    'gpt-5-2025-13-01',
    'gpt-4o-2024-1120',
    'gpt-4o-mini-2024-07-18.ft-abc',
    'ft:gpt-4o-2024-08-06',
    'mistral/gpt-4o',
    'azure/eu/gpt-4o',
    'GPT-4o',
    'text-embedding-3-small',
    'constructor',
    '__proto__',
    '',
  ])('does not guess at %j', (name) => {
    expect(priceFor(name, priceData)).toBeUndefined();
  });
});

describe('costMicroUsd', () => {
  const example = { input: 10_000, cached: 8_000, written: 0, output: 1_000 };

  it.each([
    ['gpt-4o', 25_000],
    ['gpt-4o-mini', 1_500],
    ['gpt-5', 13_500],
  ])('prices the reference example on %s', (model, microUsd) => {
    expect(costMicroUsd(example, listPrice(model))).toBe(microUsd);
  });

  it('prices the TeaStore on terra: 0.35 USD, or 0.44 USD with a write', () => {
    const tokens = { input: 175_700, cached: 0, written: 0, output: 0 };
    expect(costMicroUsd(tokens, listPrice('gpt-5.6-terra'))).toBe(351_400);
    expect(costMicroUsd({ ...tokens, written: 175_700 }, listPrice('gpt-5.6-terra'))).toBe(439_250);
  });

  it('prices the whole request at the long-context tier', () => {
    const at = (input: number) => ({ input, cached: 0, written: 0, output: 1_000 });
    expect(costMicroUsd(at(271_999), listPrice('gpt-5.4'))).toBe(679_998 + 15_000);
    expect(costMicroUsd(at(272_000), listPrice('gpt-5.4'))).toBe(1_360_000 + 22_500);
  });

  it('agrees with the catalog on every model and any usage, to within the one rounding', () => {
    for (const model of models) {
      const price = listPrice(model);
      fc.assert(
        fc.property(usages, (tokens) => {
          const expected = catalogMicroUsd(model, tokens) ?? Number.NaN;
          expect(Math.abs(costMicroUsd(tokens, price) - expected), model).toBeLessThanOrEqual(0.5 + 1e-6);
        }),
        { numRuns: 60 },
      );
    }
  });

  it('agrees with the catalog on every name it has for these models', () => {
    const tokens = { input: 300_000, cached: 20_000, written: 10_000, output: 5_000 };
    const names = catalogNames().filter((name) => catalogMicroUsd(name, tokens) !== undefined);
    expect(names.length).toBeGreaterThan(models.length);
    for (const name of names) {
      expect(costMicroUsd(tokens, listPrice(name)), name).toBeCloseTo(catalogMicroUsd(name, tokens) ?? 0, 4);
    }
  });

  it('never falls when a token is added, whichever kind', () => {
    fc.assert(
      fc.property(usages, listPrices, (tokens, price) => {
        const cost = costMicroUsd(tokens, price);
        const more = { ...tokens, input: tokens.input + 1 };
        for (const added of [
          more,
          { ...more, cached: tokens.cached + 1 },
          { ...more, written: tokens.written + 1 },
        ])
          expect(costMicroUsd(added, price)).toBeGreaterThanOrEqual(cost);
        expect(costMicroUsd({ ...tokens, output: tokens.output + 1 }, price)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });

  it('rounds once, half up, after the multiplier', () => {
    const flat = { cachedInput: 0, cacheWrite: null, output: 0, longContext: null };
    const one = { input: 1, cached: 0, written: 0, output: 0 };
    expect(costMicroUsd(one, { ...flat, input: 500_000, multiplier: 1000 })).toBe(1);
    expect(costMicroUsd(one, { ...flat, input: 499_999, multiplier: 1000 })).toBe(0);
    expect(costMicroUsd(one, { ...flat, input: 499_999, multiplier: 1001 })).toBe(1);
  });

  it.each([
    ['cached above input', { input: 100, cached: 900, written: 900, output: 0 }, { input: 100, cached: 100 }],
    [
      'written above what is left',
      { input: 100, cached: 40, written: 900, output: 0 },
      { input: 100, cached: 40, written: 60 },
    ],
    ['negative counts', { input: -5, cached: -5, written: -5, output: 10 }, { output: 10 }],
    ['no number', { input: Number.NaN, cached: 0, written: 0, output: 10 }, { output: 10 }],
    ['fractions', { input: 100.9, cached: 0.5, written: 0, output: 0 }, { input: 100 }],
  ])('clamps %s', (_, nonsense, sense) => {
    const terra = { ...listPrice('gpt-5.6-terra'), multiplier: 1_000_000 };
    const none = { input: 0, cached: 0, written: 0, output: 0 };
    expect(costMicroUsd(nonsense, terra)).toBe(costMicroUsd({ ...none, ...sense }, terra));
    expect(costMicroUsd(nonsense, terra)).toBeGreaterThan(0);
  });

  it('stays a safe integer whatever is counted', () => {
    const tokens = { input: Number.POSITIVE_INFINITY, cached: 0, written: 0, output: Number.MAX_VALUE };
    expect(costMicroUsd(tokens, listPrice('o1-pro'))).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('worstCostMicroUsd', () => {
  it('is at least what any request within the bounds costs, under any price', () => {
    fc.assert(
      fc.property(
        usages,
        fc.nat(300_000),
        fc.nat(9_000),
        fc.oneof(anyPrices, listPrices),
        (tokens, more, out, price) => {
          const bounds = { input: tokens.input + more, maxOutput: tokens.output + out };
          expect(worstCostMicroUsd(bounds, price)).toBeGreaterThanOrEqual(costMicroUsd(tokens, price));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is reached: by a write where writing costs more, by plain input elsewhere', () => {
    const bounds = { input: 300_000, maxOutput: 4_000 };
    const tokens = { input: 300_000, cached: 0, output: 4_000 };
    const [luna, gpt55] = [listPrice('gpt-5.6-luna'), listPrice('gpt-5.5')];
    expect(worstCostMicroUsd(bounds, luna)).toBe(costMicroUsd({ ...tokens, written: 300_000 }, luna));
    expect(worstCostMicroUsd(bounds, gpt55)).toBe(costMicroUsd({ ...tokens, written: 0 }, gpt55));
  });
});

describe('resolvePrice', () => {
  const tokens = { input: 10_000, cached: 8_000, written: 0, output: 1_000 };
  const own = { price: { input: 1, output: 2 } };

  it('takes the price of the setting, then its model, then the name, then what was reported', () => {
    const deployments = deploymentsOf({
      a: { ...own, model: 'gpt-5' },
      b: { model: 'gpt-5-2025-08-07' },
      'gpt-4o': {},
    });
    expect(resolvePrice('a', 'gpt-4o', deployments)).toMatchObject({
      kind: 'priced',
      model: 'gpt-5',
      recorded: null,
      price: {
        input: 1_000_000,
        cachedInput: 1_000_000,
        cacheWrite: null,
        output: 2_000_000,
        multiplier: 1000,
      },
    });
    const recorded = facts.catalog.recorded;
    expect(resolvePrice('b', 'gpt-4o', deployments)).toMatchObject({
      kind: 'priced',
      model: 'gpt-5',
      recorded,
    });
    expect(resolvePrice('gpt-4o', 'gpt-5', deployments)).toMatchObject({ kind: 'priced', model: 'gpt-4o' });
    expect(resolvePrice('c', 'gpt-4o-mini-2024-07-18', deployments)).toMatchObject({ model: 'gpt-4o-mini' });
  });

  it('lets a stated model it does not know fall to the reported one, not to the name', () => {
    const deployments = deploymentsOf({ 'gpt-4o': { model: 'house-model' } });
    expect(resolvePrice('gpt-4o', undefined, deployments)).toEqual({ kind: 'unknown', model: 'house-model' });
    expect(resolvePrice('gpt-4o', 'gpt-5', deployments)).toMatchObject({ kind: 'priced', model: 'gpt-5' });
  });

  it.each(['audit', 'constructor', '__proto__', 'gpt-5-foo'])(
    'calls %j unknown, which is no price of 0',
    (name) => {
      expect(resolvePrice(name, undefined, {})).toEqual({ kind: 'unknown', model: name });
      expect(resolvePrice(name, 'nothing-we-know', {})).toEqual({
        kind: 'unknown',
        model: 'nothing-we-know',
      });
    },
  );

  it.each([
    ['global', 25_000],
    ['data-zone', 27_500],
    ['regional', 27_500],
    ['batch', 12_500],
    ['flex', 12_500],
  ])('charges gpt-4o by its type: %s', (type, microUsd) => {
    expect(
      costMicroUsd(tokens, priced('audit', undefined, deploymentsOf({ audit: { model: 'gpt-4o', type } }))),
    ).toBe(microUsd);
  });

  it('lets a multiplier replace the type, and leaves a given price to itself', () => {
    const deployments = deploymentsOf({
      a: { model: 'gpt-4o', type: 'data-zone', multiplier: 1.075 },
      b: { ...own, type: 'data-zone' },
      c: { ...own, type: 'data-zone', multiplier: 0.9 },
    });
    expect(costMicroUsd(tokens, priced('a', undefined, deployments))).toBe(26_875);
    expect(costMicroUsd(tokens, priced('b', undefined, deployments))).toBe(12_000);
    expect(costMicroUsd(tokens, priced('c', undefined, deployments))).toBe(10_800);
  });

  it('tells a provisioned deployment as included, known model or not', () => {
    const deployments = deploymentsOf({
      a: { model: 'gpt-4.1', type: 'provisioned' },
      b: { type: 'provisioned' },
    });
    expect(resolvePrice('a', undefined, deployments)).toEqual({ kind: 'included', model: 'gpt-4.1' });
    expect(resolvePrice('b', undefined, deployments)).toEqual({ kind: 'included', model: 'b' });
  });
});

describe('GATEHOUSE_DEPLOYMENTS', () => {
  it('reads every member, prices in USD per 1M tokens', () => {
    const price = {
      input: 2.75,
      cached_input: 0.275,
      cache_write: 3.4375,
      output: 13.2,
      long_context: { from_input_tokens: 272_000, input: 5.5, output: 19.8 },
    };
    expect(
      deploymentsOf({ audit: { model: ' gpt-5.6-terra ', type: 'regional', multiplier: 1.1, price } }),
    ).toEqual({
      audit: {
        model: 'gpt-5.6-terra',
        type: 'regional',
        multiplier: 1100,
        price: {
          input: 2_750_000,
          cachedInput: 275_000,
          cacheWrite: 3_437_500,
          output: 13_200_000,
          longContext: {
            fromInputTokens: 272_000,
            input: 5_500_000,
            cachedInput: 5_500_000,
            cacheWrite: null,
            output: 19_800_000,
          },
        },
      },
    });
    expect(deploymentsSetting.parse(undefined)).toEqual({});
  });

  it('reads any price of up to six decimals exactly', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000_000), (pico) => {
        const deployments = deploymentsOf({ a: { price: { input: pico / 1e6, output: 0 } } });
        expect(deployments.a?.price?.input).toBe(pico);
      }),
    );
  });

  it.each([
    [{ a: { modle: 'gpt-4o' } }, 'deployment "a": Unrecognized key: "modle"'],
    [
      { a: { type: 'zone' } },
      'deployment "a": type must be one of global, data-zone, regional, batch, flex, provisioned',
    ],
    [{ a: { multiplier: 1100 } }, 'deployment "a": multiplier must be a factor such as 1.1'],
    [{ a: { multiplier: 0 } }, 'deployment "a": multiplier must be a factor such as 1.1'],
    [{ a: { price: { input: 1 } } }, 'deployment "a": price.output must be USD per 1M tokens'],
    [{ a: { price: { input: -1, output: 1 } } }, 'deployment "a": price.input must be USD per 1M tokens'],
    [
      { a: { price: { input: 0.1234567, output: 1 } } },
      'deployment "a": price.input must be USD per 1M tokens',
    ],
    [
      { a: { price: { input: 1, output: 1, long_context: { from_input_tokens: 0, input: 1, output: 1 } } } },
      'deployment "a": price.long_context.from_input_tokens must be a whole number',
    ],
    [{ a: { type: 'provisioned', multiplier: 1 } }, 'deployment "a": is provisioned'],
    [['gpt-4o'], 'must be a JSON object of deployments such as'],
  ])('finds fault with %j', (setting, problem) => {
    expect(problemsOf(setting)).toEqual([expect.stringContaining(problem)]);
  });

  it('tells all faults, and none of a text that is no JSON', () => {
    expect(problemsOf({ a: { type: 'zone' }, b: { model: '' } })).toHaveLength(2);
    const [issue, ...further] = deploymentsSetting.safeParse('{"secret').error?.issues ?? [];
    expect(further).toEqual([]);
    expect(issue?.message).toContain('must be a JSON object');
    expect(issue?.message).not.toContain('secret');
  });
});
