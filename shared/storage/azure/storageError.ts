import { AppError } from '../../errors.ts';

/** The service's error code, for instance `TableNotFound` or `BlobNotFound`. */
export function storageCode(error: unknown): string | undefined {
  const { details, code } = error as {
    details?: { odataError?: { code?: string }; errorCode?: string };
    code?: string;
  };
  return details?.odataError?.code ?? details?.errorCode ?? code;
}

export function storageStatus(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** Statuses that say the request itself was wrong: trying again changes nothing. */
const ourFault = new Set([400, 411, 413, 414, 415]);

/** Any failure of the service as one of ours; its own text is kept for the log. */
export function unavailable(error: unknown): AppError {
  if (ourFault.has(storageStatus(error) ?? 0)) {
    return new AppError('internal', 'Storage refused what it was given.', { cause: error });
  }
  return new AppError('storage-unavailable', 'Storage did not answer as expected. Try again shortly.', {
    cause: error,
    retryAfter: 5,
  });
}

/** Runs `work`; where it fails because a container, table or queue is missing, makes it and runs `work` once more. */
export async function orCreate<T>(
  work: () => Promise<T>,
  missing: readonly string[],
  create: () => Promise<unknown>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!missing.includes(storageCode(error) ?? '')) throw error;
    await create();
    return work();
  }
}
