import type { JsonSchema } from '../tool.ts';

/**
 * What a new schema no longer takes that the old one took, as `path: what`. A call that is under way was told of the old
 * one: what it sends must still be taken. Empty where every argument that was right stays right.
 */
export function narrowings(before: JsonSchema, after: JsonSchema): string[] {
  return narrowed(before, after, '');
}

function narrowed(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const here = path || 'arguments';
  if (before.type !== after.type && !(before.type === 'integer' && after.type === 'number'))
    return [`${here}: was ${String(before.type)} and becomes ${String(after.type)}`];
  const faults = [...values(before, after), ...bounds(before, after)].map((what) => `${here}: ${what}`);
  if (after.format !== undefined && after.format !== before.format)
    faults.push(`${here}: must now be a ${String(after.format)}`);
  if (after.type === 'object') faults.push(...members(before, after, path));
  if (after.type === 'array' && isSchema(after.items))
    faults.push(
      ...(isSchema(before.items)
        ? narrowed(before.items, after.items, `${path}[]`)
        : [`${here}: its items are now held to a schema`]),
    );
  return faults;
}

function members(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const [old, now] = [properties(before), properties(after)];
  const required = names(after.required).filter((name) => !names(before.required).includes(name));
  const faults = required.map((name) => `${at(name)}: is now required`);
  const isOpen = after.additionalProperties !== false;
  if (!isOpen && before.additionalProperties !== false)
    faults.push(`${path || 'arguments'}: takes no unknown members any more`);
  for (const [name, schema] of Object.entries(old)) {
    const next = now[name];
    if (next) faults.push(...narrowed(schema, next, at(name)));
    else if (!isOpen) faults.push(`${at(name)}: is not taken any more`);
    else if (!('default' in schema)) faults.push(`${at(name)}: is gone, and what is sent for it is not read`);
  }
  return faults;
}

function values(before: JsonSchema, after: JsonSchema): string[] {
  const now = allowed(after);
  if (!now) return [];
  const old = allowed(before);
  if (!old) return ['takes only some values now'];
  return old.filter((value) => !now.includes(value)).map((value) => `does not take ${value} any more`);
}

function allowed({ enum: list, const: only }: JsonSchema): string[] | undefined {
  if (only !== undefined) return [JSON.stringify(only)];
  return Array.isArray(list) ? list.map((value) => JSON.stringify(value)) : undefined;
}

const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];

function bounds(before: JsonSchema, after: JsonSchema): string[] {
  const tighter = (key: string, sign: 1 | -1) => {
    const now = after[key];
    if (typeof now !== 'number' || (sign === 1 && now === 0 && key.startsWith('min') && key !== 'minimum'))
      return [];
    const old = before[key];
    const isLooser = typeof old === 'number' && sign * (now - old) <= 0;
    return isLooser ? [] : [`${key} is now ${now}`];
  };
  const { multipleOf } = after;
  return [
    ...lower.flatMap((key) => tighter(key, 1)),
    ...upper.flatMap((key) => tighter(key, -1)),
    ...(multipleOf !== undefined && multipleOf !== before.multipleOf
      ? [`must now be a multiple of ${String(multipleOf)}`]
      : []),
  ];
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;
const properties = ({ properties: all }: JsonSchema) => (all ?? {}) as Record<string, JsonSchema>;
const names = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
