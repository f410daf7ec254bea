import { resolve, type Schema } from './strictSchema.ts';

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Deeper, a schema that demands itself forever is given up on. */
const deepest = 20;

/**
 * A value that fits a strict schema, with as much of `wanted` as fits: known members are kept, unknown ones dropped,
 * and what is missing or of another type is filled in with the plainest value the schema allows.
 */
export function conformToSchema(wanted: unknown, schema: Schema, root: Schema = schema, depth = 0): unknown {
  if (depth > deepest) return null;
  const inner = (value: unknown, part: unknown) =>
    conformToSchema(value, isRecord(part) ? part : {}, root, depth + 1);
  if (typeof schema.$ref === 'string') return inner(wanted, resolve(schema.$ref, root));
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum.includes(wanted) ? wanted : schema.enum[0];
  if (Array.isArray(schema.anyOf)) {
    const branches = schema.anyOf.map((part: unknown) => (isRecord(part) ? part : {}));
    return inner(
      wanted,
      branches.find((branch) => fits(wanted, branch, root)) ??
        branches.find(({ type }) => type === 'null') ??
        branches[0],
    );
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const type =
    types.find((candidate) => isOfType(wanted, candidate)) ?? types.find((t) => t === 'null') ?? types[0];
  if (type === 'object') {
    const from = isRecord(wanted) ? wanted : {};
    const properties = isRecord(schema.properties) ? schema.properties : {};
    return Object.fromEntries(
      Object.entries(properties).map(([name, part]) => [name, inner(from[name], part)]),
    );
  }
  if (type === 'array') return list(wanted).map((item) => inner(item, schema.items));
  return isOfType(wanted, type) ? wanted : plainest[String(type)];
}

const plainest: Readonly<Record<string, unknown>> = {
  string: '',
  number: 0,
  integer: 0,
  boolean: false,
  null: null,
};

function fits(value: unknown, branch: Schema, root: Schema): boolean {
  const schema = typeof branch.$ref === 'string' ? resolve(branch.$ref, root) : branch;
  if (!schema) return false;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  if ('const' in schema) return schema.const === value;
  return (Array.isArray(schema.type) ? schema.type : [schema.type]).some((type) => isOfType(value, type));
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'object') return isRecord(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isSafeInteger(value);
  return typeof value === type;
}
