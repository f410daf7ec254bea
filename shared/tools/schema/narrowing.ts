import type { JsonSchema } from '../tool.ts';
import { isWhole, numberNarrowings } from './numberBounds.ts';
import { propertiesOf, propertyOf } from './schemaParts.ts';
import { mayLack, takes } from './takes.ts';

/**
 * What a new schema no longer takes that the old one took, as `path: what`. A call that is under way was told of the old
 * one: what it sends must still be taken. Empty where every argument that was right stays right; members the old one does
 * not name are none that anybody was told of.
 */
export function narrowings(before: JsonSchema, after: JsonSchema): string[] {
  return narrowed(before, after, '');
}

function narrowed(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const here = (what: string) => `${path || 'arguments'}: ${what}`;
  const values = valuesOf(before);
  const lost = values?.filter((value) => !takes(after, value));
  if (lost?.length === 0) return [];
  if (!isTypeKept(before, after))
    return [here(`was ${String(before.type)} and becomes ${String(after.type)}`)];
  if (lost) return lost.map((value) => here(`does not take ${JSON.stringify(value)} any more`));
  const faults = valuesOf(after) ? ['takes only some values now'] : [];
  faults.push(...numberNarrowings(before, after), ...lengthNarrowings(before, after));
  if (after.format !== undefined && after.format !== before.format)
    faults.push(`must now be a ${String(after.format)}`);
  const told = faults.map(here);
  if (after.type === 'object') told.push(...members(before, after, path));
  if (after.type === 'array') told.push(...items(before, after, path));
  return told;
}

/** All values a schema takes, where it names them. */
function valuesOf(schema: JsonSchema): unknown[] | undefined {
  const { type, enum: list, const: only } = schema;
  if (only === undefined && !Array.isArray(list) && type !== 'boolean') return undefined;
  const named: unknown[] = only !== undefined ? [only] : Array.isArray(list) ? list : [true, false];
  return named.filter((value) => takes(schema, value));
}

const isTypeKept = (before: JsonSchema, after: JsonSchema) =>
  before.type === after.type ||
  (before.type === 'integer' && after.type === 'number') ||
  (before.type === 'number' && after.type === 'integer' && isWhole(before));

const lengths = [
  { key: 'minLength', sign: 1 },
  { key: 'minItems', sign: 1 },
  { key: 'maxLength', sign: -1 },
  { key: 'maxItems', sign: -1 },
] as const;

function lengthNarrowings(before: JsonSchema, after: JsonSchema): string[] {
  return lengths.flatMap(({ key, sign }) => {
    const [old = sign === 1 ? 0 : Number.POSITIVE_INFINITY, now] = [before[key], after[key]];
    return typeof now === 'number' && sign * (now - Number(old)) > 0 ? [`${key} is now ${now}`] : [];
  });
}

function items(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const [old, now] = [before.items, after.items];
  if (!isSchema(now) || before.maxItems === 0) return [];
  return isSchema(old)
    ? narrowed(old, now, `${path}[]`)
    : [`${path || 'arguments'}: its items are now held to a schema`];
}

function members(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const isOpen = after.additionalProperties !== false;
  const faults =
    !isOpen && before.additionalProperties !== false
      ? [`${path || 'arguments'}: takes no unknown members any more`]
      : [];
  for (const name of Object.keys(propertiesOf(after)))
    if (mayLack(before, name) && !mayLack(after, name)) faults.push(`${at(name)}: ${missed(after, name)}`);
  for (const [name, old] of Object.entries(propertiesOf(before))) {
    const now = propertyOf(after, name);
    if (now) faults.push(...narrowed(old, now, at(name)));
    else if (!isOpen) faults.push(`${at(name)}: is not taken any more`);
    else if (!('default' in old)) faults.push(`${at(name)}: is gone, and what is sent for it is not read`);
  }
  return faults;
}

const missed = (schema: JsonSchema, name: string) =>
  'default' in (propertyOf(schema, name) ?? {}) ? 'its default is not what it takes' : 'is now required';

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;
