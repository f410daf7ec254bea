import type OpenAI from 'openai';
import type { Capabilities } from './capabilities.ts';
import { type Heard, nameOf, systemText, textOf } from './heard.ts';
import type { ModelQuestion } from './modelQuestion.ts';

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** A question as a request of Chat Completions. No `temperature`: reasoning models refuse it. */
export function toChat<T>(
  model: string,
  question: ModelQuestion<T>,
  can: Capabilities,
  effort: string | undefined,
): Params {
  const { blocks, cacheKey, maxOutputTokens } = question;
  return {
    model,
    messages: [
      { role: 'system', content: systemText(question, can) },
      { role: 'user', content: contentOf(blocks, can) },
    ],
    ...(can.format === 'text' ? {} : { response_format: formatOf(question, can) }),
    ...(can.breakpoints ? { prompt_cache_options: { mode: 'explicit' as const } } : {}),
    ...(can.cacheKey ? { prompt_cache_key: cacheKey } : {}),
    ...(can.outputLimit ? { max_completion_tokens: maxOutputTokens } : {}),
    ...(can.effort && effort !== undefined ? { reasoning_effort: effort as OpenAI.ReasoningEffort } : {}),
  };
}

/** One text where nothing is marked: small servers know no other. */
function contentOf<T>(blocks: ModelQuestion<T>['blocks'], can: Capabilities) {
  if (!can.breakpoints) return blocks.map(({ text }) => text).join('');
  return blocks.map(({ text, isShared }) => ({
    type: 'text' as const,
    text,
    ...(isShared ? { prompt_cache_breakpoint: { mode: 'explicit' as const } } : {}),
  }));
}

function formatOf<T>(
  { shape }: ModelQuestion<T>,
  can: Capabilities,
): OpenAI.ResponseFormatJSONSchema | OpenAI.ResponseFormatJSONObject {
  return can.format === 'schema'
    ? { type: 'json_schema', json_schema: { name: shape.name, strict: true, schema: shape.schema } }
    : { type: 'json_object' };
}

const endings: Readonly<Record<string, Heard['ending']>> = { length: 'length', content_filter: 'filter' };

export function hearCompletion({ choices, usage, model }: OpenAI.ChatCompletion): Heard {
  const choice = choices?.[0];
  return {
    model: nameOf(model),
    text: textOf(choice?.message?.content),
    isRefused: Boolean(choice?.message?.refusal),
    ending: endings[choice?.finish_reason ?? ''] ?? 'stop',
    usage: usage && {
      input: usage.prompt_tokens,
      output: usage.completion_tokens,
      cached: usage.prompt_tokens_details?.cached_tokens,
      written: usage.prompt_tokens_details?.cache_write_tokens,
    },
  };
}
