import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSchema } from '../../../../shared/tools/schema/compileSchema.ts';
import { narrowings } from '../../../../shared/tools/schema/narrowing.ts';
import { schemaFaults } from '../../../../shared/tools/schema/schemaRules.ts';
import { takes } from '../../../../shared/tools/schema/takes.ts';
import type { JsonSchema } from '../../../../shared/tools/tool.ts';
import { argumentsOf, changeOf, objectSchema } from '../../../support/schemas.ts';

const object = (properties: object, more: object = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});

describe('narrowings', () => {
  const text = { type: 'string' };
  const number = (given: object) => object({ a: { type: 'number', ...given } });
  const whole = (given: object) => object({ a: { type: 'integer', ...given } });
  it.each([
    ['the same', object({ a: text }), object({ a: text }), undefined],
    ['one more that may be there', object({ a: text }), object({ a: text, b: text }), undefined],
    [
      'wider bounds',
      object({ a: { type: 'integer', maximum: 5 } }),
      object({ a: { type: 'number', maximum: 9 } }),
      undefined,
    ],
    [
      'another value',
      object({ a: { type: 'string', enum: ['x'] } }),
      object({ a: { type: 'string', enum: ['y', 'x'] } }),
      undefined,
    ],
    ['required', object({ a: text }), object({ a: text }, { required: ['a'] }), 'a: is now required'],
    [
      'another type',
      object({ a: text }),
      object({ a: { type: 'number' } }),
      'a: was string and becomes number',
    ],
    [
      'a value less',
      object({ a: { type: 'string', enum: ['x', 'y'] } }),
      object({ a: { type: 'string', enum: ['x'] } }),
      'a: does not take "y"',
    ],
    [
      'only values',
      object({ a: text }),
      object({ a: { type: 'string', enum: ['x'] } }),
      'a: takes only some values now',
    ],
    [
      'a maximum',
      object({ a: text }),
      object({ a: { type: 'string', maxLength: 5 } }),
      'a: maxLength is now 5',
    ],
    [
      'a higher minimum',
      object({ a: { type: 'number', minimum: 1 } }),
      object({ a: { type: 'number', minimum: 2 } }),
      'a: minimum is now 2',
    ],
    [
      'a format',
      object({ a: text }),
      object({ a: { type: 'string', format: 'date' } }),
      'a: must now be a date',
    ],
    ['gone', object({ a: text }), object({}), 'a: is gone'],
    [
      'closed',
      object({ a: text }),
      object({ a: text }, { additionalProperties: false }),
      'arguments: takes no unknown',
    ],
    [
      'items',
      object({ a: { type: 'array', items: text } }),
      object({ a: { type: 'array', items: { type: 'number' } } }),
      'a[]: was string',
    ],
    [
      'a default gone that made a required member optional',
      object({ a: { ...text, default: 'x' } }, { required: ['a'] }),
      object({ a: text }, { required: ['a'] }),
      'a: is now required',
    ],
    [
      'required with a default',
      object({ a: text }),
      object({ a: { ...text, default: 'x' } }, { required: ['a'] }),
      undefined,
    ],
    [
      'a default that is none',
      object({ a: text }),
      object({ a: { ...text, default: 5 } }),
      'a: its default is not what it takes',
    ],
    [
      'a default that was none before',
      object({ a: { ...text, default: 5 } }),
      object({ a: { ...text, default: 5 } }),
      undefined,
    ],
    ['a factor of the factor', number({ multipleOf: 10 }), number({ multipleOf: 5 }), undefined],
    ['a half of a fraction', number({ multipleOf: 0.2 }), number({ multipleOf: 0.1 }), undefined],
    [
      'another factor',
      number({ multipleOf: 10 }),
      number({ multipleOf: 4 }),
      'a: must now be a multiple of 4',
    ],
    [
      'a greater factor',
      number({ multipleOf: 5 }),
      number({ multipleOf: 10 }),
      'a: must now be a multiple of 10',
    ],
    ['decimals of a whole number', whole({}), number({ multipleOf: 0.01 }), undefined],
    [
      'decimals that round otherwise',
      number({ multipleOf: 7 }),
      number({ multipleOf: 0.7 }),
      'a: must now be',
    ],
    ['a factor of decimals', number({ multipleOf: 0.3 }), number({ multipleOf: 0.1 }), 'a: must now be'],
    ['whole numbers said in two ways', number({ multipleOf: 5 }), whole({ multipleOf: 1 }), undefined],
    ['numbers that need not be whole', number({}), whole({}), 'a: was number and becomes integer'],
    ['the same lower bound', whole({ minimum: 1 }), whole({ exclusiveMinimum: 0 }), undefined],
    ['the same upper bound', whole({ exclusiveMaximum: 10 }), whole({ maximum: 9 }), undefined],
    ['a bound between whole numbers', whole({ minimum: 0.5 }), whole({ minimum: 1 }), undefined],
    ['a bound between multiples', whole({ multipleOf: 5, maximum: 9 }), whole({ maximum: 5 }), undefined],
    ['a bound of fractions', number({ minimum: 1 }), number({ exclusiveMinimum: 0 }), undefined],
    ['the end of fractions', number({ exclusiveMinimum: 0 }), number({ minimum: 1 }), 'a: minimum is now 1'],
    [
      'an end that is open now',
      number({ maximum: 1 }),
      number({ exclusiveMaximum: 1 }),
      'a: exclusiveMaximum is now 1',
    ],
    ['an open end said closed', number({ exclusiveMaximum: 1 }), number({ maximum: 1 }), undefined],
    ['values within new bounds', whole({ enum: [1, 5] }), whole({ minimum: 1, maximum: 5 }), undefined],
    [
      'values beyond new bounds',
      whole({ enum: [1, 6] }),
      whole({ maximum: 5 }),
      'a: does not take 6 any more',
    ],
    [
      'a list of all there are',
      object({ a: { type: 'boolean' } }),
      object({ a: { type: 'boolean', enum: [true, false] } }),
      undefined,
    ],
    ['no bound but zero', object({ a: text }), object({ a: { ...text, minLength: 0 } }), undefined],
    ['a name of every object', object({ constructor: text }), object({}), 'constructor: is gone'],
  ])('%s', (_what, before, after, expected) => {
    const found = narrowings(before, after);
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found[0]).toContain(expected);
  });

  it('go by what floating point numbers make of a factor', () => {
    const cents = fc.integer({ min: 1, max: 500 });
    const scale = fc.constantFrom(1, 2, 10, 100);
    fc.assert(
      fc.property(cents, cents, scale, fc.array(fc.nat(2_000)), (old, now, over, counts) => {
        const before = number({ multipleOf: (old * now) / over });
        const after = number({ multipleOf: now / over });
        if (narrowings(before, after).length > 0) return;
        for (const count of counts)
          for (const a of [count * ((old * now) / over), (count * old * now) / over])
            if (takes(before, { a })) expect(takes(after, { a })).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('says nothing of the same schema, whatever it is', () => {
    fc.assert(
      fc.property(objectSchema, (schema) => {
        expect(narrowings(schema, schema)).toEqual([]);
      }),
    );
  });

  it('are found wherever arguments that were right are right no more', async () => {
    const seen = { narrowed: 0, silent: 0, taken: 0 };
    await fc.assert(
      fc.asyncProperty(
        objectSchema.chain((before) =>
          fc.tuple(
            fc.constant(before),
            changeOf(before),
            fc.array(argumentsOf(before), { minLength: 20, maxLength: 20 }),
          ),
        ),
        async ([before, after, tried]) => {
          expect(schemaFaults(after)).toEqual([]);
          if (narrowings(before, after).length > 0) {
            seen.narrowed++;
            return;
          }
          if (JSON.stringify(before) === JSON.stringify(after)) return;
          seen.silent++;
          const [old, now] = [await compileSchema(before), await compileSchema(after)];
          for (const one of tried) {
            if (!old(one).ok) continue;
            seen.taken++;
            expect(now(one)).toMatchObject({ ok: true });
          }
        },
      ),
      { numRuns: 500 },
    );
    // Else nothing has been tried.
    expect(seen.narrowed).toBeGreaterThan(80);
    expect(seen.silent).toBeGreaterThan(80);
    expect(seen.taken).toBeGreaterThan(800);
  });
});

describe('takes', () => {
  it('says what the compiled validator says', async () => {
    const seen = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        objectSchema.chain((schema) =>
          fc.tuple(fc.constant(schema), fc.array(argumentsOf(schema), { minLength: 10, maxLength: 10 })),
        ),
        async ([schema, tried]) => {
          const check = await compileSchema(schema);
          for (const one of tried) {
            const isTaken = check(one).ok;
            expect(takes(schema, one)).toBe(isTaken);
            seen[isTaken ? 'taken' : 'refused']++;
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
  });
});
