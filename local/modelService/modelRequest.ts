import type { z } from 'zod';
import { bodyFault } from './bodyFault.ts';
import { chatBody, responsesBody } from './bodySchemas.ts';
import { type Fault, invalid } from './fault.ts';
import type { Effort } from './models.ts';
import type { Api } from './route.ts';

export interface PromptPart {
  text: string;
  /** Marked with `prompt_cache_breakpoint`. */
  breakpoint: boolean;
}

export interface PromptMessage {
  role: string;
  name?: string | undefined;
  parts: readonly PromptPart[];
}

export type AnswerFormat =
  | { kind: 'text' }
  | { kind: 'object' }
  | { kind: 'schema'; name: string; strict: boolean; schema: Record<string, unknown> };

/** A request to either API in one form. */
export interface ModelRequest {
  api: Api;
  /** The body's `model`; where the path names the deployment, that one wins. */
  model: string;
  messages: readonly PromptMessage[];
  format: AnswerFormat;
  tools: readonly unknown[] | undefined;
  /** Most tokens of the answer, reasoning included; undefined is the model's own limit. */
  maxOutputTokens: number | undefined;
  effort: Effort | undefined;
  verbosity: string | undefined;
  cacheKey: string | undefined;
  cacheOptions: { mode?: 'implicit' | 'explicit' | undefined; ttl?: '30m' | '12h' | undefined } | undefined;
  cacheRetention: 'in_memory' | '24h' | undefined;
  /** The body as it was sent. */
  body: Readonly<Record<string, unknown>>;
}

export type ReadRequest = { request: ModelRequest } | { fault: Fault };

/** A body as a request, or what is wrong with its shape. Rules that depend on the model are checked elsewhere. */
export function readModelRequest(api: Api, body: unknown): ReadRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { fault: invalid('We could not parse the JSON body of your request.') };
  return api === 'chat' ? readChat(body) : readResponses(body);
}

function readChat(body: object): ReadRequest {
  const parsed = chatBody.safeParse(body, { reportInput: true });
  if (!parsed.success) return { fault: bodyFault('chat', parsed.error.issues) };
  const { data } = parsed;
  const format = data.response_format;
  return {
    request: {
      ...common(data, body),
      api: 'chat',
      messages: data.messages.map(({ role, name, content }) => ({ role, name, parts: partsOf(content) })),
      format: format?.type === 'json_schema' ? schemaFormat(format.json_schema) : plainFormat(format?.type),
      maxOutputTokens: data.max_completion_tokens ?? data.max_tokens ?? undefined,
      effort: data.reasoning_effort ?? undefined,
      verbosity: data.verbosity ?? undefined,
    },
  };
}

function readResponses(body: object): ReadRequest {
  const parsed = responsesBody.safeParse(body, { reportInput: true });
  if (!parsed.success) return { fault: bodyFault('responses', parsed.error.issues) };
  const { data } = parsed;
  const format = data.text?.format;
  const input = typeof data.input === 'string' ? [{ role: 'user', content: data.input }] : data.input;
  const instructions = data.instructions ? [{ role: 'system', content: data.instructions }] : [];
  return {
    request: {
      ...common(data, body),
      api: 'responses',
      messages: [...instructions, ...input].map(({ role, content }) => ({ role, parts: partsOf(content) })),
      format: format?.type === 'json_schema' ? schemaFormat(format) : plainFormat(format?.type),
      maxOutputTokens: data.max_output_tokens ?? undefined,
      effort: data.reasoning?.effort ?? undefined,
      verbosity: data.text?.verbosity ?? undefined,
    },
  };
}

function common(data: z.infer<typeof chatBody> | z.infer<typeof responsesBody>, body: object) {
  return {
    model: data.model,
    tools: data.tools,
    cacheKey: data.prompt_cache_key ?? undefined,
    cacheOptions: data.prompt_cache_options,
    cacheRetention: data.prompt_cache_retention ?? undefined,
    body: body as Record<string, unknown>,
  };
}

interface MarkedText {
  text: string;
  prompt_cache_breakpoint?: unknown;
}

function partsOf(content: string | readonly MarkedText[] | null | undefined): PromptPart[] {
  if (typeof content === 'string') return [{ text: content, breakpoint: false }];
  return (content ?? []).map(({ text, prompt_cache_breakpoint: mark }) => ({
    text,
    breakpoint: mark !== undefined && mark !== null,
  }));
}

function schemaFormat(format: {
  name: string;
  schema: Record<string, unknown>;
  strict?: boolean | null | undefined;
}): AnswerFormat {
  return { kind: 'schema', name: format.name, strict: format.strict === true, schema: format.schema };
}

const plainFormat = (type: string | undefined): AnswerFormat => ({
  kind: type === 'json_object' ? 'object' : 'text',
});
