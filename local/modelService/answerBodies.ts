import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import type { CacheUse } from './cacheUse.ts';
import type { ModelRequest } from './modelRequest.ts';
import type { Speech } from './speech.ts';

export interface Answer {
  request: ModelRequest;
  speech: Speech;
  /** Name of the model that answered. */
  model: string;
  promptTokens: number;
  cacheUse: CacheUse;
  /** Models since GPT-5.6 report what they wrote to the cache. */
  reportsWrites: boolean;
  withUsage: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

const id = (prefix: string) => `${prefix}${randomUUID().replaceAll('-', '')}`;

export function chatCompletion(answer: Answer) {
  const { speech, model, now } = answer;
  return {
    id: id('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(now / 1000),
    model,
    choices: [
      {
        index: 0,
        finish_reason: speech.finish,
        logprobs: null,
        message: { role: 'assistant', content: speech.content, refusal: speech.refusal, annotations: [] },
      },
    ],
    ...(answer.withUsage ? { usage: chatUsage(answer) } : {}),
  } satisfies OpenAI.ChatCompletion;
}

function chatUsage({ speech, promptTokens, cacheUse, reportsWrites }: Answer) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: speech.outputTokens,
    total_tokens: promptTokens + speech.outputTokens,
    prompt_tokens_details: {
      audio_tokens: 0,
      cached_tokens: cacheUse.cached,
      ...(reportsWrites ? { cache_write_tokens: cacheUse.written } : {}),
    },
    completion_tokens_details: {
      accepted_prediction_tokens: 0,
      audio_tokens: 0,
      reasoning_tokens: speech.reasoningTokens,
      rejected_prediction_tokens: 0,
    },
  } satisfies OpenAI.CompletionUsage;
}

/** The body of the Responses API; the client adds `output_text` itself. */
export function response(answer: Answer) {
  const { request, speech, model, now } = answer;
  const { body, cacheOptions } = request;
  const whole = speech.finish === 'stop';
  const status = whole ? ('completed' as const) : ('incomplete' as const);
  return {
    id: id('resp_'),
    object: 'response',
    created_at: Math.floor(now / 1000),
    completed_at: whole ? Math.floor(now / 1000) : null,
    status,
    access_programs: null,
    background: false,
    error: null,
    incomplete_details: whole
      ? null
      : { reason: speech.finish === 'length' ? 'max_output_tokens' : 'content_filter' },
    instructions: typeof body.instructions === 'string' ? body.instructions : null,
    max_output_tokens: request.maxOutputTokens ?? null,
    metadata: {},
    model,
    output: outputOf(speech, status),
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: request.cacheKey ?? null,
    prompt_cache_retention: request.cacheRetention ?? null,
    ...(answer.reportsWrites
      ? { prompt_cache_options: { mode: cacheOptions?.mode ?? 'implicit', ttl: cacheOptions?.ttl ?? '30m' } }
      : {}),
    reasoning: { effort: request.effort ?? null, summary: null },
    temperature: typeof body.temperature === 'number' ? body.temperature : null,
    text: { format: textFormat(request) },
    tool_choice: 'auto',
    tools: [],
    top_p: typeof body.top_p === 'number' ? body.top_p : null,
    truncation: 'disabled',
    ...(answer.withUsage ? { usage: responsesUsage(answer) } : {}),
  } satisfies Omit<OpenAI.Responses.Response, 'output_text'>;
}

function outputOf(speech: Speech, status: 'completed' | 'incomplete'): OpenAI.Responses.ResponseOutputItem[] {
  const { content, refusal, reasoningTokens } = speech;
  const thought: OpenAI.Responses.ResponseOutputItem[] =
    reasoningTokens > 0 ? [{ id: id('rs_'), type: 'reasoning', summary: [] }] : [];
  if (content === null && refusal === null) return thought;
  const part =
    refusal === null
      ? ({ type: 'output_text', text: content ?? '', annotations: [], logprobs: [] } as const)
      : ({ type: 'refusal', refusal } as const);
  return [
    ...thought,
    {
      id: id('msg_'),
      type: 'message',
      role: 'assistant',
      status,
      content: [part.type === 'refusal' ? part : { ...part, annotations: [], logprobs: [] }],
    },
  ];
}

function textFormat({ format }: ModelRequest): OpenAI.Responses.ResponseFormatTextConfig {
  if (format.kind === 'text') return { type: 'text' };
  if (format.kind === 'object') return { type: 'json_object' };
  return { type: 'json_schema', name: format.name, strict: format.strict, schema: format.schema };
}

function responsesUsage({ speech, promptTokens, cacheUse }: Answer) {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cacheUse.cached, cache_write_tokens: cacheUse.written },
    output_tokens: speech.outputTokens,
    output_tokens_details: { reasoning_tokens: speech.reasoningTokens },
    total_tokens: promptTokens + speech.outputTokens,
  } satisfies OpenAI.Responses.ResponseUsage;
}
