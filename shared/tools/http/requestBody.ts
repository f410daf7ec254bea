import { partsOf, solePlaceholder } from './template.ts';
import { fillText, type Lookup } from './values.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/**
 * What gives a JSON value with the placeholders in its texts filled in. A text that is nothing but one placeholder becomes the value
 * itself with its type; within a longer text the value is written out. What has no value leaves the object or the array
 * it stands in. Names of members stay as they are.
 */
export function compileBody(template: Json): (lookup: Lookup) => Json | undefined {
  if (typeof template === 'string') return compileText(template);
  if (Array.isArray(template)) {
    const items = template.map(compileBody);
    return (lookup) => items.map((fill) => fill(lookup)).filter((item) => item !== undefined);
  }
  if (typeof template !== 'object' || template === null) return () => template;
  const members = Object.entries(template).map(([name, value]) => [name, compileBody(value)] as const);
  return (lookup) => {
    const filled = members.map(([name, fill]) => [name, fill(lookup)] as const);
    return Object.fromEntries(filled.filter((member): member is [string, Json] => member[1] !== undefined));
  };
}

function compileText(text: string): (lookup: Lookup) => Json | undefined {
  const parts = partsOf(text);
  const sole = solePlaceholder(parts);
  if (!sole) return (lookup) => fillText(parts, lookup);
  return (lookup) => (lookup(sole) as Json | undefined) ?? sole.fallback;
}

/** The texts of a JSON value, each with the way to it. */
export function* textsOf(
  value: Json,
  path: readonly (string | number)[] = [],
): Generator<[(string | number)[], string]> {
  if (typeof value === 'string') yield [[...path], value];
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* textsOf(item, [...path, i]);
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) yield* textsOf(item, [...path, name]);
}
