import type { JWTPayload } from 'jose';
import type { CredentialOf } from './credential.ts';
import { bearerToken, labelOf } from './headerCheck.ts';
import { KeySet } from './keySet.ts';
import type { Finding, Presented, Unavailable } from './presented.ts';

const longestToken = 8_192;

/** What jose says where the token itself is at fault. Anything else is a fault of the key set, or of the way there. */
const tokenFaults = new Set([
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_EXPIRED',
  'ERR_JWT_INVALID',
]);

/** Where issuers name the client a token was given to. Auth0, Microsoft (two versions), Okta; RFC 9068 has `client_id`. */
const clientClaims = ['azp', 'client_id', 'appid', 'cid'] as const;

/** All claims that name a client must name this one; only where there is none does the subject. */
function isFor(clientId: string, claims: JWTPayload): boolean {
  const named = clientClaims.map((claim) => claims[claim]).filter((value) => value !== undefined);
  return named.length > 0 ? named.every((value) => value === clientId) : claims.sub === clientId;
}

/** `scope` (RFC 8693) and `scp` (Microsoft, Okta), text or list; `roles` is what Microsoft gives to applications. */
function carries(scope: string, { scope: granted, scp, roles }: JWTPayload): boolean {
  const all = [granted, scp, roles].flatMap((value): unknown[] =>
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [],
  );
  return scope.split(/\s+/).every((wanted) => all.includes(wanted));
}

function issuerOf(token: string): unknown {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return payload !== null && typeof payload === 'object' && 'iss' in payload ? payload.iss : undefined;
  } catch {
    return undefined;
  }
}

/** A token in `Authorization`, signed by an issuer whose keys are fetched. */
export class OAuthCheck {
  readonly label: string;
  readonly description: string;
  readonly #credential: CredentialOf<'oauth2'>;
  readonly #keys: KeySet;

  constructor(credential: CredentialOf<'oauth2'>, fetch?: typeof globalThis.fetch) {
    this.label = labelOf(credential);
    this.description = 'token in authorization';
    this.#credential = credential;
    this.#keys = new KeySet(new URL(credential.jwksUrl), fetch);
  }

  /** Waits only for what looks like a token of this issuer; the rest is told at once. */
  check({ headers }: Presented, now: Date): Finding | Promise<Finding | Unavailable> {
    const token = bearerToken(headers.get('authorization') ?? '');
    if (token === '') return 'missing';
    const isToken = token.length <= longestToken && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
    return isToken && issuerOf(token) === this.#credential.issuer ? this.#verify(token, now) : 'wrong';
  }

  async #verify(token: string, now: Date): Promise<Finding | Unavailable> {
    const { issuer, audience, algorithms, clockToleranceSeconds, clientId, scope } = this.#credential;
    try {
      const claims = await this.#keys.verify(token, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp'],
        currentDate: now,
      });
      const isMeant =
        (clientId === undefined || isFor(clientId, claims)) &&
        (scope === undefined || carries(scope, claims));
      return isMeant ? 'matched' : 'wrong';
    } catch (error) {
      const { code } = error as { code?: unknown };
      return typeof code === 'string' && tokenFaults.has(code) ? 'wrong' : { cause: error };
    }
  }
}
