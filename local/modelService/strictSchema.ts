/** A JSON Schema, or a part of one, as it was sent. */
export type Schema = Readonly<Record<string, unknown>>;

const mostProperties = 100;
const deepest = 5;

/** Keywords strict structured output knows. Everything else is refused, bounds and patterns above all. */
const permitted = new Set([
  '$schema',
  '$id',
  '$defs',
  'definitions',
  '$ref',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
]);

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const members = (value: unknown): [string, unknown][] => (isSchema(value) ? Object.entries(value) : []);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A part of a schema, the path to it as the service writes it, and how many objects and lists hold it. */
interface Place {
  schema: unknown;
  path: readonly string[];
  depth: number;
}

/**
 * Why strict structured output would refuse a schema, or undefined. The rules of Azure OpenAI: closed objects, all
 * properties required, no bounds, at most 100 properties and five levels, an object at the root. A level is counted
 * for each object and each list, the stricter of the two readings of "levels of nesting".
 */
export function strictSchemaFault(root: Schema): string | undefined {
  if (root.type !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(root.type ?? 'None')}"'.`;
  if ('anyOf' in root) return "In context=(), 'anyOf' is not permitted at the root.";
  const places = placesOf(root);
  const fault = places.map((place) => placeFault(place, root)).find((found) => found !== undefined);
  if (fault !== undefined) return fault;
  const properties = places.flatMap(({ schema }) => (isSchema(schema) ? members(schema.properties) : []));
  if (properties.length > mostProperties)
    return `${properties.length} object properties exceeds limit of ${mostProperties}.`;
  const depth = Math.max(...places.map((place) => place.depth));
  return depth > deepest ? `${depth} levels of nesting exceeds limit of ${deepest}.` : undefined;
}

/** Every schema in a schema, itself first. References are not followed, so recursion ends. */
function placesOf(root: Schema): Place[] {
  const found: Place[] = [];
  const open: Place[] = [{ schema: root, path: [], depth: 0 }];
  for (let place = open.shift(); place; place = open.shift()) {
    const { schema, path } = place;
    const depth = place.depth + (isSchema(schema) && isContainer(schema) ? 1 : 0);
    found.push({ schema, path, depth });
    if (!isSchema(schema)) continue;
    const within = (keyword: string, parts: [string, unknown][], from: number) => {
      for (const [name, part] of parts)
        open.push({ schema: part, path: [...path, keyword, name], depth: from });
    };
    within('properties', members(schema.properties), depth);
    within(
      'anyOf',
      list(schema.anyOf).map((part, i) => [String(i), part]),
      depth,
    );
    within('$defs', members(schema.$defs), 0);
    within('definitions', members(schema.definitions), 0);
    if ('items' in schema) open.push({ schema: schema.items, path: [...path, 'items'], depth });
  }
  return found;
}

const types = (schema: Schema) => (Array.isArray(schema.type) ? schema.type : [schema.type]);
const isContainer = (schema: Schema) => types(schema).some((type) => type === 'object' || type === 'array');

function placeFault({ schema, path }: Place, root: Schema): string | undefined {
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}), `;
  if (!isSchema(schema)) return `${context}schema must be an object.`;
  const strange = Object.keys(schema).find((keyword) => !permitted.has(keyword));
  if (strange !== undefined) return `${context}'${strange}' is not permitted.`;
  if (typeof schema.$ref === 'string')
    return resolve(schema.$ref, root) === undefined
      ? `${context}reference '${schema.$ref}' was not found in the schema.`
      : undefined;
  if (!['type', 'anyOf', 'enum', 'const'].some((keyword) => keyword in schema))
    return `${context}schema must have a 'type' key.`;
  if (types(schema).includes('array') && !('items' in schema)) return `${context}array schema missing items.`;
  const fault = types(schema).includes('object') ? objectFault(schema) : undefined;
  return fault === undefined ? undefined : `${context}${fault}`;
}

function objectFault(schema: Schema): string | undefined {
  if (schema.additionalProperties !== false)
    return "'additionalProperties' is required to be supplied and to be false.";
  const names = members(schema.properties).map(([name]) => name);
  const required = list(schema.required);
  const missing = names.find((name) => !required.includes(name));
  if (missing !== undefined)
    return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  const extra = required.find((name) => !names.includes(String(name)));
  return extra === undefined ? undefined : `Extra required key '${String(extra)}' supplied.`;
}

/** What a local reference (`#`, `#/$defs/name`) stands for; undefined where nothing is there. */
export function resolve(reference: string, root: Schema): Schema | undefined {
  if (!/^#(\/|$)/.test(reference)) return undefined;
  const found = reference
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, step) => (isSchema(at) && Object.hasOwn(at, step) ? at[step] : undefined), root);
  return isSchema(found) ? found : undefined;
}
