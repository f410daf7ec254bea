import { z } from 'zod';
import { toolNamePattern, toolNameRule } from '../toolName.ts';
import { isPointer } from './jsonPointer.ts';
import type { Json } from './requestBody.ts';

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line');

const json: z.ZodType<Json> = z.json();
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const pointer = z
  .string()
  .max(200)
  .refine(isPointer, 'must be a JSON Pointer: empty, or "/" before each step, for example /data/0/start');

const inputSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});

const request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: line(2_000),
  query: z.record(line(100), z.string().max(1_000)).optional(),
  headers: z.record(line(100), line(1_000)).optional(),
  body: json.optional(),
});

const list = z.strictObject({
  /** An array, or an object of arrays, whose items are taken in its order. */
  items: pointer,
  /** How one item is said; pointers start at the item. */
  each: line(300),
  separator: z.string().max(20).default(', '),
  most: z.int().min(1).max(50).default(5),
  /** Said after the last one where there are more; `{list.more}` is how many. */
  more: line(200).optional(),
  /** Said instead of everything where there is none. */
  empty: line(500),
});

const response = z.strictObject({
  /** IANA name, or `{argument}` that holds one. Times are said as clocks there show them. */
  timeZone: line(100).optional(),
  say: line(1_000),
  list: list.optional(),
  /** Answers that are failures whatever their status: the first that holds is said. */
  fails: z
    .array(z.strictObject({ pointer, equals: scalar, say: line(500) }))
    .max(20)
    .default([]),
  errors: z
    .strictObject({
      /** For statuses without words of their own. */
      default: line(500),
      /** Where no answer came: what was asked for may have been done all the same. Needed where it changes something. */
      noAnswer: line(500).optional(),
    })
    .catchall(line(500)),
});

const selfTestCase = z.strictObject({
  name: line(100),
  input: z.record(z.string(), json).default({}),
  /** The call it is made in, where that matters. */
  context: z
    .strictObject({
      caller: line(100).optional(),
      tenantId: line(100).optional(),
      conversationId: line(100).optional(),
      idempotencyKey: line(100).optional(),
      now: z.iso.datetime().optional(),
    })
    .default({}),
  answer: z.strictObject({ status: z.int().min(200).max(599), body: json.optional() }),
  /** What must have been sent; members that are left out are not compared. */
  request: z
    .strictObject({
      url: z.string().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: json.optional(),
    })
    .optional(),
  /** What the model must be told, of a success or of a failure. */
  say: line(1_000),
});

/** A definition as far as its members go, each by itself. */
export const definitionShape = z.strictObject({
  name: z.string().regex(toolNamePattern, toolNameRule),
  /** For the model: what the tool does and when to call it. */
  description: line(1_000),
  inputSchema,
  /** False only where the request changes nothing. */
  sideEffect: z.boolean(),
  /** For the whole request; 8 s unless given. */
  timeoutMs: z.int().min(100).max(15_000).optional(),
  request,
  response,
  selfTest: z.array(selfTestCase).max(20).default([]),
});

export type HttpToolDefinition = z.infer<typeof definitionShape>;
export type HttpRequestTemplate = HttpToolDefinition['request'];
export type ResponseTemplate = HttpToolDefinition['response'];
export type ListTemplate = NonNullable<ResponseTemplate['list']>;
export type SelfTestCase = HttpToolDefinition['selfTest'][number];
