import { AppError } from '../errors.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { KeyRing } from './keys/keyRing.ts';
import type { KeyHolder } from './keys/mcpKey.ts';
import type { TenantView } from './offer.ts';

export interface AccessDeps {
  keys: Pick<KeyRing, 'holderOf'>;
  /** A tenant as configured; undefined where there is none. @throws AppError where that cannot be known. */
  tenant(tenantId: string): Promise<TenantView | undefined>;
  limiter: Pick<Limiter, 'check'>;
  now: () => Date;
}

/** RFC 6750. No `resource_metadata`: the keys are given out by hand, and there is no authorization server to find. */
const challenge = 'Bearer realm="gatehouse"';

/** Whoever has a key, with the tenant it is for. */
export interface Visitor {
  holder: KeyHolder;
  /** Undefined where the key is for none. */
  tenant: TenantView | undefined;
}

/**
 * Who a request comes from, by the key after `Authorization: Bearer`. A key of a tenant that is gone is as one that was
 * revoked: what the tenant's callers left is still stored.
 * @throws AppError `unauthenticated`; from an address that keeps trying, `quota-exceeded`; `credential-unavailable` where
 * keys cannot be read, and what `tenant` throws. Whoever has a key is let in whatever others at the same address have tried.
 */
export async function authenticate(
  headers: Headers,
  address: string | undefined,
  { keys, tenant, limiter, now }: AccessDeps,
): Promise<Visitor> {
  const presented = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const holder = presented && (await keys.holderOf(presented, now()).catch(unavailable));
  const visitor = holder && (await visitorOf(holder, tenant));
  if (visitor) return visitor;
  const subject = address === undefined ? {} : { 'source-address': address };
  const decision = await limiter.check('failed-credential', subject, {}, 'none');
  if (decision.kind === 'refused') throw toLimitError(decision, now());
  throw presented
    ? refusal('The key is wrong or has been revoked.', `${challenge}, error="invalid_token"`)
    : refusal('Send a key: Authorization: Bearer gmk_…', challenge);
}

async function visitorOf(holder: KeyHolder, tenantOf: AccessDeps['tenant']): Promise<Visitor | undefined> {
  if (holder.tenantId === undefined) return { holder, tenant: undefined };
  const tenant = await tenantOf(holder.tenantId);
  return tenant && { holder, tenant };
}

const refusal = (message: string, header: string) =>
  new AppError('unauthenticated', message, { headers: { 'www-authenticate': header } });

function unavailable(cause: unknown): never {
  throw new AppError('credential-unavailable', 'Keys cannot be read right now. Send it again.', {
    cause,
    retryAfter: 5,
  });
}
