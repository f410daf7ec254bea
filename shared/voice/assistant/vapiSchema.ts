import { isObject } from '../../isObject.ts';
import { itemsOf, membersOf } from '../messages/tolerant.ts';

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const;
const formats = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
] as const;

/** The part of JSON Schema that Vapi takes. Source: `JsonSchema` of Vapi's SDK 2.0.1. */
export interface VapiSchema {
  type: (typeof types)[number];
  title?: string;
  description?: string;
  format?: (typeof formats)[number];
  enum?: string[];
  items?: VapiSchema;
  properties?: Record<string, VapiSchema>;
  required?: string[];
}

/** Parameters of a function as Vapi takes them. Source: `OpenAiFunctionParameters` of Vapi's SDK 2.0.1. */
export interface VapiParameters {
  type: 'object';
  properties: Record<string, VapiSchema>;
  required?: string[];
}

type Node = Readonly<Record<string, unknown>>;

/** What Vapi can be told of an object's JSON Schema. The rest is checked when the tool runs. */
export function toVapiParameters(schema: Node): VapiParameters {
  return { type: 'object', ...membersIn(schema) };
}

function membersIn({ properties, required }: Node): Omit<VapiParameters, 'type'> {
  return {
    properties: Object.fromEntries(
      Object.entries(membersOf(properties)).map(([name, member]) => [name, toVapiSchema(member)]),
    ),
    ...(Array.isArray(required) ? { required: required.map(String) } : {}),
  };
}

function toVapiSchema(given: unknown): VapiSchema {
  const node = oneKind(membersOf(given));
  const { title, description, format, items, prefixItems } = node;
  const type = types.find((known) => known === node.type) ?? (node.$ref === undefined ? 'string' : 'object');
  const known = formats.find((name) => name === format);
  const words = itemsOf(node.enum ?? (node.const === undefined ? undefined : [node.const]));
  return {
    type,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(known ? { format: known } : {}),
    ...(words.length > 0 && words.every((word) => typeof word === 'string')
      ? { enum: words.map(String) }
      : {}),
    ...(type === 'array' ? { items: toVapiSchema(isObject(items) ? items : itemsOf(prefixItems)[0]) } : {}),
    ...(type === 'object' ? membersIn(node) : {}),
  };
}

/** Vapi knows no alternatives: of one alternative and null it is told the one, of several the kind of the first. */
function oneKind(node: Node): Node {
  const places = [node.anyOf, node.oneOf, node.allOf].flatMap(itemsOf).filter(isObject);
  const [first, ...others] = places.filter(({ type }) => type !== 'null');
  if (node.type !== undefined || first === undefined) return node;
  return others.length === 0 ? { ...oneKind(first), ...node } : { ...node, type: oneKind(first).type };
}
