import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { conformToSchema } from '../../../local/modelService/conformToSchema.ts';
import { type Schema, strictSchemaFault } from '../../../local/modelService/strictSchema.ts';
import { adviceShape, opinionShape, quoteShape } from '../../../shared/audit/engines/model/answers.ts';

const closed = (properties: Record<string, unknown>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const text = { type: 'string' };
const nested = (levels: number): Schema =>
  levels === 1 ? closed({ a: text }) : closed({ a: nested(levels - 1) });
const wide = (count: number) =>
  closed(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, text])));
const tree = {
  ...closed({ root: { $ref: '#/$defs/node' } }),
  $defs: { node: closed({ next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }) },
};

describe('strictSchemaFault', () => {
  it.each<[string, Schema]>([
    ['the schema of verdicts', opinionShape.schema],
    ['the schema of requirements', quoteShape.schema],
    ['the schema of advice', adviceShape.schema],
    ['five levels', nested(5)],
    ['100 properties', wide(100)],
    ['recursion', tree],
    [
      'a choice with null',
      closed({ a: { anyOf: [text, { type: 'null' }] }, b: { type: ['string', 'null'] } }),
    ],
    ['properties named as keywords', closed({ minLength: text, pattern: { type: 'array', items: text } })],
    ['descriptions, enums and constants', closed({ a: { enum: ['x'], description: 'd' }, b: { const: 1 } })],
  ])('takes %s', (_, schema) => {
    expect(strictSchemaFault(schema)).toBeUndefined();
  });

  const keywords = [
    ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'multipleOf', 'default'],
    ...['minItems', 'maxItems', 'uniqueItems', 'contains', 'patternProperties', 'minProperties'],
    ...['maxProperties', 'oneOf', 'allOf', 'not', 'if', 'propertyNames', 'dependentSchemas', 'prefixItems'],
  ];
  it.each(keywords)('refuses %s wherever it stands', (keyword) => {
    const part = { type: 'string', [keyword]: 1 };
    const places = [
      [closed({ a: part }), "'properties', 'a'"],
      [closed({ a: { type: 'array', items: part } }), "'properties', 'a', 'items'"],
      [closed({ a: { anyOf: [text, part] } }), "'properties', 'a', 'anyOf', '1'"],
      [{ ...closed({}), $defs: { d: part } }, "'$defs', 'd'"],
    ] as const;
    expect(places.map(([schema]) => strictSchemaFault(schema))).toEqual(
      places.map(([, path]) => `In context=(${path}), '${keyword}' is not permitted.`),
    );
  });

  it.each<[string, Schema, string]>([
    ['a root that is no object', { type: 'array', items: text }, `got 'type: "array"'`],
    ['a choice at the root', { ...closed({}), anyOf: [closed({})] }, "'anyOf' is not permitted at the root"],
    [
      'an open object',
      { type: 'object', properties: {}, required: [] },
      "'additionalProperties' is required",
    ],
    ['an optional property', { ...closed({ a: text, b: text }), required: ['a'] }, "Missing 'b'"],
    ['a required stranger', { ...closed({ a: text }), required: ['a', 'z'] }, "Extra required key 'z'"],
    ['a list of anything', closed({ a: { type: 'array' } }), 'array schema missing items'],
    ['a property of any kind', closed({ a: {} }), "must have a 'type' key"],
    ['a reference to nothing', closed({ a: { $ref: '#/$defs/none' } }), "reference '#/$defs/none'"],
    ['six levels', nested(6), '6 levels of nesting exceeds limit of 5'],
    ['101 properties', wide(101), '101 object properties exceeds limit of 100'],
  ])('refuses %s', (_, schema, said) => {
    expect(strictSchemaFault(schema)).toContain(said);
  });
});

const leaf = fc.constantFrom<Schema>(
  text,
  { type: 'number' },
  { type: 'integer' },
  { type: 'boolean' },
  { type: 'null' },
  { type: ['string', 'null'] },
  { type: 'string', enum: ['yes', 'no'] },
  { type: 'string', const: 'only' },
);
const { schema: anySchema } = fc.letrec<{ schema: Schema; object: Schema }>((tie) => ({
  object: fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'requirements'), tie('schema'), { maxKeys: 4 })
    .map(closed),
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('schema').map((items) => ({ type: 'array', items })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie('object'),
  ),
}));
const rootSchema = fc.dictionary(fc.constantFrom('a', 'b', 'c'), anySchema, { maxKeys: 3 }).map(closed);

describe('conformToSchema', () => {
  it('gives a value that the schema takes, whatever was wanted', () => {
    fc.assert(
      fc.property(rootSchema, fc.jsonValue(), (schema, wanted) => {
        const judge = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
        expect(judge.safeParse(conformToSchema(wanted, schema)).error).toBeUndefined();
      }),
    );
  });

  it('leaves a value that fits as it is', () => {
    const answer = {
      verdicts: [{ id: 'R1', verdict: 'partial', evidence: [{ file: 'f', quote: 'q' }], reason: 'why' }],
      note: 's',
    };
    expect(conformToSchema({ ...answer, unknown: 1 }, opinionShape.schema)).toEqual(answer);
  });

  it('ends where a schema does not', () => {
    expect(conformToSchema({ root: { next: { next: null } } }, tree)).toEqual({
      root: { next: { next: null } },
    });
    expect(conformToSchema({}, tree)).toEqual({ root: { next: null } });
  });
});
