import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../../../shared/voice/credentials/verifier.ts';
import { now, outcome, presented, verifier } from '../../../support/credentials.ts';

const secret = { type: 'secret', secrets: ['open-sesame', 'next-sesame'] };
const bearer = { type: 'bearer', secrets: ['bearer-token'] };
const plain = { ...bearer, headerName: 'X-Vapi-Token', bearerPrefixEnabled: false };
const pairs = { type: 'headers', headers: { 'X-One': 'value-number-one', 'x-two': 'value-number-two' } };

describe('credentials in headers', () => {
  it.each<[object, Record<string, string>, string]>([
    [secret, { 'x-vapi-secret': 'open-sesame' }, 'accepted'],
    [secret, { 'X-VAPI-SECRET': 'next-sesame' }, 'accepted'],
    [secret, { 'x-vapi-secret': '' }, 'missing'],
    [secret, {}, 'missing'],
    [secret, { 'x-vapi-secret': 'Open-sesame' }, 'wrong'],
    [secret, { 'x-vapi-secret': 'open-sesame,next-sesame' }, 'wrong'],
    [secret, { 'x-vapi-secret': 'open-sesamé' }, 'wrong'],
    [secret, { 'x-vapi-secret': 'open-sesame'.repeat(10_000) }, 'wrong'],
    [secret, { authorization: 'Bearer open-sesame' }, 'missing'],
    [bearer, { Authorization: 'Bearer bearer-token' }, 'accepted'],
    [bearer, { authorization: 'bearer  bearer-token' }, 'accepted'],
    [bearer, { authorization: 'bearer-token' }, 'missing'],
    [bearer, { authorization: 'Bearer ' }, 'missing'],
    [bearer, { authorization: 'Basic bearer-token' }, 'missing'],
    [bearer, { authorization: 'Bearer bearer-toke' }, 'wrong'],
    [bearer, { authorization: 'Bearer bearer-token2' }, 'wrong'],
    [plain, { 'x-vapi-token': 'bearer-token' }, 'accepted'],
    [plain, { 'x-vapi-token': 'Bearer bearer-token' }, 'wrong'],
    [plain, { authorization: 'Bearer bearer-token' }, 'missing'],
    [pairs, { 'x-one': 'value-number-one', 'X-Two': 'value-number-two' }, 'accepted'],
    [pairs, { 'x-one': 'value-number-one' }, 'wrong'],
    [pairs, { 'x-one': 'value-number-two', 'x-two': 'value-number-one' }, 'wrong'],
    [pairs, { 'x-one': '', 'x-two': 'value-number-two' }, 'wrong'],
    [pairs, {}, 'missing'],
  ])('%j given %j: %s', (written, headers, expected) => {
    const verdict = verifier([written]).verify(presented({ headers }), now);
    expect(verdict).not.toBeInstanceOf(Promise);
    expect(outcome(verdict as Awaited<typeof verdict>)).toBe(expected);
  });

  it('a header sent twice matches nothing', async () => {
    const headers = new Headers([
      ['x-vapi-secret', 'open-sesame'],
      ['x-vapi-secret', 'open-sesame'],
    ]);
    expect(outcome(await verifier([secret]).verify(presented({ headers }), now))).toBe('wrong');
  });

  it('pairs whose names differ in case only are all wanted', async () => {
    const twice = { type: 'headers', headers: { 'X-One': 'value-number-one', 'x-one': 'value-number-two' } };
    for (const value of ['value-number-one', 'value-number-two'])
      expect(outcome(await verifier([twice]).verify(presented({ headers: { 'x-one': value } }), now))).toBe(
        'wrong',
      );
  });
});

describe('createVerifier', () => {
  it('accepts nothing where nothing is configured', () => {
    const none = createVerifier([], { ranges: [], replayWindowMs: 300_000 });
    const headers = { 'x-vapi-secret': '', authorization: 'Bearer ' };
    expect(none.verify(presented({ headers }), now)).toEqual({ kind: 'refused', reason: 'missing' });
    expect(none.describe()).toEqual([]);
  });

  it('an empty secret that got past the settings matches nothing', () => {
    const empty = createVerifier([{ type: 'secret', secrets: [''] }], {
      ranges: [],
      replayWindowMs: 300_000,
    });
    for (const value of ['', ' '])
      expect(empty.verify(presented({ headers: { 'x-vapi-secret': value } }), now)).toMatchObject({
        kind: 'refused',
      });
  });

  it('takes any of several, and says which', async () => {
    const all = verifier([secret, { ...bearer, name: 'main' }, pairs]);
    const headers = { 'x-vapi-secret': '', authorization: 'Bearer bearer-token' };
    expect(await all.verify(presented({ headers }), now)).toEqual({
      kind: 'accepted',
      credential: 'bearer/main',
    });
    expect(await all.verify(presented({ headers: { 'x-vapi-secret': 'open-sesame' } }), now)).toEqual({
      kind: 'accepted',
      credential: 'secret',
    });
  });

  it('refuses whatever else comes, and never throws', async () => {
    const hmac = {
      type: 'hmac',
      algorithm: 'sha256',
      payloadFormat: '{svix-id}{timestamp}{body}',
      messageIdHeader: 'x-id',
    };
    const all = verifier([
      secret,
      bearer,
      pairs,
      { ...hmac, secrets: ['hmac-secret'] },
      { type: 'oauth2', issuer: 'i', audience: 'a', jwksUrl: 'http://127.0.0.1:1/keys' },
    ]);
    const name = fc.constantFrom(
      'x-vapi-secret',
      'authorization',
      'x-one',
      'x-signature',
      'x-timestamp',
      'x-id',
    );
    const value = fc.oneof(
      fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,80}$/),
      fc.stringMatching(/^Bearer [\w-]{1,20}\.[\w-]{1,20}\.[\w-]{1,20}$/),
      fc.stringMatching(/^[0-9a-f]{64}$/),
      fc.constantFrom(String(now.getTime()), now.toISOString()),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value), fc.uint8Array(), async (headers, body) => {
        expect(await all.verify(presented({ headers, body }), now)).toMatchObject({ kind: 'refused' });
      }),
      { numRuns: 300 },
    );
  });

  it('tells operators what is checked and no secret', () => {
    const all = verifier([
      secret,
      { ...plain, name: 'old' },
      pairs,
      { type: 'hmac', algorithm: 'sha512', includeTimestamp: false, secrets: ['hmac-secret'] },
      { type: 'hmac', algorithm: 'sha256', signatureHeader: 'X-Sig', secrets: ['hmac-secret'] },
      { type: 'oauth2', issuer: 'i', audience: 'a', jwksUrl: 'https://issuer.example/keys' },
    ]);
    expect(all.describe()).toEqual([
      'secret: x-vapi-secret',
      'bearer/old: x-vapi-token without prefix',
      'headers: x-one, x-two',
      'hmac: sha512 over x-signature, no replay window',
      'hmac: sha256 over x-sig',
      'oauth2: token in authorization',
    ]);
    expect(all.needsBody(undefined)).toBe(true);
    expect(verifier([secret, bearer, pairs]).needsBody(undefined)).toBe(false);
  });
});

describe('source ranges', () => {
  const headers = { 'x-vapi-secret': 'open-sesame' };
  const ranges = ['167.150.224.0/23', '2001:db8::/32', '192.0.2.7'];

  it.each<[string | undefined, string]>([
    ['167.150.224.0', 'accepted'],
    ['167.150.225.255', 'accepted'],
    ['::ffff:167.150.225.213', 'accepted'],
    ['2001:db8:ffff::1', 'accepted'],
    ['192.0.2.7', 'accepted'],
    ['192.0.2.8', 'address'],
    ['167.150.223.255', 'address'],
    ['167.150.226.0', 'address'],
    ['::ffff:167.150.226.0', 'address'],
    ['2001:db9::1', 'address'],
    ['fe80::1%eth0', 'address'],
    ['localhost', 'address'],
    ['', 'address'],
    [undefined, 'address'],
  ])('from %s: %s', async (address, expected) => {
    const ranged = verifier([secret], { ranges });
    expect(outcome(await ranged.verify(presented({ headers, address }), now))).toBe(expected);
  });

  it('are told before a body is read', () => {
    const hmac = { type: 'hmac', algorithm: 'sha256', secrets: ['hmac-secret'] };
    const ranged = verifier([hmac], { ranges });
    expect(ranged.needsBody('192.0.2.7')).toBe(true);
    expect(ranged.needsBody('192.0.2.8')).toBe(false);
    expect(ranged.needsBody(undefined)).toBe(false);
    expect(verifier([secret], { ranges }).needsBody('192.0.2.7')).toBe(false);
  });

  it('replace no credential', async () => {
    const ranged = verifier([secret], { ranges });
    expect(outcome(await ranged.verify(presented({}), now))).toBe('missing');
  });

  it('are off where there are none', async () => {
    expect(outcome(await verifier([secret]).verify(presented({ headers, address: undefined }), now))).toBe(
      'accepted',
    );
  });
});
