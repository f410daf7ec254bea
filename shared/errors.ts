/**
 * The one table of failures: code → HTTP status, title, and whether the same request can succeed later.
 * Expected outcomes (refused, missing, stale) are result values and do not appear here.
 */
export const failures = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON', retryable: false },
  'invalid-request': { status: 400, title: 'The request is not valid', retryable: false },
  unauthenticated: { status: 401, title: 'The credential is missing or wrong', retryable: false },
  'payload-too-large': { status: 413, title: 'The body is too large', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported', retryable: false },
  'unsafe-archive': { status: 422, title: 'The archive is not safe to read', retryable: false },
  'unreadable-archive': { status: 422, title: 'The archive cannot be read', retryable: false },
  'design-not-found': { status: 422, title: 'The High-Level Design was not found', retryable: false },
  'empty-tree': { status: 422, title: 'There is no source file to audit', retryable: false },
  'line-taken': { status: 409, title: 'A line already leads to another tenant', retryable: false },
  internal: { status: 500, title: 'Something went wrong on our side', retryable: true },
  'engine-failed': { status: 502, title: 'The audit engine gave no usable answer', retryable: true },
  misconfigured: { status: 503, title: 'Gatehouse is not configured for this', retryable: false },
  'storage-unavailable': { status: 503, title: 'Storage cannot be reached', retryable: true },
  'engine-timeout': { status: 504, title: 'The audit engine took too long', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type FailureCode = keyof typeof failures;

export interface AppErrorOptions {
  cause?: unknown;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** Further members of the problem document; nothing secret or personal. */
  details?: Record<string, unknown>;
}

/**
 * The one exception type. `message` becomes the problem's `detail` and is shown to the caller: it says what is wrong
 * and what to do, and never carries secrets, phone numbers, transcripts or source code. `cause` is for our log only.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: FailureCode;
  readonly retryAfter: number | undefined;
  readonly details: Record<string, unknown>;

  constructor(code: FailureCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.details = options.details ?? {};
  }

  get status(): number {
    return failures[this.code].status;
  }

  /** Anything thrown, as an AppError; what was not one becomes `internal` and keeps its text to itself. */
  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    return new AppError(
      'internal',
      'An unexpected error occurred. Quote the correlation id when you report it.',
      { cause: error },
    );
  }
}
