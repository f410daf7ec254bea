/** One operation, its retries included, takes no longer; a stalled connection would otherwise hold it for minutes. */
const operationTimeoutMs = 8_000;

/** Options of an SDK call that end it at the deadline. */
export function deadline(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(operationTimeoutMs) };
}
