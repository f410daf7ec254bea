import { describe, expect, it } from 'vitest';
import { compileSchema } from '../../../../shared/tools/schema/compileSchema.ts';
import { schemaFaults } from '../../../../shared/tools/schema/schemaRules.ts';
import type { JsonSchema } from '../../../../shared/tools/tool.ts';

const object = (properties: object, more: object = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});

describe('schemaFaults', () => {
  it.each([
    [object({}), undefined],
    [
      object({ a: { type: 'string', format: 'date', minLength: 1, description: 'd', enum: ['x'] } }),
      undefined,
    ],
    [
      object({ a: { type: 'array', items: { type: 'integer', minimum: 1 } } }, { required: ['a'] }),
      undefined,
    ],
    [{ type: 'string' }, 'type: must be "object"'],
    [{}, 'type: must be "object"'],
    [
      object({ a: { type: 'string', pattern: '(a+)+$' } }),
      'properties.a.pattern: is not taken for type string',
    ],
    [object({ a: { $ref: 'https://x.example' } }), 'properties.a.type: must be one of'],
    [object({ a: { type: ['string', 'null'] } }), 'properties.a.type: must be one of'],
    [object({ a: { type: 'string', format: 'regex' } }), 'properties.a.format: must be one of'],
    [object({}, { additionalProperties: { type: 'string' } }), 'additionalProperties: must be true or false'],
    [
      object({ a: { type: 'array', items: { type: 'string', minimum: 1 } } }),
      'properties.a.items.minimum: is not',
    ],
    [object({ a: true }), 'properties.a: must be a schema with a type'],
    [object({ a: { type: 'constructor' } }), 'properties.a.type: must be one of'],
    [object({ a: { type: 'string', description: 'x'.repeat(17_000) } }), 'schema: must be at most 16384'],
  ])('%j', (schema, expected) => {
    const faults = schemaFaults(schema as JsonSchema);
    if (expected === undefined) expect(faults).toEqual([]);
    else expect(faults[0]).toContain(expected);
  });

  it('stops at eight deep', () => {
    let schema: object = { type: 'string' };
    for (let i = 0; i < 9; i++) schema = object({ a: schema });
    expect(schemaFaults(schema as JsonSchema)[0]).toContain('is nested more than 8 deep');
  });
});

describe('compileSchema', () => {
  const schema = object(
    {
      day: { type: 'string', format: 'date' },
      party: { type: 'integer', minimum: 1, default: 2 },
      room: { type: 'string', enum: ['in', 'out'] },
      deep: object({ note: { type: 'string', maxLength: 5 } }),
    },
    { required: ['day'], additionalProperties: false },
  );

  it('fills in defaults and leaves what was given as it is', async () => {
    const check = await compileSchema(schema);
    const given = { day: '2026-11-21' };
    expect(check(given)).toEqual({ ok: true, input: { day: '2026-11-21', party: 2 } });
    expect(given).toEqual({ day: '2026-11-21' });
  });

  it('names every fault and repeats nothing that was given', async () => {
    const check = await compileSchema(schema);
    const given = { party: 'Jane +61412345678', room: 'Jane', more: 1, deep: { note: 'Jane Doe' } };
    const read = check(given);
    expect(read).toEqual({
      ok: false,
      faults: expect.arrayContaining([
        'day: is missing',
        'more: is not known',
        'party: must be integer',
        'room: must be one of in, out',
        'deep.note: must NOT have more than 5 characters',
      ]),
    });
    expect(JSON.stringify(read)).not.toMatch(/Jane|0412|61412/);
  });

  it('looks at no date of a thousand characters', async () => {
    const check = await compileSchema(schema);
    expect(check({ day: '1'.repeat(1_001) })).toEqual({
      ok: false,
      faults: ['arguments: a text is too long'],
    });
  });

  it('says what is wrong with a schema that cannot be compiled', async () => {
    await expect(compileSchema({ type: 'string' })).rejects.toMatchObject({
      faults: ['type: must be "object"'],
    });
    await expect(compileSchema(object({ a: { type: 'string', minLength: -1 } }))).rejects.toMatchObject({
      name: 'SchemaError',
      message: expect.stringContaining('schema: '),
    });
    await expect(compileSchema(object({}, { required: ['a', 'a'] }))).rejects.toMatchObject({
      name: 'SchemaError',
    });
  });

  it('keeps members that would reach a prototype apart', async () => {
    const check = await compileSchema(object({}));
    check(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
