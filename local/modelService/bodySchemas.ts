import type OpenAI from 'openai';
import { z } from 'zod';

/** Parameters the service knows. The compiler holds both lists against the official client's types, so none is missing. */
type ChatParameter = keyof OpenAI.ChatCompletionCreateParamsNonStreaming;
type ResponsesParameter = keyof OpenAI.Responses.ResponseCreateParamsNonStreaming;

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const verbosities = ['low', 'medium', 'high'] as const;
const retentions = ['in_memory', '24h'] as const;
const whole = z.int().nullish();
const real = z.number().nullish();
const flag = z.boolean().nullish();
const string = z.string().nullish();
const ignored = z.unknown().optional();

/** A parameter of the genuine service that the stand-in does not have: refused, lest it be thought to work. */
const beyond = z.undefined({ error: 'The model service stand-in does not have this parameter.' }).optional();

const marked = {
  text: z.string(),
  prompt_cache_breakpoint: z
    .strictObject({ mode: z.literal('explicit'), ttl: z.string().optional() })
    .nullish(),
};
const schemaFormat = {
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().optional(),
  schema: z.record(z.string(), z.unknown()),
  strict: flag,
};

const chatMessage = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([z.string(), z.array(z.strictObject({ type: z.enum(['text']), ...marked })).min(1)])
    .nullish(),
  name: z.string().optional(),
  refusal: string,
  tool_calls: ignored,
  tool_call_id: z.string().optional(),
});

export const chatBody = z.strictObject({
  model: z.string(),
  messages: z.array(chatMessage).min(1),
  audio: beyond,
  frequency_penalty: real,
  function_call: beyond,
  functions: beyond,
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: flag,
  max_completion_tokens: whole,
  max_tokens: whole,
  metadata: ignored,
  modalities: beyond,
  moderation: beyond,
  n: z.literal(1, { error: 'The model service stand-in gives one choice.' }).nullish(),
  parallel_tool_calls: flag,
  prediction: beyond,
  presence_penalty: real,
  prompt_cache_key: string,
  prompt_cache_options: z
    .strictObject({ mode: z.enum(['implicit', 'explicit']).optional(), ttl: z.enum(['30m']).optional() })
    .optional(),
  prompt_cache_retention: z.enum(retentions).nullish(),
  reasoning_effort: z.enum(efforts).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject(schemaFormat) }),
    ])
    .optional(),
  safety_identifier: string,
  seed: whole,
  service_tier: string,
  stop: ignored,
  store: flag,
  stream: flag,
  stream_options: ignored,
  temperature: real,
  tool_choice: ignored,
  tools: z.array(z.unknown()).optional(),
  top_logprobs: whole,
  top_p: real,
  user: string,
  verbosity: z.enum(verbosities).nullish(),
  web_search_options: beyond,
} satisfies Record<ChatParameter, z.ZodType>);

const inputMessage = z.strictObject({
  type: z.enum(['message']).optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([
    z.string(),
    z
      .array(
        z.strictObject({
          type: z.enum(['input_text', 'output_text']),
          ...marked,
          annotations: ignored,
          logprobs: ignored,
        }),
      )
      .min(1),
  ]),
  id: z.string().optional(),
  status: z.string().optional(),
  phase: ignored,
});

export const responsesBody = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(inputMessage).min(1)]),
  access_programs: beyond,
  background: z.literal(false, { error: 'The model service stand-in answers at once.' }).nullish(),
  context_management: beyond,
  conversation: beyond,
  image: beyond,
  include: ignored,
  instructions: string,
  max_output_tokens: whole,
  max_tool_calls: whole,
  metadata: ignored,
  moderation: beyond,
  parallel_tool_calls: flag,
  previous_response_id: beyond,
  prompt: beyond,
  prompt_cache_key: string,
  prompt_cache_options: z
    .strictObject({
      mode: z.enum(['implicit', 'explicit']).optional(),
      ttl: z.enum(['30m', '12h']).optional(),
    })
    .optional(),
  prompt_cache_retention: z.enum(retentions).nullish(),
  reasoning: z.strictObject({ effort: z.enum(efforts).nullish(), summary: string }).nullish(),
  safety_identifier: string,
  service_tier: string,
  store: flag,
  stream: flag,
  stream_options: ignored,
  temperature: real,
  text: z
    .strictObject({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('text') }),
          z.strictObject({ type: z.literal('json_object') }),
          z.strictObject({ type: z.literal('json_schema'), ...schemaFormat }),
        ])
        .optional(),
      verbosity: z.enum(verbosities).nullish(),
    })
    .optional(),
  tool_choice: ignored,
  tools: z.array(z.unknown()).optional(),
  top_logprobs: whole,
  top_p: real,
  truncation: z.enum(['auto', 'disabled']).nullish(),
  user: string,
} satisfies Record<ResponsesParameter, z.ZodType>);
