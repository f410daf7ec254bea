interface Failure {
  status: number;
  title: string;
  /** Whether the same request can succeed later. */
  retryable: boolean;
  /** A registered problem type, where there is one. */
  type?: string;
}

/** Registered by draft-ietf-httpapi-ratelimit-headers. */
const registered = (name: string) => `https://iana.org/assignments/http-problem-types#${name}`;

/**
 * The one table of failures: code → HTTP status, title, and whether the same request can succeed later.
 * Expected outcomes (refused, missing, stale) are result values until somebody must be told them over HTTP.
 */
export const failures = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON', retryable: false },
  'invalid-request': { status: 400, title: 'The request is not valid', retryable: false },
  unauthenticated: { status: 401, title: 'The credential is missing or wrong', retryable: false },
  'budget-spent': { status: 403, title: 'The budget does not cover this request', retryable: false },
  'not-found': { status: 404, title: 'There is no such thing', retryable: false },
  'over-maximum': { status: 422, title: 'The audit would use more than is allowed', retryable: false },
  'payload-too-large': { status: 413, title: 'The body is too large', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported', retryable: false },
  'unsafe-archive': { status: 422, title: 'The archive is not safe to read', retryable: false },
  'unreadable-archive': { status: 422, title: 'The archive cannot be read', retryable: false },
  'design-not-found': { status: 422, title: 'The High-Level Design was not found', retryable: false },
  'empty-tree': { status: 422, title: 'There is no source file to audit', retryable: false },
  'precondition-failed': { status: 412, title: 'Somebody else has changed it', retryable: false },
  'line-taken': { status: 409, title: 'A line already leads to another tenant', retryable: false },
  'larger-than-limit': { status: 413, title: 'The request is larger than the whole limit', retryable: false },
  'quota-exceeded': {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    type: registered('quota-exceeded'),
  },
  internal: { status: 500, title: 'Something went wrong on our side', retryable: true },
  'not-offered': { status: 501, title: 'Gatehouse does not do this', retryable: false },
  'engine-failed': { status: 502, title: 'The audit engine gave no usable answer', retryable: true },
  'credential-unavailable': {
    status: 503,
    title: 'The credential cannot be checked right now',
    retryable: true,
  },
  misconfigured: { status: 503, title: 'Gatehouse is not configured for this', retryable: false },
  'storage-unavailable': { status: 503, title: 'Storage cannot be reached', retryable: true },
  'temporary-reduced-capacity': {
    status: 503,
    title: 'Limits cannot be checked right now',
    retryable: true,
    type: registered('temporary-reduced-capacity'),
  },
  'at-capacity': { status: 503, title: 'There is no room for this right now', retryable: true },
  'engine-timeout': { status: 504, title: 'The audit engine took too long', retryable: true },
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof failures;

export interface AppErrorOptions {
  cause?: unknown;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** Further members of the problem document; nothing secret or personal. */
  details?: Record<string, unknown>;
  /** Further headers of the answer. */
  headers?: Record<string, string>;
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
  readonly headers: Record<string, string>;

  constructor(code: FailureCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return failures[this.code].status;
  }

  /** The problem type of RFC 9457; a URN where none is registered, as the project owns no documentation host. */
  get type(): string {
    const failure: Failure = failures[this.code];
    return failure.type ?? `urn:gatehouse:problem:${this.code}`;
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
