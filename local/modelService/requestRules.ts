import { type Fault, invalid } from './fault.ts';
import type { ModelRequest } from './modelRequest.ts';
import type { ModelFacts } from './models.ts';
import { strictSchemaFault } from './strictSchema.ts';

type Rule = (request: ModelRequest, facts: ModelFacts) => Fault | undefined;

/** The first rule of the service that a request to this model breaks. */
export function ruleFault(request: ModelRequest, facts: ModelFacts): Fault | undefined {
  for (const rule of rules) {
    const fault = rule(request, facts);
    if (fault) return fault;
  }
  return undefined;
}

const given = ({ body }: ModelRequest, name: string) => body[name] !== undefined && body[name] !== null;
const unsupported = (name: string, hint = '') =>
  invalid(
    `Unsupported parameter: '${name}' is not supported with this model.${hint}`,
    name,
    'unsupported_parameter',
  );

const noStreaming: Rule = ({ body }) =>
  body.stream === true
    ? invalid(
        'The model service stand-in does not stream: leave out `stream`.',
        'stream',
        'unsupported_value',
      )
    : undefined;

/** Refused on reasoning models whatever their value, but for a temperature that changes nothing. */
const sampling = ['top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'];

const noSampling: Rule = (request, { defaultEffort }) => {
  if (defaultEffort === undefined) return undefined;
  const { temperature } = request.body;
  if (given(request, 'temperature') && temperature !== 1) {
    const message = `Unsupported value: 'temperature' does not support ${String(temperature)} with this model. Only the default (1) value is supported.`;
    return request.api === 'chat'
      ? invalid(message, 'temperature', 'unsupported_value')
      : unsupported('temperature');
  }
  if (given(request, 'max_tokens')) return unsupported('max_tokens', " Use 'max_completion_tokens' instead.");
  const refused = sampling.find((name) => given(request, name));
  return refused === undefined ? undefined : unsupported(refused);
};

const noEffort: Rule = ({ api, effort }, { defaultEffort }) => {
  if (effort === undefined || defaultEffort !== undefined) return undefined;
  return api === 'chat'
    ? invalid(
        'Unrecognized request argument supplied: reasoning_effort',
        'reasoning_effort',
        'unrecognized_request_argument',
      )
    : unsupported('reasoning.effort');
};

const outputLimit: Rule = (request, { maxOutputTokens: most }) => {
  if (given(request, 'max_tokens') && given(request, 'max_completion_tokens'))
    return invalid(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  const { maxOutputTokens: asked, api } = request;
  if (asked === undefined) return undefined;
  const name =
    api === 'responses'
      ? 'max_output_tokens'
      : given(request, 'max_tokens')
        ? 'max_tokens'
        : 'max_completion_tokens';
  const least = api === 'responses' ? 16 : 1;
  if (asked < least)
    return invalid(
      `Invalid '${name}': integer below minimum value. Expected a value >= ${least}, but got ${asked} instead.`,
      name,
      'integer_below_min_value',
    );
  if (asked <= most) return undefined;
  return api === 'responses'
    ? invalid(
        `Invalid '${name}': integer above maximum value. Expected a value <= ${most}, but got ${asked} instead.`,
        name,
        'integer_above_max_value',
      )
    : invalid(
        `max_tokens is too large: ${asked}. This model supports at most ${most} completion tokens, whereas you provided ${asked}.`,
        name,
        'invalid_value',
      );
};

const caching: Rule = ({ messages, cacheOptions, cacheRetention }, { cache, inMemoryRetention }) => {
  const refuse = (name: string) =>
    invalid(`${name} is not supported on this model`, name, 'invalid_parameter');
  const marked = messages.some(({ parts }) => parts.some(({ breakpoint }) => breakpoint));
  if (cacheOptions && cacheRetention !== undefined)
    return invalid(
      "'prompt_cache_retention' cannot be used together with 'prompt_cache_options'.",
      'prompt_cache_retention',
      'invalid_parameter_combination',
    );
  if (cache !== 'breakpoints' && cacheOptions) return refuse('prompt_cache_options');
  if (cache !== 'breakpoints' && marked) return refuse('prompt_cache_breakpoint');
  if (cache === 'none' && cacheRetention !== undefined) return refuse('prompt_cache_retention');
  return cacheRetention === 'in_memory' && !inMemoryRetention ? refuse('prompt_cache_retention') : undefined;
};

/** Names of the format's parameters in the two APIs. */
const formatParams = {
  chat: { format: 'response_format', schema: 'response_format', messages: 'messages', code: null },
  responses: {
    format: 'text.format',
    schema: 'text.format.schema',
    messages: 'input',
    code: 'invalid_json_schema',
  },
} as const;

const formats: Rule = ({ api, format, messages }, { formats: known }) => {
  if (format.kind === 'text') return undefined;
  const params = formatParams[api];
  if (known === 'text' || (known === 'object' && format.kind === 'schema')) {
    const type = format.kind === 'schema' ? 'json_schema' : 'json_object';
    return invalid(
      `Invalid parameter: '${params.format}' of type '${type}' is not supported with this model.`,
      params.format,
    );
  }
  if (format.kind === 'schema') {
    const fault = format.strict ? strictSchemaFault(format.schema) : undefined;
    return fault === undefined
      ? undefined
      : invalid(`Invalid schema for response_format '${format.name}': ${fault}`, params.schema, params.code);
  }
  return messages.some(({ parts }) => parts.some(({ text }) => /json/i.test(text)))
    ? undefined
    : invalid(
        `'${params.messages}' must contain the word 'json' in some form, to use '${params.format}' of type 'json_object'.`,
        params.messages,
      );
};

const rules: readonly Rule[] = [noStreaming, noSampling, noEffort, outputLimit, caching, formats];

/** Refuses a prompt that does not fit, alone or with the output asked for. */
export function contextFault(
  { api, maxOutputTokens }: ModelRequest,
  { contextWindow, maxInputTokens }: ModelFacts,
  promptTokens: number,
): Fault | undefined {
  const param = formatParams[api].messages;
  const code = 'context_length_exceeded';
  if (promptTokens > maxInputTokens)
    return invalid(
      maxInputTokens < contextWindow
        ? `Input tokens exceed the configured limit of ${maxInputTokens} tokens. Your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`
        : `This model's maximum context length is ${contextWindow} tokens. However, your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`,
      param,
      code,
    );
  const wanted = promptTokens + (maxOutputTokens ?? 0);
  return wanted > contextWindow
    ? invalid(
        `This model's maximum context length is ${contextWindow} tokens. However, you requested ${wanted} tokens (${promptTokens} in the messages, ${maxOutputTokens} in the completion). Please reduce the length of the messages or completion.`,
        param,
        code,
      )
    : undefined;
}
