import type { ModelPrice, PriceData } from './modelPrice.ts';

const vendorPrefix = /^(?:azure|openai|anthropic)\//;

/** The day of a snapshot as OpenAI (`-2024-11-20`) and Anthropic (`-20250929`) write it. */
const dateSuffix = /-20\d{2}(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])$/;

/** The model a snapshot is of; any other name as it is. */
export function withoutDate(model: string): string {
  return model.replace(dateSuffix, '');
}

/**
 * The name under which a model is in the table: its own, else without vendor prefix, date, or both. A snapshot with a
 * price of its own keeps it. Nothing looser: a price for a model that only looks alike would be a guess.
 */
export function knownModel(model: string, data: PriceData): string | undefined {
  const bare = model.replace(vendorPrefix, '');
  return [model, bare, withoutDate(bare)].find((name) => Object.hasOwn(data, name));
}

/** A model's list price; undefined where the model is unknown, which is never a price of 0. */
export function priceFor(model: string, data: PriceData): ModelPrice | undefined {
  const name = knownModel(model, data);
  return name === undefined ? undefined : data[name];
}
