import { hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

const digest = (text: string) => hash('sha256', text, 'buffer');

/**
 * Checks `X-Vapi-Secret` against every configured secret in constant time. Vapi sends the header empty where none is
 * set, so an empty value matches nothing.
 * @throws AppError `unauthenticated`.
 */
export function requireVapiSecret(presented: string | null, secrets: readonly string[]): void {
  const given = digest(presented ?? '');
  const matches = secrets.filter((secret) => secret !== '' && timingSafeEqual(digest(secret), given)).length;
  if (!presented || matches === 0) {
    throw new AppError(
      'unauthenticated',
      'Send the secret configured as VAPI_WEBHOOK_SECRET in the X-Vapi-Secret header.',
    );
  }
}
