import type { ModelReply } from '../../../usage/modelCalls.ts';
import type { TokenCounts } from '../../../usage/prices/cost.ts';

/** A stretch of a prompt. */
export interface PromptBlock {
  text: string;
  /** True where what ends here will begin other prompts as well, so that the provider's prompt cache is worth its price. */
  isShared?: boolean;
}

/** The shape an answer must have. */
export interface AnswerShape<T> {
  name: string;
  /** In the subset of JSON Schema that strict structured output takes. */
  schema: Record<string, unknown>;
  /** @throws AppError `engine-failed` where the text is of another shape. */
  read(text: string): T;
}

/** One question to a model, apart from how it travels. */
export interface ModelQuestion<T> {
  system: string;
  blocks: readonly PromptBlock[];
  /** Requests of one key are routed to the same cache. */
  cacheKey: string;
  shape: AnswerShape<T>;
  maxOutputTokens: number;
}

/** What a model said, and what it used. */
export interface ModelAnswer<T> {
  value: T;
  /** Zeros where the service tells no usage. */
  tokens: TokenCounts;
  /** As the model names itself. */
  model: string | undefined;
}

/** What asks a model. One try: limits, retries and their cost are the business of ModelCalls. */
export interface ModelClient {
  ask<T>(question: ModelQuestion<T>, signal: AbortSignal): Promise<ModelReply<ModelAnswer<T>>>;
}
