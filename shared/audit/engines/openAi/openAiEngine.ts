import OpenAI from 'openai';
import { AppError } from '../../../errors.ts';
import { buildUserPrompt, promptVersion, systemPrompt } from '../../prompt.ts';
import type { AuditInput } from '../../sourceTree.ts';
import type { AuditEngine, EngineAnswer, Usage } from '../engine.ts';
import { answerJsonSchema, answerSchemaVersion, readModelAnswer } from './modelAnswer.ts';

export interface OpenAiEngineOptions {
  name: 'azure-openai' | 'openai-compatible';
  /** Base of the v1 API, ending before `/chat/completions`. */
  baseUrl: string;
  /** A key, or what gives a fresh token. */
  apiKey: string | (() => Promise<string>);
  /** Deployment (Azure) or model. */
  model: string;
}

type ResponseFormat = OpenAI.ChatCompletionCreateParams['response_format'];

const structured: ResponseFormat = {
  type: 'json_schema',
  json_schema: { name: 'audit', strict: true, schema: answerJsonSchema },
};

/** An audit by a model behind OpenAI's Chat Completions API. No `temperature`: reasoning models refuse it. */
export class OpenAiEngine implements AuditEngine {
  readonly name;
  readonly model;
  readonly fingerprint;
  readonly note;
  readonly #client: OpenAI;

  constructor({ name, baseUrl, apiKey, model }: OpenAiEngineOptions) {
    this.name = name;
    this.model = model;
    this.fingerprint = JSON.stringify([name, baseUrl, model, promptVersion, answerSchemaVersion]);
    this.note =
      'Verdicts are a model’s; every quote was looked up in the source, and verdicts without one that is there do not count.';
    this.#client = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 2 });
  }

  async assess(input: AuditInput, signal: AbortSignal): Promise<EngineAnswer> {
    const completion = await this.#complete(input, signal);
    const choice = completion.choices[0];
    if (choice?.message.refusal)
      throw new AppError('engine-failed', 'The model refused to audit this source.');
    if (choice?.finish_reason === 'content_filter')
      throw new AppError('engine-failed', "The model's content filter stopped the audit.");
    if (choice?.finish_reason === 'length')
      throw new AppError(
        'engine-failed',
        "The model's answer was cut off at its output limit. Audit a smaller tree or a shorter design.",
      );
    if (!choice?.message.content)
      throw new AppError('engine-failed', 'The model gave an empty answer. Nothing was cached; try again.');
    return { ...readModelAnswer(choice.message.content, input), usage: toUsage(completion.usage) };
  }

  async #complete(input: AuditInput, signal: AbortSignal): Promise<OpenAI.ChatCompletion> {
    const ask = (response_format: ResponseFormat) =>
      this.#client.chat.completions.create(
        {
          model: this.model,
          messages: [
            { role: 'system', content: systemPrompt },
            { role: 'user', content: buildUserPrompt(input) },
          ],
          ...(response_format ? { response_format } : {}),
        },
        { signal },
      );
    try {
      return await ask(structured).catch((error: unknown) => {
        if (refusesStructure(error)) return ask({ type: 'json_object' });
        throw error;
      });
    } catch (error) {
      throw toAppError(error, signal);
    }
  }
}

/** Servers that know no JSON Schema say so with a 400 that names `response_format`. */
function refusesStructure(error: unknown): boolean {
  return (
    error instanceof OpenAI.BadRequestError &&
    /response_format|json_schema/.test(`${error.param} ${error.message}`)
  );
}

const hints: Readonly<Record<number, string>> = {
  401: ' Check the key.',
  403: ' Check the role assignment of the identity.',
  404: ' Check AZURE_DEPLOYMENT_NAME and the endpoint.',
  429: ' The deployment is at its rate limit.',
};

function toAppError(error: unknown, signal: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (signal.aborted) {
    return new AppError(
      'engine-timeout',
      'The model did not answer in time. Audit a smaller tree, or raise GATEHOUSE_AUDIT_TIMEOUT_S.',
      { cause: error },
    );
  }
  if (!(error instanceof OpenAI.APIError) || error.status === undefined) {
    return new AppError('engine-failed', 'The model service cannot be reached. Check the endpoint setting.', {
      cause: error,
    });
  }
  const { status, headers } = error as { status: number; headers?: Headers };
  const wait = Number(headers?.get('retry-after') ?? Number.NaN);
  return new AppError('engine-failed', `The model service answered ${status}.${hints[status] ?? ''}`, {
    cause: error,
    ...(Number.isFinite(wait) ? { retryAfter: wait } : {}),
  });
}

function toUsage(usage: OpenAI.CompletionUsage | undefined): Usage {
  return {
    input_tokens: usage?.prompt_tokens ?? 0,
    output_tokens: usage?.completion_tokens ?? 0,
    cached_input_tokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    total_tokens: usage?.total_tokens ?? 0,
  };
}
