import { type AppError, failures } from '../errors.ts';
import type { Answer } from './answer.ts';

/** An RFC 9457 problem document for a failure. */
export function toProblem(error: AppError, correlationId: string): Answer {
  const { status, title, retryable } = failures[error.code];
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...error.headers,
      ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
    },
    body: JSON.stringify({
      type: error.type,
      title,
      status,
      detail: error.message,
      code: error.code,
      retryable,
      correlationId,
      ...error.details,
    }),
  };
}
