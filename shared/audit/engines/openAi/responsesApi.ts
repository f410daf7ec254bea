import type OpenAI from 'openai';
import type { Capabilities } from './capabilities.ts';
import { type Heard, nameOf, systemText, textOf } from './heard.ts';
import type { ModelQuestion } from './modelQuestion.ts';

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;

/** A question as a request of the Responses API. No `temperature`: reasoning models refuse it. */
export function toResponses<T>(
  model: string,
  question: ModelQuestion<T>,
  can: Capabilities,
  effort: string | undefined,
): Params {
  const { blocks, cacheKey, maxOutputTokens } = question;
  const content = blocks.map(({ text, isShared }) => ({
    type: 'input_text' as const,
    text,
    ...(isShared && can.breakpoints ? { prompt_cache_breakpoint: { mode: 'explicit' as const } } : {}),
  }));
  return {
    model,
    input: [
      { role: 'system', content: systemText(question, can) },
      { role: 'user', content },
    ],
    ...(can.format === 'text' ? {} : { text: { format: formatOf(question, can) } }),
    ...(can.breakpoints ? { prompt_cache_options: { mode: 'explicit' as const } } : {}),
    ...(can.cacheKey ? { prompt_cache_key: cacheKey } : {}),
    ...(can.outputLimit ? { max_output_tokens: maxOutputTokens } : {}),
    ...(can.store ? { store: false } : {}),
    ...(can.effort && effort !== undefined
      ? { reasoning: { effort: effort as OpenAI.ReasoningEffort } }
      : {}),
  };
}

function formatOf<T>(
  { shape }: ModelQuestion<T>,
  can: Capabilities,
): OpenAI.Responses.ResponseFormatTextConfig {
  return can.format === 'schema'
    ? { type: 'json_schema', name: shape.name, strict: true, schema: shape.schema }
    : { type: 'json_object' };
}

export function hearResponse(response: OpenAI.Responses.Response): Heard {
  const { usage, model, status, incomplete_details: incomplete } = response;
  const parts = (response.output ?? []).flatMap((item) => (item.type === 'message' ? item.content : []));
  const texts = parts.flatMap((part) => (part.type === 'output_text' ? [textOf(part.text)] : []));
  return {
    model: nameOf(model),
    text: texts.join(''),
    isRefused: parts.some((part) => part.type === 'refusal'),
    ending:
      incomplete?.reason === 'max_output_tokens'
        ? 'length'
        : incomplete?.reason === 'content_filter'
          ? 'filter'
          : (status ?? 'completed') === 'completed'
            ? 'stop'
            : 'failed',
    usage: usage && {
      input: usage.input_tokens,
      output: usage.output_tokens,
      cached: usage.input_tokens_details?.cached_tokens,
      written: usage.input_tokens_details?.cache_write_tokens,
    },
  };
}
