import type { HttpToolDefinition } from './definitionShape.ts';
import type { Rules } from './places.ts';
import { timeFormats } from './spokenTime.ts';
import { type Part, type Placeholder, solePlaceholder } from './template.ts';
import { contextNames } from './values.ts';

type InputSchema = HttpToolDefinition['inputSchema'];

/** What is wrong with the placeholders of one text, in words. */
export function* placeholderFaults(
  parts: readonly Part[],
  rules: Rules,
  inputSchema: InputSchema,
): Generator<string> {
  const takesAnyType = rules.anyType === true && solePlaceholder(parts) !== undefined;
  for (const part of parts) {
    if (typeof part === 'string') continue;
    const fault =
      sourceFault(part, rules) ??
      formatFault(part, rules) ??
      argumentFault(part, rules, inputSchema, takesAnyType);
    if (fault !== undefined) yield `${part.text} ${fault}`;
  }
}

function sourceFault({ kind, name }: Placeholder, { from, only = {} }: Rules): string | undefined {
  if (!from.includes(kind)) return `cannot stand here; what can: ${from.join(', ')}`;
  const known: readonly string[] | undefined = only[kind] ?? (kind === 'context' ? contextNames : undefined);
  if (!known || known.includes(name)) return undefined;
  return `is not known here; there is ${known.map((one) => `{${kind}.${one}}`).join(', ')}`;
}

function formatFault({ format }: Placeholder, { formats = false }: Rules): string | undefined {
  if (format === undefined) return undefined;
  if (!formats) return 'can have a format only in the response';
  const known: readonly string[] = timeFormats;
  return known.includes(format) ? undefined : `has no such format; there are ${known.join(', ')}`;
}

const scalarTypes: readonly unknown[] = ['string', 'number', 'integer', 'boolean'];

function argumentFault(
  { kind, name, fallback }: Placeholder,
  { needed = false }: Rules,
  { properties = {}, required = [] }: InputSchema,
  takesAnyType: boolean,
): string | undefined {
  if (kind !== 'argument') return undefined;
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!property) return 'is no argument; add it to the properties of "inputSchema"';
  if (!takesAnyType && !scalarTypes.includes(property.type))
    return `needs one of the types ${scalarTypes.join(', ')} in "inputSchema" to stand in a text`;
  const isThere = required.includes(name) || property.default !== undefined || fallback !== undefined;
  if (needed && !isThere) return 'may be missing; list it under "required" or write {name ?? words}';
  return undefined;
}
