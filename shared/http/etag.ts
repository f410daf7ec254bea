import { AppError } from '../errors.ts';

/** A version as a strong ETag: those of storage are weak ones, which `If-Match` must not compare. */
export function etagOf(version: string): string {
  return `"${Buffer.from(version).toString('base64url')}"`;
}

/**
 * What a change is bound to: the version of `If-Match`, `new` for `If-None-Match: *`, undefined without either.
 * @throws AppError `invalid-request` for other forms.
 */
export function preconditionOf(headers: Headers): { etag: string } | 'new' | undefined {
  const [match, none] = [headers.get('if-match'), headers.get('if-none-match')];
  if (none?.trim() === '*' && match === null) return 'new';
  if (none !== null || match === null) {
    if (none === null) return undefined;
    throw new AppError(
      'invalid-request',
      'Send If-None-Match: * for what is to be new, or If-Match with an ETag.',
    );
  }
  const version = /^"([\w-]+)"$/.exec(match.trim())?.[1];
  if (version === undefined)
    throw new AppError('invalid-request', 'Send If-Match with the one ETag the tenant was read with.');
  return { etag: Buffer.from(version, 'base64url').toString() };
}
