import { z } from 'zod';
import { isObject } from '../../isObject.ts';
import { boundedJson } from '../boundedJson.ts';
import { type JsonSchema, zodFaults } from '../tool.ts';
import type { CodeToolDefinition } from './bundle.ts';
import { ToolLoadError } from './failures.ts';

const object = z.custom<Record<string, unknown>>(isObject, 'must be an object');

const names = z.array(z.string('must be text'), 'must be a list');

const schema = z.object({
  name: z.string('must be text'),
  description: z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(1_000, 'must have at most 1,000 characters'),
  inputSchema: z.custom<JsonSchema>(
    (value) => isObject(value) && value.type === 'object',
    'must be a JSON Schema of type "object"',
  ),
  outputSchema: z.custom<JsonSchema>(isObject, 'must be a JSON Schema').optional(),
  sideEffect: z.boolean('must be true or false').default(true),
  timeoutMs: z.int('must be a whole number of ms').optional(),
  tenants: names.optional(),
  hosts: names.optional(),
  secrets: names.optional(),
  selfTest: z
    .object({
      input: object,
      fetches: z
        .array(
          z.object({
            url: z.string('must be text'),
            method: z.string('must be text').default('GET'),
            status: z.int('must be a status').min(200, 'must be a status').max(599, 'must be a status'),
            body: z.unknown().optional(),
          }),
          'must be a list',
        )
        .default([]),
      expect: z.unknown().optional(),
    })
    .optional(),
});

/**
 * What a bundle exports, from the text its process told it in.
 * @throws ToolLoadError with the members that are not right, never with their values.
 */
export function readDefinition(text: string, name: string, most: number): CodeToolDefinition {
  const given = boundedJson(text, most);
  if (given === undefined)
    throw new ToolLoadError('exports', 'what the bundle exports is too large or nested too deeply');
  const read = schema.safeParse(given);
  if (!read.success) {
    const faults = zodFaults(read.error).join('; ');
    throw new ToolLoadError('exports', `what the bundle exports is not a tool: ${faults}`);
  }
  if (read.data.name !== name)
    throw new ToolLoadError('exports', 'the bundle exports a tool of another name');
  return read.data;
}
