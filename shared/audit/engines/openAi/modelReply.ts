import OpenAI from 'openai';
import { AppError } from '../../../errors.ts';
import { retryAfterOf } from '../../../retryAfter.ts';
import type { ModelReply } from '../../../usage/modelCalls.ts';

type Failed = Extract<ModelReply<never>, { ok: false }>;

const hints: Readonly<Record<number, string>> = {
  401: ' Check the key.',
  403: ' Check the role assignment of the identity.',
  404: ' Check AZURE_DEPLOYMENT_NAME and the endpoint.',
  429: ' The deployment is at its rate limit.',
};

const hintsByCode: Readonly<Record<string, string>> = {
  content_filter: " The model service's content filter refused the source.",
  context_length_exceeded:
    ' The prompt is longer than the model takes: set GATEHOUSE_AUDIT_PROMPT_TOKENS to what it does.',
};

const passing = new Set([408, 409, 429]);

/** An answer that came, was paid for, and is of no use; asking again would be paid for again. */
export function unusable(fault: unknown): Failed {
  const error = typeof fault === 'string' ? new AppError('engine-failed', fault) : AppError.from(fault);
  return { ok: false, error, isThrottled: false, isRetryable: false };
}

/** Of what the service said only this: its words may repeat a key, or source code. */
function causeOf({ status, code, type, param }: InstanceType<typeof OpenAI.APIError>): Error {
  return new Error(`status ${status}, code ${code}, type ${type}, param ${param}`);
}

const noConnection = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** True where no connection came about: nothing was sent, nothing can be billed. */
function neverSent(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, errors } = e as { code?: string; errors?: { code?: string }[] };
    if (noConnection.has(code ?? '') || errors?.some((inner) => noConnection.has(inner.code ?? '')))
      return true;
  }
  return false;
}

/** True where an answer came that is none: no JSON, longer than any, or of a form that the client stumbles over. */
function isNoAnswer(error: unknown): boolean {
  if (error instanceof NoAnswer || error instanceof SyntaxError) return true;
  // A connection that breaks is a TypeError too, with the reason as its cause.
  if (error instanceof TypeError && error.cause === undefined) return true;
  for (let e = error; e instanceof Error; e = e.cause)
    if ((e as { code?: string }).code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return true;
  return false;
}

/** Raised for what came whole and is no answer of the API. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** What the client threw, as a reply: whether trying again helps, and when. */
export function toReply(error: unknown, signal: AbortSignal): Failed {
  if (error instanceof AppError) return unusable(error);
  if (signal.aborted) {
    const message =
      'The model did not answer in time. Audit a smaller tree, or raise GATEHOUSE_AUDIT_TIMEOUT_S.';
    return { ...unusable(new AppError('engine-timeout', message, { cause: error })), isUnknown: true };
  }
  if (isNoAnswer(error)) {
    const message =
      'The model service answered something other than its API says. Nothing was cached; try again.';
    // What a parser says of a text repeats its beginning: that may be source code.
    const cause = error instanceof SyntaxError ? new Error('the body is no JSON') : error;
    return { ...unusable(new AppError('engine-failed', message, { cause })), isUnknown: true };
  }
  if (!(error instanceof OpenAI.APIError) || error.status === undefined) {
    const message =
      'The model service cannot be reached. Check AZURE_OPENAI_ENDPOINT or GATEHOUSE_OPENAI_BASE_URL.';
    const failure = new AppError('engine-failed', message, { cause: error });
    return { ok: false, error: failure, isThrottled: false, isRetryable: true, isUnknown: !neverSent(error) };
  }
  const { status, headers } = error as { status: number; headers?: Headers };
  const retryAfterMs = retryAfterOf(headers, Date.now());
  const failure = new AppError(
    'engine-failed',
    `The model service answered ${status}.${hintsByCode[error.code ?? ''] ?? hints[status] ?? ''}`,
    {
      cause: causeOf(error),
      ...(retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(retryAfterMs / 1000) }),
    },
  );
  return {
    ok: false,
    error: failure,
    isThrottled: status === 429,
    isRetryable: passing.has(status) || status >= 500,
    retryAfterMs,
  };
}
