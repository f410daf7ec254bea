import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { now, outcome, presented, verifier } from '../../../support/credentials.ts';
import { type SigningKey, serveKeys, signingKey, token } from '../../../support/jwks.ts';

const key = await signingKey('k1');
const nextKey = await signingKey('k2');
const strangerKey = await signingKey('k1');
const at = Math.floor(now.getTime() / 1_000);
const claims = { iss: 'https://issuer.example/', aud: 'gatehouse', sub: 'vapi', iat: at, exp: at + 3_600 };

let issuer: Awaited<ReturnType<typeof serveKeys>>;
beforeEach(async () => {
  issuer = await serveKeys([key]);
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer.stop();
});

function oauth(members: Record<string, unknown> = {}) {
  return { type: 'oauth2', issuer: claims.iss, audience: 'gatehouse', jwksUrl: issuer.url, ...members };
}

const bearing = (jwt: string) => presented({ headers: { authorization: `Bearer ${jwt}` } });

async function told(members: Record<string, unknown>, changes: Record<string, unknown>, signedBy = key) {
  const jwt = await token(signedBy, { ...claims, ...changes });
  return outcome(await verifier([oauth(members)]).verify(bearing(jwt), now));
}

describe('oauth2', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['a right token', {}, {}, 'accepted'],
    ['one of several audiences', {}, { aud: ['other', 'gatehouse'] }, 'accepted'],
    ['one of several audiences wanted', { audience: ['other', 'gatehouse'] }, {}, 'accepted'],
    ['another audience', {}, { aud: 'other' }, 'wrong'],
    ['no audience', {}, { aud: undefined }, 'wrong'],
    ['another issuer', {}, { iss: 'https://issuer.example' }, 'wrong'],
    ['no issuer', {}, { iss: undefined }, 'wrong'],
    ['expired within tolerance', {}, { exp: at - 59 }, 'accepted'],
    ['expired', {}, { exp: at - 60 }, 'wrong'],
    ['expired, no tolerance', { clockToleranceSeconds: 0 }, { exp: at }, 'wrong'],
    ['without an end', {}, { exp: undefined }, 'wrong'],
    ['with an end that is no time', {}, { exp: 'soon' }, 'wrong'],
    ['not yet valid', {}, { nbf: at + 61 }, 'wrong'],
    ['an algorithm not allowed', { algorithms: ['RS256'] }, {}, 'wrong'],
    ['client as azp', { clientId: 'vapi' }, { azp: 'vapi', sub: 'x' }, 'accepted'],
    ['client as client_id', { clientId: 'vapi' }, { client_id: 'vapi', sub: 'x' }, 'accepted'],
    ['client as appid', { clientId: 'vapi' }, { appid: 'vapi', sub: 'x' }, 'accepted'],
    ['client as cid', { clientId: 'vapi' }, { cid: 'vapi', sub: 'x' }, 'accepted'],
    ['client as subject', { clientId: 'vapi' }, {}, 'accepted'],
    ['another subject', { clientId: 'vapi' }, { sub: 'x' }, 'wrong'],
    ['client as subject only', { clientId: 'vapi' }, { azp: 'x' }, 'wrong'],
    ['two clients', { clientId: 'vapi' }, { azp: 'vapi', client_id: 'x' }, 'wrong'],
    ['scope among others', { scope: 'deliver' }, { scope: 'read deliver' }, 'accepted'],
    ['two scopes', { scope: 'deliver read' }, { scope: 'read deliver' }, 'accepted'],
    ['one scope of two', { scope: 'deliver write' }, { scope: 'read deliver' }, 'wrong'],
    ['scp as a list', { scope: 'deliver' }, { scp: ['deliver'] }, 'accepted'],
    ['roles', { scope: 'deliver' }, { roles: ['deliver'] }, 'accepted'],
    ['part of a scope', { scope: 'deliver' }, { scope: 'deliveries' }, 'wrong'],
    ['no scope', { scope: 'deliver' }, {}, 'wrong'],
  ])('%s', async (_, members, changes, expected) => {
    expect(await told(members, changes)).toBe(expected);
  });

  it('a key of the same name that the issuer does not have', async () => {
    expect(await told({}, {}, strangerKey)).toBe('wrong');
  });

  it.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('%s', async (alg) => {
    const other = await signingKey('other', alg);
    issuer.answer.keys = [key, other];
    expect(await told({}, {}, other)).toBe('accepted');
    expect(await told({ algorithms: ['ES256'] }, {}, other)).toBe('wrong');
  });

  it('alg none, and a public key taken for a shared secret, are wrong', async () => {
    const publicKey = await importJWK(key.publicJwk, 'ES256');
    const pem = await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0]);
    const forged = [
      new UnsecuredJWT(claims).encode(),
      `${new UnsecuredJWT(claims).encode()}AAAA`,
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(Buffer.from(pem)),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(Buffer.from(JSON.stringify(key.publicJwk))),
    ];
    for (const jwt of forged)
      expect(outcome(await verifier([oauth()]).verify(bearing(jwt), now))).toBe('wrong');
    expect(issuer.answer.asked).toBe(0);
  });

  it.each(['x', 'a.b.c', 'a.b', `${'a'.repeat(9_000)}.b.c`, 'e30.e30.e30', 'e30.bnVsbA.e30'])(
    'no token of the issuer is told at once, and asks it nothing: %s',
    (text) => {
      expect(verifier([oauth()]).verify(bearing(text), now)).toEqual({ kind: 'refused', reason: 'wrong' });
      expect(issuer.answer.asked).toBe(0);
    },
  );

  it('a token longer than any is wrong', async () => {
    const jwt = await token(key, { ...claims, padding: 'x'.repeat(8_192) });
    expect(verifier([oauth()]).verify(bearing(jwt), now)).toEqual({ kind: 'refused', reason: 'wrong' });
  });

  it.each([
    {},
    { alg: 'ES256', kid: 'k1', crit: ['x'], x: 1 },
    { alg: 'ES256', kid: 'k1', b64: false, crit: ['b64'] },
    [],
  ])('a token with the head %j is wrong', async (head) => {
    const payload = (await token(key, claims)).split('.')[1];
    const jwt = `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${payload}.AAAA`;
    expect(outcome(await verifier([oauth()]).verify(bearing(jwt), now))).toBe('wrong');
  });

  it.each([undefined, '', 'Bearer', 'Basic dmFwaTp2YXBp'])(
    'no token at all is missing: %s',
    (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      expect(verifier([oauth()]).verify(presented({ headers }), now)).toEqual({
        kind: 'refused',
        reason: 'missing',
      });
    },
  );

  it('a changed token is wrong', async () => {
    const jwt = await token(key, claims);
    const [head, , signature] = jwt.split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'other' })).toString('base64url');
    const changed = `${head}.${payload}.${signature}`;
    expect(outcome(await verifier([oauth()]).verify(bearing(changed), now))).toBe('wrong');
  });

  it('takes a token that names no key, if one of several is right', async () => {
    issuer.answer.keys = [nextKey, key];
    const check = verifier([oauth()]);
    const unnamed = (signedBy: SigningKey) => token(signedBy, claims, null).then(bearing);
    expect(outcome(await check.verify(await unnamed(key), now))).toBe('accepted');
    expect(outcome(await check.verify(await unnamed(strangerKey), now))).toBe('wrong');
  });

  it('several issuers, and a secret that needs none of them', async () => {
    const other = await serveKeys([nextKey]);
    const both = verifier([
      oauth({ name: 'one' }),
      oauth({ name: 'two', issuer: 'two', jwksUrl: other.url }),
      { type: 'secret', secrets: ['open-sesame'] },
    ]);
    const jwt = await token(nextKey, { ...claims, iss: 'two' });
    expect(await both.verify(bearing(jwt), now)).toEqual({ kind: 'accepted', credential: 'oauth2/two' });
    expect(issuer.answer.asked).toBe(0);
    const headers = { authorization: `Bearer ${jwt}`, 'x-vapi-secret': 'open-sesame' };
    expect(both.verify(presented({ headers }), now)).toEqual({ kind: 'accepted', credential: 'secret' });
    await other.stop();
  });
});

describe('keys of an issuer', () => {
  it('are fetched once for many deliveries, also at the same time', async () => {
    const check = verifier([oauth()]);
    const delivery = bearing(await token(key, claims));
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => check.verify(delivery, now)));
    expect(new Set(verdicts.map(outcome))).toEqual(new Set(['accepted']));
    await check.verify(delivery, now);
    expect(issuer.answer.asked).toBe(1);
  });

  it.each<[string, (answer: { status: number; body: string | undefined }) => void]>([
    ['an error', (answer) => Object.assign(answer, { status: 500 })],
    ['a redirection', (answer) => Object.assign(answer, { status: 302 })],
    ['no JSON', (answer) => Object.assign(answer, { body: '<html>' })],
    ['no key set', (answer) => Object.assign(answer, { body: '{"keys": 1}' })],
  ])('cannot be had where the answer is %s: unavailable, once for 5 s', async (_, spoil) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    spoil(issuer.answer);
    const check = verifier([oauth()]);
    const delivery = bearing(await token(key, claims));
    expect(outcome(await check.verify(delivery, now))).toBe('unavailable');
    expect(outcome(await check.verify(delivery, now))).toBe('unavailable');
    expect(issuer.answer.asked).toBe(1);
    Object.assign(issuer.answer, { status: 200, body: undefined });
    vi.advanceTimersByTime(4_999);
    expect(outcome(await check.verify(delivery, now))).toBe('unavailable');
    vi.advanceTimersByTime(1);
    expect(outcome(await check.verify(delivery, now))).toBe('accepted');
    expect(issuer.answer.asked).toBe(2);
  });

  it('are waited for no longer than two seconds', async () => {
    issuer.answer.delayMs = 4_000;
    const started = performance.now();
    const verdict = await verifier([oauth()]).verify(bearing(await token(key, claims)), now);
    expect(outcome(verdict)).toBe('unavailable');
    expect(performance.now() - started).toBeGreaterThan(1_500);
    expect(performance.now() - started).toBeLessThan(3_500);
  });

  it('cannot be had where nobody listens; a static token passes all the same', async () => {
    await issuer.stop();
    const both = verifier([oauth(), { type: 'bearer', secrets: ['bearer-token'] }]);
    const verdict = await both.verify(bearing(await token(key, claims)), now);
    expect(verdict).toMatchObject({ kind: 'unavailable', cause: expect.any(Error) });
    expect(await both.verify(bearing('bearer-token'), now)).toMatchObject({ kind: 'accepted' });
    issuer = await serveKeys([]);
  });

  it('one issuer out of reach does not spoil another with the same name', async () => {
    const down = oauth({ jwksUrl: 'http://127.0.0.1:1/keys' });
    const verdict = await verifier([down, oauth()]).verify(bearing(await token(key, claims)), now);
    expect(outcome(verdict)).toBe('accepted');
  });

  it('may change: a new one is fetched when it is first used, at most every 30 s', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const check = verifier([oauth()]);
    const first = bearing(await token(key, claims));
    const next = bearing(await token(nextKey, claims));
    expect(outcome(await check.verify(first, now))).toBe('accepted');
    issuer.answer.keys = [nextKey];
    expect(outcome(await check.verify(next, now))).toBe('wrong');
    vi.advanceTimersByTime(29_000);
    expect(outcome(await check.verify(next, now))).toBe('wrong');
    expect(issuer.answer.asked).toBe(1);
    vi.advanceTimersByTime(1_001);
    expect(outcome(await check.verify(next, now))).toBe('accepted');
    expect(outcome(await check.verify(first, now))).toBe('wrong');
    expect(issuer.answer.asked).toBe(2);
  });

  it('an unknown one is not called wrong while the issuer is out of reach, known ones still pass', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const check = verifier([oauth()]);
    const known = bearing(await token(key, claims));
    await check.verify(known, now);
    issuer.answer.status = 503;
    vi.advanceTimersByTime(30_001);
    expect(outcome(await check.verify(bearing(await token(nextKey, claims)), now))).toBe('unavailable');
    expect(outcome(await check.verify(known, now))).toBe('accepted');
  });

  it('are fetched anew in the background after 10 minutes; a withdrawn one is wrong then', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const check = verifier([oauth()]);
    const delivery = bearing(await token(key, claims));
    await check.verify(delivery, now);
    issuer.answer.keys = [nextKey];
    vi.advanceTimersByTime(599_000);
    expect(outcome(await check.verify(delivery, now))).toBe('accepted');
    expect(issuer.answer.asked).toBe(1);
    vi.advanceTimersByTime(1_001);
    expect(outcome(await check.verify(delivery, now))).toBe('accepted');
    await vi.waitFor(async () => expect(outcome(await check.verify(delivery, now))).toBe('wrong'));
    expect(issuer.answer.asked).toBe(2);
  });

  it('are used for six hours while the issuer does not answer, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const check = verifier([oauth()]);
    const delivery = bearing(await token(key, claims));
    await check.verify(delivery, now);
    issuer.answer.status = 500;
    vi.advanceTimersByTime(6 * 3_600_000 - 1_000);
    expect(outcome(await check.verify(delivery, now))).toBe('accepted');
    await vi.waitFor(() => expect(issuer.answer.asked).toBe(2));
    vi.advanceTimersByTime(10_000);
    expect(outcome(await check.verify(delivery, now))).toBe('unavailable');
  });
});
