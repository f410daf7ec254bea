import { expect, it } from 'vitest';
import { z } from 'zod';
import { toVapiParameters } from '../../../../shared/voice/assistant/vapiSchema.ts';

const told = (shape: z.ZodObject) =>
  toVapiParameters(z.toJSONSchema(shape, { io: 'input' }) as Record<string, unknown>);

it('tells what Vapi takes, and leaves out what it would refuse', () => {
  const shape = z
    .object({
      day: z.iso.date().describe('the day'),
      link: z.url(),
      note: z.string().max(5).nullable().describe('a note'),
      size: z.enum(['small', 'large']),
      count: z
        .union([z.int().min(1), z.string()])
        .optional()
        .describe('how many'),
      level: z.union([z.literal(1), z.literal(2)]).optional(),
      any: z.unknown(),
      pair: z.tuple([z.int(), z.string()]).optional(),
      items: z.array(z.object({ name: z.string(), kind: z.literal('x') })).optional(),
    })
    .describe('all of it');
  expect(told(shape)).toEqual({
    type: 'object',
    properties: {
      day: { type: 'string', format: 'date', description: 'the day' },
      link: { type: 'string' },
      note: { type: 'string', description: 'a note' },
      size: { type: 'string', enum: ['small', 'large'] },
      count: { type: 'integer', description: 'how many' },
      level: { type: 'number' },
      any: { type: 'string' },
      pair: { type: 'array', items: { type: 'integer' } },
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, kind: { type: 'string', enum: ['x'] } },
          required: ['name', 'kind'],
        },
      },
    },
    required: ['day', 'link', 'note', 'size', 'any'],
  });
});

it('tells of a schema that is part of itself no more than its kind', () => {
  const node: z.ZodObject = z.object({
    get children() {
      return z.array(node).optional();
    },
  });
  expect(told(node).properties.children).toEqual({
    type: 'array',
    items: { type: 'object', properties: {} },
  });
});

it('tells of a function without arguments that it has none', () => {
  expect(told(z.object({}))).toEqual({ type: 'object', properties: {} });
});
