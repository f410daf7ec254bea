import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newKeyPair,
  publicKeyOf,
  readManifest,
  readPrivateKey,
  readPublicKey,
  signManifest,
} from '../../../../shared/tools/manifest/signing.ts';
import { entryOf, manifestOf, testKey } from '../../../support/publishedTools.ts';

const key = testKey();
const manifest = manifestOf(7, { echo: entryOf('one') });
const refusalOf = (document: Uint8Array, trusted = [key.trusted]) => {
  const read = readManifest(document, trusted);
  return read.ok ? 'taken' : read.refusal;
};

/** A document over any payload, signed as told. */
function envelope(payload: string, prefix = 'gatehouse-tools-manifest-v1\n'): Uint8Array {
  const signature = sign(null, Buffer.from(prefix + payload), key.signing.privateKey).toString('base64');
  return Buffer.from(
    JSON.stringify({
      payload: Buffer.from(payload).toString('base64'),
      signatures: [{ keyId: 'main', signature }],
    }),
  );
}

describe('a signed manifest', () => {
  it('is read as it was written', () => {
    expect(readManifest(signManifest(manifest, [key.signing]), [key.trusted])).toEqual({
      ok: true,
      manifest,
      keyIds: ['main'],
    });
  });

  it('is signed by Ed25519 over a word of its own and the payload (RFC 8032)', () => {
    expect(refusalOf(envelope(JSON.stringify(manifest)))).toBe('taken');
    expect(refusalOf(envelope(JSON.stringify(manifest), ''))).toBe('wrong-signature');
  });

  it('counts by any trusted key while keys rotate; others are passed over', () => {
    const next = testKey('next');
    const both = signManifest(manifest, [key.signing, next.signing]);
    expect(refusalOf(both, [key.trusted])).toBe('taken');
    expect(refusalOf(both, [next.trusted])).toBe('taken');
    expect(refusalOf(both, [testKey('third').trusted])).toBe('unsigned');
    expect(refusalOf(both, [testKey('next').trusted])).toBe('wrong-signature');
    expect(refusalOf(both, [])).toBe('unsigned');
  });

  it('is refused with any byte of it changed', () => {
    const document = signManifest(manifest, [key.signing]);
    fc.assert(
      fc.property(fc.nat(document.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(document);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const read = readManifest(changed, [key.trusted]);
        // Base64 has bits that stand for nothing; whatever is taken is what was signed.
        expect(read.ok ? read.manifest : manifest).toEqual(manifest);
      }),
      { numRuns: 500 },
    );
  });

  it('is looked into only after its signature', () => {
    expect(refusalOf(envelope('{"schema":1}'))).toBe('invalid');
    expect(refusalOf(envelope('no json'))).toBe('invalid');
    const deep = JSON.stringify(manifest).replace(
      '"properties":{}',
      `"properties":${'['.repeat(9_000)}${']'.repeat(9_000)}`,
    );
    expect(refusalOf(envelope(deep))).toBe('invalid');
    for (const text of ['', '[]', 'null', '{"payload":"","signatures":[]}', '{"payload":1}'])
      expect(refusalOf(Buffer.from(text))).toBe('unreadable');
  });

  it.each([
    ['a sequence below one', { ...manifest, sequence: 0 }, 'sequence'],
    ['members it does not know', { ...manifest, more: 1 }, 'manifest'],
    ['a name that is none', manifestOf(1, { 'Echo-1': entryOf('a') }), 'tools.Echo-1'],
    [
      'a host in capitals',
      manifestOf(1, { echo: entryOf('a', { hosts: ['A.example'] }) }),
      'tools.echo.hosts.0',
    ],
    [
      'a hash in capitals',
      manifestOf(1, { echo: entryOf('a', { sha256: 'A'.repeat(64) }) }),
      'tools.echo.sha256',
    ],
    ['too long a run', manifestOf(1, { echo: entryOf('a', { timeoutMs: 20_000 }) }), 'tools.echo.timeoutMs'],
  ])('is refused with %s, and says where', (_what, wrong, path) => {
    expect(readManifest(envelope(JSON.stringify(wrong)), [key.trusted])).toMatchObject({
      refusal: 'invalid',
      problem: expect.stringMatching(new RegExp(`^${path.replaceAll('.', '\\.')}: `)),
    });
  });
});

it('a document that is too large is not looked at', () => {
  expect(readManifest(Buffer.alloc(4_194_305, ' '), [])).toEqual({
    ok: false,
    refusal: 'unreadable',
    problem: 'The manifest is too large.',
  });
});

describe('keys', () => {
  it('are made, written and read', () => {
    const { privatePem, publicKey } = newKeyPair();
    expect(publicKeyOf(readPrivateKey(privatePem))).toBe(publicKey);
    expect(readPublicKey(publicKey).asymmetricKeyType).toBe('ed25519');
  });

  it('of another kind are not taken', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => readPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(
      'Ed25519',
    );
    expect(() => readPublicKey(publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))).toThrow(
      'Ed25519',
    );
    expect(() => readPublicKey('bm90IGEga2V5')).toThrow();
  });
});
