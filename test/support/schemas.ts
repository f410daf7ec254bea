import fc from 'fast-check';
import type { JsonSchema } from '../../shared/tools/tool.ts';

const texts = ['', 'a', 'bb', 'ccc', 'dddd', '😀😀', '2026-11-21', '0f3c5a77-90b1-42e4-8123-0123456789ab'];
const numbers = [
  -10, -5, -2.5, -1, -0.5, 0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.9, 1, 1.5, 2, 3, 4.5, 5, 6, 9, 10, 20,
];
const factors = [0.1, 0.2, 0.3, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 10];
const names = ['a', 'b', 'c'];

const text = fc.constantFrom(...texts);
const number = fc.constantFrom(...numbers);
const anyLeaf: fc.Arbitrary<unknown> = fc.oneof(text, number, fc.boolean());
const length = fc.nat(4);

/** Keywords of a type, each there or not; most schemas have few. */
function keywords(type: string, given: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonSchema> {
  return fc
    .record({ all: fc.record(given), kept: fc.subarray(Object.keys(given), { maxLength: 3 }) })
    .map(({ all, kept }) => ({
      type,
      ...Object.fromEntries(Object.entries(all).filter(([key]) => kept.includes(key))),
    }));
}

const valuesFrom = (value: fc.Arbitrary<unknown>) => ({
  enum: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  const: value,
  // Wrong ones too: nothing else says that a default is right.
  default: fc.oneof(value, value, anyLeaf),
});
const numeric = {
  ...valuesFrom(number),
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: fc.constantFrom(...factors),
};

const byType: Readonly<Record<string, fc.Arbitrary<JsonSchema>>> = {
  string: keywords('string', {
    ...valuesFrom(text),
    minLength: length,
    maxLength: length,
    format: fc.constantFrom('date', 'uuid'),
  }),
  integer: keywords('integer', numeric),
  number: keywords('number', numeric),
  boolean: keywords('boolean', valuesFrom(fc.boolean())),
};
const leaf = fc.oneof(...Object.values(byType));
const list = fc
  .tuple(
    keywords('array', {
      minItems: fc.nat(2),
      maxItems: fc.nat(3),
      default: fc.array(anyLeaf, { maxLength: 2 }),
    }),
    fc.option(leaf),
  )
  .map(([schema, items]) => (items ? { ...schema, items } : schema));

const membersOf = (property: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> =>
  fc
    .record({
      properties: fc.dictionary(fc.constantFrom(...names), property, { maxKeys: 3 }),
      required: fc.subarray(names, { maxLength: 2 }),
      isOpen: fc.boolean(),
    })
    .map(({ properties, required, isOpen }) => ({
      type: 'object',
      // The dictionary has no prototype, which no document has.
      properties: { ...properties },
      required: required.filter((name) => Object.hasOwn(properties, name)),
      ...(isOpen ? {} : { additionalProperties: false }),
    }));

const inner = fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: list });
const nested = fc
  .tuple(membersOf(inner), fc.option(fc.dictionary(fc.constantFrom(...names), anyLeaf)))
  .map(([schema, given]) => (given ? { ...schema, default: { ...given } } : schema));
const property = fc.oneof({ weight: 4, arbitrary: inner }, { weight: 1, arbitrary: nested });

/** Schemas of arguments within the rules, those that take nothing included. */
export const objectSchema = membersOf(property);

/** What might be published after a schema: some of it as it was, some changed in part, some new. */
export function changeOf(before: JsonSchema): fc.Arbitrary<JsonSchema> {
  const same = fc.constant(before);
  if (before.type === 'object')
    return fc.oneof({ weight: 1, arbitrary: same }, { weight: 9, arbitrary: changedMembers(before) });
  if (before.type === 'array') {
    const changed = before.items ? changeOf(before.items as JsonSchema) : leaf;
    return fc.oneof(
      same,
      list,
      changed.map((items) => ({ ...before, items })),
    );
  }
  const sibling = { integer: 'number', number: 'integer' }[String(before.type)] ?? String(before.type);
  const partly = (type: string) =>
    fc
      .tuple(byType[type] ?? leaf, fc.subarray(Object.keys(before)), fc.boolean())
      .map(([fresh, kept, isAdded]) => ({
        ...(isAdded ? fresh : {}),
        ...Object.fromEntries(Object.entries(before).filter(([key]) => kept.includes(key))),
        type,
      }));
  return fc.oneof(
    { weight: 3, arbitrary: same },
    { weight: 6, arbitrary: partly(String(before.type)) },
    { weight: 1, arbitrary: partly(sibling) },
    { weight: 1, arbitrary: leaf },
  );
}

function changedMembers(before: JsonSchema): fc.Arbitrary<JsonSchema> {
  const old = Object.entries(before.properties as Record<string, JsonSchema>);
  const required = before.required as string[];
  return fc
    .record({
      changed: fc.tuple(...old.map(([, schema]) => changeOf(schema))),
      gone: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(names) }),
      added: fc.dictionary(fc.constantFrom(...names), property, { maxKeys: 1 }),
      kept: fc.oneof(fc.constant(required), fc.subarray(required)),
      more: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(names) }),
      opened: fc.boolean(),
    })
    .map(({ changed, gone, added, kept, more, opened }) => {
      const { additionalProperties: _, ...rest } = before;
      const properties = Object.fromEntries(old.map(([name], i) => [name, changed[i]]));
      for (const name of gone) delete properties[name];
      const all = { ...added, ...properties };
      const wanted = new Set([...kept, ...more]);
      return {
        ...(opened ? rest : before),
        properties: all,
        required: [...wanted].filter((name) => Object.hasOwn(all, name)),
      };
    });
}

/** Arguments a model might send that was told of a schema: of its members alone, many of them right. */
export function argumentsOf(schema: JsonSchema): fc.Arbitrary<Record<string, unknown>> {
  const properties = schema.properties as Record<string, JsonSchema>;
  const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one)]));
  return fc.record(members, { requiredKeys: [] }).map((given) => ({ ...given }));
}

function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, enum: named, const: only, items, minimum, maximum } = schema;
  const stray = { weight: 1, arbitrary: anyLeaf };
  const right = (arbitrary: fc.Arbitrary<unknown>) => fc.oneof({ weight: 12, arbitrary }, stray);
  if (only !== undefined) return right(fc.constant(only));
  if (Array.isArray(named)) return right(fc.constantFrom(...named));
  if (type === 'object') return right(argumentsOf(schema));
  if (type === 'array')
    return right(fc.array(items ? valuesOf(items as JsonSchema) : anyLeaf, { maxLength: 3 }));
  if (type === 'string') return right(text);
  if (type === 'boolean') return right(fc.boolean());
  const near = [minimum, maximum, schema.exclusiveMinimum, schema.exclusiveMaximum].flatMap((end) =>
    typeof end === 'number' ? [end, end + 1, end - 1, end + 0.5, end - 0.5] : [],
  );
  const factor = Number(schema.multipleOf ?? 1);
  return right(
    fc.oneof(
      number,
      fc.integer({ min: -6, max: 6 }).map((n) => n * factor),
      fc.constantFrom(...near, 0),
    ),
  );
}
