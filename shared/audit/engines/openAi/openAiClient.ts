import OpenAI from 'openai';
import { Agent, fetch as undiciFetch } from 'undici';
import type { ModelReply } from '../../../usage/modelCalls.ts';
import { type Capabilities, expected, learn } from './capabilities.ts';
import { hearCompletion, toChat } from './chatApi.ts';
import { type Heard, toAnswer } from './heard.ts';
import type { ModelAnswer, ModelClient, ModelQuestion } from './modelQuestion.ts';
import { NoAnswer, toReply } from './modelReply.ts';
import { hearResponse, toResponses } from './responsesApi.ts';

export interface OpenAiClientOptions {
  /** Base of the v1 API, ending before `/responses`. */
  baseUrl: string;
  /** A key, or what gives a fresh token. */
  apiKey: string | (() => Promise<string>);
  /** Deployment (Azure) or model. */
  model: string;
  /** Best known name of the model behind the deployment. */
  modelName: string;
  /** Tried first. */
  api: Capabilities['api'];
  /** `reasoning.effort`; undefined leaves it to the model. */
  effort?: string | undefined;
}

/** Longer than any audit: Node's own fetch gives up on silent connections after five minutes, whatever its caller wants. */
const silenceMs = 45 * 60_000;
const connectMs = 10_000;
/** Many times what the longest answer of a model takes; a server that goes on is cut off. */
const longestAnswerBytes = 16 * 1024 * 1024;

/**
 * Asks a model behind OpenAI's API. What a server does not take is left out once it has said so, and remembered for this
 * instance.
 */
export class OpenAiClient implements ModelClient {
  readonly #options: OpenAiClientOptions;
  readonly #client: OpenAI;
  readonly #can: Capabilities;

  constructor(options: OpenAiClientOptions) {
    this.#options = options;
    this.#can = expected(options.api, options.modelName);
    const dispatcher = new Agent({
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      maxResponseSize: longestAnswerBytes,
      connect: { timeout: connectMs },
    });
    this.#client = new OpenAI({
      baseURL: options.baseUrl,
      apiKey: options.apiKey,
      maxRetries: 0,
      timeout: silenceMs,
      fetch: undiciFetch as unknown as typeof fetch,
      fetchOptions: { dispatcher },
    });
  }

  async ask<T>(question: ModelQuestion<T>, signal: AbortSignal): Promise<ModelReply<ModelAnswer<T>>> {
    // What was not sent is not billed.
    if (signal.aborted) return { ...toReply(signal.reason, signal), isUnknown: false };
    try {
      return toAnswer(await this.#hear(question, signal), question);
    } catch (error) {
      return toReply(error, signal);
    }
  }

  async #hear<T>(question: ModelQuestion<T>, signal: AbortSignal): Promise<Heard> {
    const can = { ...this.#can };
    for (;;) {
      try {
        const heard = await this.#send(question, can, signal);
        // Remembered once it has helped; another question may have learned something meanwhile.
        Object.assign(this.#can, lessOf(this.#can, can));
        return heard;
      } catch (error) {
        if (!learn(can, error)) throw error;
      }
    }
  }

  async #send<T>(question: ModelQuestion<T>, can: Capabilities, signal: AbortSignal): Promise<Heard> {
    const { model, effort } = this.#options;
    if (can.api === 'responses')
      return heardIn(
        await this.#client.responses.create(toResponses(model, question, can, effort), { signal }),
        hearResponse,
      );
    return heardIn(
      await this.#client.chat.completions.create(toChat(model, question, can, effort), { signal }),
      hearCompletion,
    );
  }
}

/** A server may answer with any JSON. What cannot be read was paid for all the same, and says nothing. */
function heardIn<T>(answer: T, hear: (answer: T) => Heard): Heard {
  try {
    return hear(answer);
  } catch (error) {
    throw new NoAnswer('the answer of the model service has another form', { cause: error });
  }
}

const formats = ['text', 'object', 'schema'] as const;

/** What both of two know. */
function lessOf(a: Capabilities, b: Capabilities): Capabilities {
  return {
    api: a.api === 'chat' || b.api === 'chat' ? 'chat' : 'responses',
    format: formats[Math.min(formats.indexOf(a.format), formats.indexOf(b.format))] ?? 'text',
    breakpoints: a.breakpoints && b.breakpoints,
    cacheKey: a.cacheKey && b.cacheKey,
    outputLimit: a.outputLimit && b.outputLimit,
    store: a.store && b.store,
    effort: a.effort && b.effort,
  };
}
