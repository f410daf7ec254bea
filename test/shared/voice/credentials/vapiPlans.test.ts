import type { Vapi } from '@vapi-ai/server-sdk';
import { describe, expect, it } from 'vitest';
import type { CredentialOf } from '../../../../shared/voice/credentials/credential.ts';
import { credential } from '../../../support/credentials.ts';

type Plan = Vapi.CreateWebhookCredentialDto['authenticationPlan'];
type PlanOf<T extends Plan['type']> = Extract<Plan, { type: T }>;
type Counterparts<T extends Plan['type'], Rest extends string = never> = {
  [M in keyof Required<PlanOf<T>>]: keyof CredentialOf<T> | Rest;
};

/** Which member of ours stands for each of Vapi's: does not compile where Vapi can configure what we cannot. */
const bearer = {
  type: 'type',
  token: 'secrets',
  headerName: 'headerName',
  bearerPrefixEnabled: 'bearerPrefixEnabled',
} as const satisfies Counterparts<'bearer'>;

const hmac = {
  type: 'type',
  secretKey: 'secrets',
  algorithm: 'algorithm',
  signatureHeader: 'signatureHeader',
  timestampHeader: 'timestampHeader',
  signaturePrefix: 'signaturePrefix',
  includeTimestamp: 'includeTimestamp',
  payloadFormat: 'payloadFormat',
  messageIdHeader: 'messageIdHeader',
  signatureEncoding: 'signatureEncoding',
  secretIsBase64: 'secretIsBase64',
} as const satisfies Counterparts<'hmac'>;

/** The token endpoint and the client's secret are between Vapi and the issuer. */
const oauth2 = {
  type: 'type',
  url: 'issuer',
  clientId: 'clientId',
  clientSecret: 'nothing here',
  scope: 'scope',
} as const satisfies Counterparts<'oauth2', 'nothing here'>;

const counterparts = { bearer, hmac, oauth2 } satisfies Record<Plan['type'], object>;

/** A plan as it stands in Vapi, as our setting would hold it. */
function ours(plan: Plan): Record<string, unknown> {
  const names: Readonly<Record<string, string>> = counterparts[plan.type];
  const entries = Object.entries(plan)
    .filter(([member]) => names[member] !== 'nothing here')
    .map(([member, value]) => [names[member], names[member] === 'secrets' ? [value] : value] as const);
  return Object.fromEntries(entries);
}

describe('what can be configured at Vapi can be configured here', () => {
  it('bearer, by its defaults and in full', () => {
    const plan: Plan = { type: 'bearer', token: 'bearer-token' };
    expect(credential(ours(plan))).toEqual({
      type: 'bearer',
      headerName: 'Authorization',
      bearerPrefixEnabled: true,
      secrets: ['bearer-token'],
    });
    const full: Required<PlanOf<'bearer'>> = { ...plan, headerName: 'X-Key', bearerPrefixEnabled: false };
    expect(credential(ours(full))).toMatchObject({ headerName: 'X-Key', bearerPrefixEnabled: false });
  });

  it('hmac, by its defaults', () => {
    const plan: Plan = { type: 'hmac', algorithm: 'sha256', secretKey: 'hmac-secret' };
    expect(credential(ours(plan))).toEqual({
      type: 'hmac',
      algorithm: 'sha256',
      signatureHeader: 'x-signature',
      timestampHeader: 'x-timestamp',
      signaturePrefix: '',
      includeTimestamp: true,
      payloadFormat: '{timestamp}.{body}',
      signatureEncoding: 'hex',
      secretIsBase64: false,
      secrets: ['hmac-secret'],
    });
    expect(credential(ours({ ...plan, includeTimestamp: false }))).toMatchObject({ payloadFormat: '{body}' });
  });

  it.each(['sha1', 'sha256', 'sha512'] as const)('hmac %s in full', (algorithm) => {
    const plan: Required<PlanOf<'hmac'>> = {
      type: 'hmac',
      secretKey: 'AAECAwQFBgcICQ==',
      algorithm,
      signatureHeader: 'webhook-signature',
      timestampHeader: 'webhook-timestamp',
      signaturePrefix: 'v1,',
      includeTimestamp: true,
      payloadFormat: '{method}{url}{svix-id}.{timestamp}.{body}',
      messageIdHeader: 'webhook-id',
      signatureEncoding: 'base64',
      secretIsBase64: true,
    };
    const { secretKey, ...rest } = plan;
    expect(credential(ours(plan))).toEqual({ ...rest, secrets: [secretKey] });
  });

  it('oauth2, with what is ours to say', () => {
    const plan: Required<PlanOf<'oauth2'>> = {
      type: 'oauth2',
      url: 'https://issuer.example/token',
      clientId: 'vapi',
      clientSecret: 'client-secret',
      scope: 'deliver',
    };
    const own = {
      issuer: 'https://issuer.example/',
      audience: 'gatehouse',
      jwksUrl: 'https://issuer.example/keys',
    };
    expect(credential({ ...ours(plan), ...own })).toMatchObject({
      ...own,
      clientId: 'vapi',
      scope: 'deliver',
    });
  });

  it('server.headers', () => {
    const server: Vapi.Server = { headers: { 'x-vapi-secret': 'static-secret' } };
    expect(credential({ type: 'headers', headers: server.headers })).toEqual({
      type: 'headers',
      headers: { 'x-vapi-secret': 'static-secret' },
    });
  });
});
