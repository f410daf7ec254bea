import { isDeepStrictEqual } from 'node:util';
import { fastFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from '../tool.ts';
import { propertiesOf, propertyOf, requiredOf } from './schemaParts.ts';

/** Whether a schema of the rules takes a value, as its compiled validator would: defaults are filled in first. */
export function takes(schema: JsonSchema, value: unknown): boolean {
  const { const: only, enum: list } = schema;
  if (only !== undefined && !isEqual(only, value)) return false;
  if (Array.isArray(list) && !list.some((one) => isEqual(one, value))) return false;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && takesText(schema, value);
    case 'integer':
      return Number.isInteger(value) && takesNumber(schema, value as number);
    case 'number':
      return typeof value === 'number' && takesNumber(schema, value);
    case 'array':
      return Array.isArray(value) && takesList(schema, value);
    case 'object':
      return isMembers(value) && takesMembers(schema, value);
    default:
      return typeof value === 'boolean';
  }
}

/** Whether an object of the schema may be without a member: it is not required, or has a default that is right. */
export function mayLack(schema: JsonSchema, name: string): boolean {
  const property = propertyOf(schema, name);
  if (property && 'default' in property) return takes(property, property.default);
  return !requiredOf(schema).includes(name);
}

function takesText({ minLength, maxLength, format }: JsonSchema, text: string): boolean {
  const length = [...text].length;
  return isWithin(length, minLength, maxLength) && (typeof format !== 'string' || hasFormat(text, format));
}

function hasFormat(text: string, name: string): boolean {
  const format: unknown = fastFormats[name as keyof typeof fastFormats];
  const check = isMembers(format) && 'validate' in format ? format.validate : format;
  if (check instanceof RegExp) return check.test(text);
  return typeof check !== 'function' || check(text) === true;
}

function takesNumber(schema: JsonSchema, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return (
    isWithin(value, minimum, maximum) &&
    !(typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) &&
    !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) &&
    !(typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf))
  );
}

function takesList({ minItems, maxItems, items }: JsonSchema, list: readonly unknown[]): boolean {
  if (!isWithin(list.length, minItems, maxItems)) return false;
  return !isMembers(items) || list.every((item) => takes(items, item));
}

function takesMembers(schema: JsonSchema, members: Readonly<Record<string, unknown>>): boolean {
  const isKnown = ([name, value]: [string, unknown]) => {
    const property = propertyOf(schema, name);
    return property ? takes(property, value) : schema.additionalProperties !== false;
  };
  return (
    Object.entries(members).every(isKnown) &&
    Object.keys(propertiesOf(schema)).every((name) => Object.hasOwn(members, name) || mayLack(schema, name))
  );
}

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWithin = (value: number, least: unknown, most: unknown) =>
  !(typeof least === 'number' && value < least) && !(typeof most === 'number' && value > most);

const isEqual = (a: unknown, b: unknown) => a === b || isDeepStrictEqual(a, b);
