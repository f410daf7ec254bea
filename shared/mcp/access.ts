import { AppError } from '../errors.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { KeyRing } from './keys/keyRing.ts';
import type { KeyHolder } from './keys/mcpKey.ts';

export interface AccessDeps {
  keys: Pick<KeyRing, 'holderOf'>;
  limiter: Pick<Limiter, 'check'>;
  now: () => Date;
}

/** RFC 6750. No `resource_metadata`: the keys are given out by hand, and there is no authorization server to find. */
const challenge = 'Bearer realm="gatehouse"';

/**
 * Who a request comes from, by the key after `Authorization: Bearer`.
 * @throws AppError `unauthenticated`; from an address that keeps trying, `quota-exceeded`; `credential-unavailable` where
 * keys cannot be read. Whoever has a key is let in whatever others at the same address have tried.
 */
export async function authenticate(
  headers: Headers,
  address: string | undefined,
  { keys, limiter, now }: AccessDeps,
): Promise<KeyHolder> {
  const presented = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const holder = presented && (await keys.holderOf(presented, now()).catch(unavailable));
  if (holder) return holder;
  const subject = address === undefined ? {} : { 'source-address': address };
  const decision = await limiter.check('failed-credential', subject, {}, 'none');
  if (decision.kind === 'refused') throw toLimitError(decision, now());
  throw presented
    ? refusal('The key is wrong or has been revoked.', `${challenge}, error="invalid_token"`)
    : refusal('Send a key: Authorization: Bearer gmk_…', challenge);
}

const refusal = (message: string, header: string) =>
  new AppError('unauthenticated', message, { headers: { 'www-authenticate': header } });

function unavailable(cause: unknown): never {
  throw new AppError('credential-unavailable', 'Keys cannot be read right now. Send it again.', {
    cause,
    retryAfter: 5,
  });
}
