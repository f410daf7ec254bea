import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../../../shared/voice/credentials/readCredentials.ts';

const secretText = 'never-to-be-repeated';

function problems(written: unknown, given: Record<string, string> = {}, secrets: string[] = []): string[] {
  const read = readCredentials(JSON.stringify(written), secrets, given);
  return read.ok ? [] : read.problems.map(({ setting, problem }) => `${setting}: ${problem}`);
}

describe('readCredentials', () => {
  it('is empty where nothing is set', () => {
    expect(readCredentials(undefined, [], {})).toEqual({ ok: true, value: [] });
  });

  it('puts the secrets of VAPI_WEBHOOK_SECRET first', () => {
    const text = JSON.stringify([{ type: 'bearer', secrets: ['bearer-token'] }]);
    expect(readCredentials(text, ['first-secret', 'next-secret'], {})).toEqual({
      ok: true,
      value: [
        { type: 'secret', secrets: ['first-secret', 'next-secret'] },
        {
          type: 'bearer',
          headerName: 'Authorization',
          bearerPrefixEnabled: true,
          secrets: ['bearer-token'],
        },
      ],
    });
  });

  it('looks secrets up in other settings, without the line break a vault may hold', () => {
    const text = '[{"type": "secret", "secrets": [{"env": "OLD"}, {"env": "NEW"}]}]';
    const read = readCredentials(text, [], { OLD: 'old-secret\n', NEW: 'new-secret' });
    expect(read).toMatchObject({ ok: true, value: [{ secrets: ['old-secret', 'new-secret'] }] });
  });

  it.each(['constructor', 'toString', 'MISSING'])('a setting %s that is not set is a fault', (env) => {
    expect(problems([{ type: 'secret', secrets: [{ env }] }])).toEqual([
      `VAPI_WEBHOOK_CREDENTIALS: credential 1: secrets.0 (setting ${env}) is not set; set it, or take it out here`,
    ]);
  });

  it('takes no reference Azure could not resolve for a secret', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)';
    expect(problems([{ type: 'secret', secrets: [{ env: 'REF' }] }], { REF: reference })).toEqual([
      expect.stringContaining('could not resolve'),
    ]);
    expect(problems([], {}, [reference])).toEqual([expect.stringMatching(/^VAPI_WEBHOOK_SECRET: .*resolve/)]);
  });

  const hmac = { type: 'hmac', algorithm: 'sha256', secrets: [secretText] };
  const oauth2 = {
    type: 'oauth2',
    issuer: 'https://issuer.example/',
    audience: 'gatehouse',
    jwksUrl: 'https://issuer.example/keys',
  };

  it.each<[string, unknown, string]>([
    ['short secret', { type: 'secret', secrets: ['1234567'] }, 'secrets.0 needs at least 8 characters'],
    ['long secret', { type: 'secret', secrets: ['x'.repeat(1_025)] }, 'at most 1024 characters'],
    ['too many secrets', { type: 'secret', secrets: Array(9).fill(secretText) }, 'at most 8 secrets'],
    ['no secret', { type: 'secret', secrets: [] }, 'at least one secret'],
    ['secret no header can carry', { type: 'secret', secrets: ['pässword-123'] }, 'plain ASCII'],
    ['secret that is a number', { type: 'secret', secrets: [12345678] }, '{"env": "NAME"}'],
    ['unknown member', { type: 'bearer', token: secretText, secrets: [secretText] }, 'token'],
    ['unknown type', { type: 'basic', secrets: [secretText] }, 'must be secret, bearer, hmac, oauth2'],
    ['no type', { secrets: [secretText] }, 'must be secret, bearer, hmac, oauth2'],
    ['header name', { type: 'bearer', headerName: 'a b', secrets: [secretText] }, 'name of a header'],
    ['unknown algorithm', { ...hmac, algorithm: 'md5' }, 'sha256, sha512 or sha1'],
    ['no algorithm', { type: 'hmac', secrets: [secretText] }, 'sha256, sha512 or sha1'],
    ['format without body', { ...hmac, payloadFormat: '{timestamp}' }, 'must contain {body}'],
    ['unprotected timestamp', { ...hmac, payloadFormat: '{body}' }, 'must contain {timestamp}'],
    ['unknown placeholder', { ...hmac, payloadFormat: '{timestamp}{nonce}{body}' }, 'knows only'],
    [
      'message id without a header',
      { ...hmac, payloadFormat: '{svix-id}.{timestamp}.{body}' },
      'messageIdHeader is needed',
    ],
    ['key that is no base64', { ...hmac, secretIsBase64: true, secrets: ['not base64 !'] }, 'base64'],
    ['key that is short once decoded', { ...hmac, secretIsBase64: true, secrets: ['AAAAAAAA'] }, 'base64'],
    ['prefix that begins with a separator', { ...hmac, signaturePrefix: ',v1' }, 'signaturePrefix'],
    ['symmetric algorithm', { ...oauth2, algorithms: ['HS256'] }, 'algorithms.0'],
    ['key set over plain http', { ...oauth2, jwksUrl: 'http://issuer.example/keys' }, 'https'],
    ['key set from a file', { ...oauth2, jwksUrl: 'file:///etc/keys' }, 'https'],
    ['password in an address', { ...oauth2, jwksUrl: 'https://me:pw@issuer.example/' }, 'password'],
    ['no audience', { ...oauth2, audience: [] }, 'audience'],
    [
      'too many headers',
      { type: 'headers', headers: Object.fromEntries(Array.from('abcdefghi', (c) => [c, secretText])) },
      'at most 8 headers',
    ],
    ['no header', { type: 'headers', headers: {} }, 'at least one header'],
    ['no header name', { type: 'headers', headers: { [`${secretText} `]: secretText } }, 'names of headers'],
    ['public header', { type: 'headers', headers: { 'Content-Type': 'application/json' } }, 'proves nothing'],
    ['short header', { type: 'headers', headers: { 'x-key': 'short' } }, 'headers.x-key needs at least 8'],
  ])('%s is a fault', (_, written, words) => {
    const found = problems([written]);
    expect(found).not.toEqual([]);
    expect(found.join('\n')).toContain(words);
    expect(found.join('\n')).not.toContain(secretText);
  });

  it('tells every fault at once, each with its credential', () => {
    const found = problems([
      { type: 'secret', secrets: ['short'] },
      { type: 'secret', secrets: ['long-enough'] },
      { type: 'bearer', secrets: [] },
    ]);
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('credential 1: ');
    expect(found[1]).toContain('credential 3: ');
  });

  it.each(['{"type": "secret"}', 'secret-in-the-wrong-place', '"text"', '["secret-in-the-wrong-place"]'])(
    'what is no list of credentials is a fault: %s',
    (text) => {
      const read = readCredentials(text, [], {});
      expect(read.ok).toBe(false);
      expect(JSON.stringify(read)).not.toContain('wrong-place');
    },
  );

  it('holds at most 16', () => {
    const list = (count: number) =>
      Array.from({ length: count }, () => ({ type: 'secret', secrets: [secretText] }));
    expect(problems(list(16))).toEqual([]);
    expect(problems(list(17))).toEqual([expect.stringContaining('at most 16')]);
  });
});
