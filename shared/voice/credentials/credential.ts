import { z } from 'zod';
import type { Given } from '../../config/section.ts';
import { formatNames, parseFormat } from './hmacFormat.ts';
import { headerSecretFault, secretFault, secretValue, shortestSecret } from './secretValue.ts';

/** Every secret is tried against every delivery. */
const mostSecrets = 8;

const headerName = z
  .string('must be the name of a header')
  .max(64, 'must have at most 64 characters')
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header');

/** The same in every request of everybody, so no proof of anything. */
const publicHeaders = new Set(
  'accept accept-encoding connection content-length content-type host origin referer user-agent x-forwarded-for x-forwarded-host x-forwarded-proto x-original-url'.split(
    ' ',
  ),
);

/** Tells the credentials of one kind apart in logs. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,49}$/, 'must be 1 to 50 of a-z, 0-9 and -')
  .optional();

const text = z.string().trim().min(1, 'must not be empty').max(512, 'must have at most 512 characters');

function severalOf<T extends z.ZodType>(secret: T) {
  return z
    .array(secret, 'must be a list of secrets')
    .min(1, 'must hold at least one secret')
    .max(mostSecrets, `must hold at most ${mostSecrets} secrets`);
}

/** `X-Vapi-Secret`. */
const secret = (given: Given) =>
  z.strictObject({
    type: z.literal('secret'),
    name,
    secrets: severalOf(secretValue(given, headerSecretFault)),
  });

/** Member names are those of Vapi's `BearerAuthenticationPlan`; `secrets` are its `token`, old and new. */
const bearer = (given: Given) =>
  z.strictObject({
    type: z.literal('bearer'),
    name,
    headerName: headerName.default('Authorization'),
    bearerPrefixEnabled: z.boolean('must be true or false').default(true),
    secrets: severalOf(secretValue(given, headerSecretFault)),
  });

const hmacShape = (given: Given) =>
  z.strictObject({
    type: z.literal('hmac'),
    name,
    algorithm: z.enum(['sha256', 'sha512', 'sha1'], 'must be sha256, sha512 or sha1'),
    signatureHeader: headerName.default('x-signature'),
    timestampHeader: headerName.default('x-timestamp'),
    signaturePrefix: z
      .string()
      .max(32, 'must have at most 32 characters')
      .regex(/^([!-+\--~][ -~]*)?$/, 'must be plain ASCII and begin with neither space nor comma')
      .default(''),
    includeTimestamp: z.boolean('must be true or false').default(true),
    payloadFormat: z.string().max(256, 'must have at most 256 characters').optional(),
    messageIdHeader: headerName.optional(),
    signatureEncoding: z.enum(['hex', 'base64'], 'must be hex or base64').default('hex'),
    secretIsBase64: z.boolean('must be true or false').default(false),
    secrets: severalOf(secretValue(given, secretFault)),
  });

/** The bytes of a key; `whsec_`, which Standard Webhooks puts before base64 keys, is no part of it. */
export function hmacKey(secretText: string, isBase64: boolean): Buffer {
  return isBase64 ? Buffer.from(secretText.replace(/^whsec_/, ''), 'base64') : Buffer.from(secretText);
}

const isBase64Key = (secretText: string) =>
  /^(whsec_)?[A-Za-z0-9+/_-]+={0,2}$/.test(secretText) && hmacKey(secretText, true).length >= shortestSecret;

function* hmacFaults(
  hmac: z.infer<ReturnType<typeof hmacShape>> & { payloadFormat: string },
): Iterable<[path: string, message: string]> {
  const { parts, unknown } = parseFormat(hmac.payloadFormat);
  if (unknown.length > 0)
    yield ['payloadFormat', 'knows only {body}, {timestamp}, {method}, {url} and {svix-id}'];
  if (!formatNames(parts, 'body'))
    yield ['payloadFormat', 'must contain {body}: else the signature says nothing about it'];
  if (hmac.includeTimestamp && !formatNames(parts, 'timestamp'))
    yield [
      'payloadFormat',
      'must contain {timestamp}, else anybody can renew it; or set includeTimestamp to false',
    ];
  if (formatNames(parts, 'svix-id') && !hmac.messageIdHeader)
    yield ['messageIdHeader', 'is needed: payloadFormat contains {svix-id}'];
  if (hmac.secretIsBase64 && !hmac.secrets.every(isBase64Key))
    yield ['secrets', `must be base64 of at least ${shortestSecret} bytes, as secretIsBase64 says`];
}

/**
 * Member names and defaults are those of Vapi's `HmacAuthenticationPlan` (SDK 2.0.1); `secrets` are its `secretKey`, old
 * and new. Where the format has no `{timestamp}` nothing tells an old delivery from a new one: there is no replay window.
 */
const hmac = (given: Given) =>
  hmacShape(given)
    .transform((value) => ({
      ...value,
      payloadFormat: value.payloadFormat ?? (value.includeTimestamp ? '{timestamp}.{body}' : '{body}'),
    }))
    .superRefine((value, context) => {
      for (const [path, message] of hmacFaults(value))
        context.addIssue({ code: 'custom', path: [path], message });
    });

const isLocal = (hostname: string) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

const jwksUrl = z.url({ protocol: /^https?$/, error: 'must be an https address' }).refine((url) => {
  const { protocol, hostname, username, password } = new URL(url);
  return (protocol === 'https:' || isLocal(hostname)) && username === '' && password === '';
}, 'must be an https address without a password in it');

/** Asymmetric ones only: a key set is public, so whoever reads it could sign with a symmetric algorithm. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/**
 * The token Vapi gets by client credentials (`OAuth2AuthenticationPlan`). Vapi's `url` and `clientSecret` are between it
 * and the issuer; here the issuer is told instead. Name `clientId` or `scope` too where one audience has many clients.
 */
const oauth2 = z.strictObject({
  type: z.literal('oauth2'),
  name,
  issuer: text,
  audience: z.union([text, z.array(text).min(1).max(8)], 'must be text, or a list of 1 to 8 texts'),
  jwksUrl,
  algorithms: z
    .array(z.enum(algorithms), `must be a list of ${algorithms.join(', ')}`)
    .min(1, 'must hold at least one algorithm')
    .default([...algorithms]),
  clockToleranceSeconds: z.int('must be whole seconds from 0 to 300').min(0).max(300).default(60),
  /** Scopes parted by spaces, all of which the token must carry. */
  scope: text.optional(),
  clientId: text.optional(),
});

/** Why headers together prove nothing, or cannot be sent. Names are not repeated: one may be a value in the wrong place. */
function* headersFaults(pairs: Readonly<Record<string, string>>): Iterable<string> {
  const names = Object.keys(pairs);
  if (names.length === 0) yield 'must name at least one header';
  if (names.length > mostSecrets) yield `must name at most ${mostSecrets} headers`;
  if (!names.every((header) => headerName.safeParse(header).success)) yield 'must have names of headers';
  if (names.some((header) => publicHeaders.has(header.toLowerCase())))
    yield 'must name no header that comes with every request and proves nothing';
}

/** Vapi's `server.headers`: every pair must match. Each value counts as a secret. */
const headers = (given: Given) =>
  z.strictObject({
    type: z.literal('headers'),
    name,
    headers: z
      .record(
        z.string(),
        secretValue(given, headerSecretFault),
        'must be an object of header names and values',
      )
      .superRefine((pairs, context) => {
        for (const message of headersFaults(pairs)) context.addIssue({ code: 'custom', message });
      }),
  });

/** One credential as the setting holds it; `given` is where secrets named by `{"env": "NAME"}` are looked up. */
export function credentialSchema(given: Given) {
  return z.discriminatedUnion(
    'type',
    [secret(given), bearer(given), hmac(given), oauth2, headers(given)],
    'type must be secret, bearer, hmac, oauth2 or headers',
  );
}

/** A credential, checked, its secrets in clear. */
export type Credential = z.output<ReturnType<typeof credentialSchema>>;
export type CredentialOf<T extends Credential['type']> = Extract<Credential, { type: T }>;
