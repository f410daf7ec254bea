import type { Quota } from './fault.ts';
import type { ModelRequest } from './modelRequest.ts';

/** The model answers. What does not fit the output limit is cut, with finish reason `length`, as the service does. */
export interface Says {
  content: string | null;
  /** Only where it should differ from what the content leads to. */
  finish?: 'stop' | 'length' | 'content_filter';
  /** Instead of the number that the effort leads to. */
  reasoningTokens?: number;
  /** Instead of what the prompt cache found. */
  cachedTokens?: number;
  /** Leaves `usage` out, as some compatible servers do. */
  usage?: null;
}

/** The model declines. */
export interface Refuses {
  refusal: string;
}

/** The service answers with an error. */
export interface Fails {
  status: number;
  message: string;
  code?: string | null;
  param?: string | null;
  headers?: Record<string, string>;
}

/** 429; when to come back is said in seconds, as a date, or in the `retry-after-ms` header alone. */
export interface IsBusy {
  retryAfterMs: number;
  as?: 'seconds' | 'date' | 'milliseconds';
  quota?: Quota;
}

/** 400: the prompt did not pass the content filter. */
export interface FiltersPrompt {
  promptFiltered: true;
}

/** No answer, an answer that ends halfway, or one with half a JSON text in a whole body. */
export interface Breaks {
  broken: 'socket' | 'midway' | 'json';
}

export type Reply = (Says | Refuses | Fails | IsBusy | FiltersPrompt | Breaks) & {
  /** Milliseconds until the answer begins; a client that gives up ends the wait. */
  delayMs?: number;
};

/** What the model says to a request that passed every check; `attempt` counts those requests from 1. */
export type AnswerScript = (request: ModelRequest, attempt: number) => Reply | Promise<Reply>;
