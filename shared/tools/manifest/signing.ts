import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { z } from 'zod';
import { tryJson } from '../../tryJson.ts';
import { boundedJson } from '../boundedJson.ts';
import { shortened } from '../shortened.ts';
import { largestManifest, type Manifest, manifestSchema } from './manifest.ts';

/** Signed before the payload, so that a signature over anything else never passes for one over a manifest. */
const domain = 'gatehouse-tools-manifest-v1\n';

/** A key whose signatures count. */
export interface TrustedKey {
  keyId: string;
  publicKey: KeyObject;
}

export interface SigningKey {
  keyId: string;
  privateKey: KeyObject;
}

const envelopeSchema = z.strictObject({
  /** The manifest's JSON, base64: signed byte by byte, as it is. */
  payload: z.base64(),
  signatures: z
    .array(z.strictObject({ keyId: z.string().min(1).max(80), signature: z.base64() }))
    .min(1)
    .max(8),
});

/** Why a manifest is not taken. Fixed words, fit for logs and answers. */
export type ManifestRefusal = 'unreadable' | 'unsigned' | 'wrong-signature' | 'invalid';

export type ReadManifest =
  | { ok: true; manifest: Manifest; keyIds: string[] }
  | { ok: false; refusal: ManifestRefusal; problem: string };

/** The document that is stored: the manifest with a signature of each key. */
export function signManifest(manifest: Manifest, keys: readonly SigningKey[]): Uint8Array {
  const payload = Buffer.from(JSON.stringify(manifest));
  const signatures = keys.map(({ keyId, privateKey }) => ({
    keyId,
    signature: sign(null, Buffer.concat([Buffer.from(domain), payload]), privateKey).toString('base64'),
  }));
  return Buffer.from(JSON.stringify({ payload: payload.toString('base64'), signatures }));
}

/**
 * Reads a document that {@link signManifest} wrote. Nothing of the payload is looked at before a trusted key has signed
 * it; signatures of other keys are passed over.
 */
export function readManifest(document: Uint8Array, trusted: readonly TrustedKey[]): ReadManifest {
  if (document.byteLength > largestManifest) return refused('unreadable', 'The manifest is too large.');
  const envelope = envelopeSchema.safeParse(tryJson(Buffer.from(document).toString()));
  if (!envelope.success) return refused('unreadable', 'The manifest is not a signed document.');
  const payload = Buffer.from(envelope.data.payload, 'base64');
  const signed = Buffer.concat([Buffer.from(domain), payload]);
  const named = envelope.data.signatures.flatMap(({ keyId, signature }) =>
    trusted.filter((key) => key.keyId === keyId).map((key) => ({ key, signature })),
  );
  if (named.length === 0) return refused('unsigned', 'No trusted key has signed the manifest.');
  const good = named.filter(({ key, signature }) =>
    verify(null, signed, key.publicKey, Buffer.from(signature, 'base64')),
  );
  if (good.length === 0) return refused('wrong-signature', 'The signature does not match the manifest.');
  const given = boundedJson(payload.toString(), largestManifest);
  if (given === undefined) return refused('invalid', 'The manifest is no JSON, or nested too deeply.');
  const parsed = manifestSchema.safeParse(given);
  if (!parsed.success) return refused('invalid', firstFault(parsed.error));
  return { ok: true, manifest: parsed.data, keyIds: good.map(({ key }) => key.keyId) };
}

const refused = (refusal: ManifestRefusal, problem: string): ReadManifest => ({
  ok: false,
  refusal,
  problem,
});

function firstFault({ issues: [issue] }: z.ZodError): string {
  return issue
    ? shortened(`${issue.path.join('.') || 'manifest'}: ${issue.message}`)
    : 'The manifest is not valid.';
}

/** A new key: the private one as PKCS #8 PEM, the public one as base64 of its SPKI form. */
export function newKeyPair(): { privatePem: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

/** @throws Error for anything but an Ed25519 key. */
export function readPublicKey(base64: string): KeyObject {
  return ed25519(createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' }));
}

/** @throws Error for anything but an Ed25519 key. */
export function readPrivateKey(pem: string): KeyObject {
  return ed25519(createPrivateKey(pem));
}

/** The public half of a private key, as settings hold it. */
export function publicKeyOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('is not an Ed25519 key');
  return key;
}
