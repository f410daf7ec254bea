import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSection } from '../../shared/config/section.ts';
import {
  newKeyPair,
  publicKeyOf,
  readPrivateKey,
  type SigningKey,
} from '../../shared/tools/manifest/signing.ts';
import { toolSettings, toTools } from '../../shared/tools/settings.ts';

const localFile = fileURLToPath(new URL('../../.local/tools/local.pem', import.meta.url));
const localKeyId = 'local';

/** The key of this machine, made when first asked for. Only `npm start` trusts it. */
export function localKey(): SigningKey {
  if (!existsSync(localFile)) {
    mkdirSync(dirname(localFile), { recursive: true });
    writeFileSync(localFile, newKeyPair().privatePem, { mode: 0o600 });
  }
  return { keyId: localKeyId, privateKey: readPrivateKey(readFileSync(localFile, 'utf8')) };
}

/** A new key of this name, with its private half as PEM. @throws Error for a name that no app takes. */
export function newSigningKey(keyId: string): { key: SigningKey; pem: string } {
  const { privatePem: pem } = newKeyPair();
  const key = { keyId, privateKey: readPrivateKey(pem) };
  const read = readSection(toolSettings, toTools, { GATEHOUSE_TOOL_KEYS: trustSetting(key) });
  if (read.ok) return { key, pem };
  const problem = read.problems[0]?.problem.replace(/^0\.keyId: /, 'it ');
  throw new Error(`"${keyId}" can be no name of a key: ${problem}. ${hintFor(keyId)}`);
}

function hintFor(keyId: string): string {
  const name = keyId.replace(/[^\w.-]+/g, '-').slice(0, 80);
  return `For instance: npm run tools -- keys ${/\w/.test(name) ? name : 'ci'}`;
}

/** The setting that makes an app trust the key. */
export function trustSetting({ keyId, privateKey }: SigningKey): string {
  return JSON.stringify([{ keyId, publicKey: publicKeyOf(privateKey) }]);
}

/**
 * The key to sign with: `GATEHOUSE_TOOL_SIGNING_KEY` (PEM) as `GATEHOUSE_TOOL_SIGNING_KEY_ID`, else that of this machine.
 * @throws Error for a key that is none.
 */
export function signingKey(env: Readonly<Record<string, string | undefined>>): SigningKey {
  const { GATEHOUSE_TOOL_SIGNING_KEY: pem, GATEHOUSE_TOOL_SIGNING_KEY_ID: keyId } = env;
  if (!pem) return localKey();
  if (!keyId) throw new Error('Set GATEHOUSE_TOOL_SIGNING_KEY_ID to the keyId that the app trusts.');
  try {
    return { keyId, privateKey: readPrivateKey(pem) };
  } catch {
    throw new Error('GATEHOUSE_TOOL_SIGNING_KEY is no Ed25519 key in PEM form.');
  }
}
