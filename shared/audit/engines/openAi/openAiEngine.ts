import OpenAI from 'openai';
import { wholeCount } from '../../../usage/bill.ts';
import type { ModelCalls, ModelReply } from '../../../usage/modelCalls.ts';
import { buildUserPrompt, promptVersion, systemPrompt } from '../../prompt.ts';
import type { AuditInput } from '../../sourceTree.ts';
import type { Assignment, AuditEngine, EngineAnswer, Usage } from '../engine.ts';
import { answerJsonSchema, answerSchemaVersion, readModelAnswer } from './modelAnswer.ts';
import { toReply, unusable } from './modelReply.ts';

export interface OpenAiEngineOptions {
  name: 'azure-openai' | 'openai-compatible';
  /** Base of the v1 API, ending before `/chat/completions`. */
  baseUrl: string;
  /** A key, or what gives a fresh token. */
  apiKey: string | (() => Promise<string>);
  /** Deployment (Azure) or model. */
  model: string;
  calls: ModelCalls;
  maxOutputTokens: number;
}

/** Names in OpenTelemetry's GenAI conventions. */
const providers = { 'azure-openai': 'azure.ai.openai', 'openai-compatible': 'openai' } as const;

/** More than any model takes or gives. */

/** What servers may not know and can be asked without; found out once for each instance. */
interface Capabilities {
  schema: boolean;
  outputLimit: boolean;
}

const structured: OpenAI.ResponseFormatJSONSchema = {
  type: 'json_schema',
  json_schema: { name: 'audit', strict: true, schema: answerJsonSchema },
};

/** For servers without structured output; that they are told of JSON in words is a condition of theirs. */
const shapeInWords = `\nAnswer with one JSON object that follows this JSON Schema:\n${JSON.stringify(answerJsonSchema)}`;

/** An audit by a model behind OpenAI's Chat Completions API. No `temperature`: reasoning models refuse it. */
export class OpenAiEngine implements AuditEngine {
  readonly name;
  readonly model;
  readonly fingerprint;
  readonly note;
  readonly #options: OpenAiEngineOptions;
  readonly #client: OpenAI;
  readonly #can: Capabilities = { schema: true, outputLimit: true };

  constructor(options: OpenAiEngineOptions) {
    const { name, baseUrl, apiKey, model } = options;
    this.name = name;
    this.model = model;
    this.fingerprint = JSON.stringify([name, baseUrl, model, promptVersion, answerSchemaVersion]);
    this.note =
      'Verdicts are a model’s; every quote was looked up in the source, and verdicts without one that is there do not count.';
    this.#options = options;
    // Limits, retries and their cost are the business of ModelCalls.
    this.#client = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 });
  }

  assess(input: AuditInput, { signal, log, caller, inputTokens }: Assignment): Promise<EngineAnswer> {
    const { calls, name, model: deployment, maxOutputTokens } = this.#options;
    const call = { provider: providers[name], deployment, caller, inputTokens, maxOutputTokens };
    return calls.run(call, () => this.#ask(input, signal), signal, log);
  }

  async #ask(input: AuditInput, signal: AbortSignal): Promise<ModelReply<EngineAnswer>> {
    try {
      const completion = await this.#complete(input, signal);
      return readCompletion(completion, input);
    } catch (error) {
      return toReply(error, signal);
    }
  }

  /** A server that does not know a member of the request is asked again without it, once. */
  async #complete(input: AuditInput, signal: AbortSignal): Promise<OpenAI.ChatCompletion> {
    for (;;) {
      const { schema, outputLimit } = this.#can;
      try {
        return await this.#client.chat.completions.create(
          {
            model: this.model,
            messages: [
              { role: 'system', content: schema ? systemPrompt : systemPrompt + shapeInWords },
              { role: 'user', content: buildUserPrompt(input) },
            ],
            response_format: schema ? structured : { type: 'json_object' },
            ...(outputLimit ? { max_completion_tokens: this.#options.maxOutputTokens } : {}),
          },
          { signal },
        );
      } catch (error) {
        if (schema && names(error, /response_format|json_schema/)) this.#can.schema = false;
        else if (outputLimit && isUnknownMember(error, 'max_completion_tokens'))
          this.#can.outputLimit = false;
        else throw error;
      }
    }
  }
}

/** True for a 400 that names a member of the request. */
function names(error: unknown, member: RegExp): boolean {
  return error instanceof OpenAI.BadRequestError && member.test(`${error.param} ${error.message}`);
}

/** True for a 400 that says the server does not know this member; one that finds its value too large is none. */
function isUnknownMember(error: unknown, member: string): boolean {
  const unknown = /unrecogni[sz]ed|unsupported|unknown|not (?:supported|permitted|allowed)|extra/i;
  return (
    error instanceof OpenAI.BadRequestError && names(error, new RegExp(member)) && unknown.test(error.message)
  );
}

function readCompletion(completion: OpenAI.ChatCompletion, input: AuditInput): ModelReply<EngineAnswer> {
  const usage = toUsage(completion.usage);
  const tokens = {
    input: usage.input_tokens,
    cached: usage.cached_input_tokens,
    written: usage.written_input_tokens,
    output: usage.output_tokens,
  };
  const told = { model: completion.model, ...(completion.usage ? { tokens } : {}) };
  const choice = completion.choices?.[0];
  const fault = faultOf(choice);
  if (fault) return { ...told, ...unusable(fault) };
  try {
    const answer = readModelAnswer(choice?.message.content ?? '', input);
    return { ok: true, ...told, finishReason: choice?.finish_reason, value: { ...answer, usage } };
  } catch (error) {
    return { ...told, ...unusable(error) };
  }
}

function faultOf(choice: OpenAI.ChatCompletion.Choice | undefined): string | undefined {
  if (choice?.message.refusal) return 'The model refused to audit this source.';
  if (choice?.finish_reason === 'content_filter') return "The model's content filter stopped the audit.";
  if (choice?.finish_reason === 'length')
    return "The model's answer was cut off at its output limit. Audit a smaller tree or a shorter design, or raise GATEHOUSE_MODEL_MAX_OUTPUT_TOKENS.";
  if (!choice?.message.content) return 'The model gave an empty answer. Nothing was cached; try again.';
  return undefined;
}

/** Servers have been seen to send fractions and text. */
function toUsage(usage: OpenAI.CompletionUsage | undefined): Usage {
  const details = usage?.prompt_tokens_details;
  return {
    input_tokens: wholeCount(usage?.prompt_tokens),
    output_tokens: wholeCount(usage?.completion_tokens),
    cached_input_tokens: wholeCount(details?.cached_tokens),
    written_input_tokens: wholeCount(details?.cache_write_tokens),
    total_tokens: wholeCount(usage?.total_tokens),
  };
}
