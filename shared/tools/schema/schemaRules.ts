import type { JsonSchema } from '../tool.ts';

/** JSON text of a schema, characters. Models are told all of it at every turn of a call. */
export const longestSchema = 16_384;
const deepest = 8;

const anywhere = ['title', 'description', 'default', 'examples', 'enum', 'const'];

/**
 * Keywords by type. `pattern`, `$ref` and the combinators are not among them: an expression that backtracks would hold up
 * every call of the instance, and what models make of the others differs from one to the next.
 */
const byType: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
};

export const formats = ['date', 'time', 'date-time', 'email', 'uri', 'uuid'];

/**
 * What is wrong with the schema of a published tool, as `path: what to do`; empty where it may be used. Looks at the form
 * alone: whether keywords have values they can have is for the compiler to say.
 */
export function schemaFaults(schema: JsonSchema): string[] {
  if (JSON.stringify(schema).length > longestSchema)
    return [`schema: must be at most ${longestSchema} characters of JSON`];
  if (schema.type !== 'object') return ['type: must be "object"'];
  return faultsIn(schema, '', 1);
}

function faultsIn(schema: unknown, path: string, depth: number): string[] {
  const at = (member: string) => (path ? `${path}.${member}` : member);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return [`${path || 'schema'}: must be a schema with a type`];
  if (depth > deepest) return [`${path}: is nested more than ${deepest} deep`];
  const { type, properties, items } = schema as Record<string, unknown>;
  const known = typeof type === 'string' && Object.hasOwn(byType, type) ? byType[type] : undefined;
  if (!known) return [`${at('type')}: must be one of ${Object.keys(byType).join(', ')}`];
  const faults = Object.keys(schema)
    .filter((key) => key !== 'type' && !anywhere.includes(key) && !known.includes(key))
    .map((key) => `${at(key)}: is not taken for type ${type}; use ${[...known, ...anywhere].join(', ')}`);
  const { format, additionalProperties } = schema as Record<string, unknown>;
  if (format !== undefined && !formats.includes(format as string))
    faults.push(`${at('format')}: must be one of ${formats.join(', ')}`);
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean')
    faults.push(`${at('additionalProperties')}: must be true or false`);
  for (const [name, inner] of Object.entries((properties as object | undefined) ?? {}))
    faults.push(...faultsIn(inner, at(`properties.${name}`), depth + 1));
  if (items !== undefined) faults.push(...faultsIn(items, at('items'), depth + 1));
  return faults;
}
