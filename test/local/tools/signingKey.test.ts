import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newSigningKey, signingKey, trustSetting } from '../../../local/tools/signingKey.ts';
import { readSection } from '../../../shared/config/section.ts';
import { readManifest, signManifest } from '../../../shared/tools/manifest/signing.ts';
import { toolSettings, toTools } from '../../../shared/tools/settings.ts';
import { manifestOf } from '../../support/publishedTools.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

describe('the key to sign with', () => {
  it('comes from the settings, and the app trusts it by the setting that is printed with it', () => {
    const { key, pem } = newSigningKey('ann');
    const given = signingKey({ GATEHOUSE_TOOL_SIGNING_KEY: pem, GATEHOUSE_TOOL_SIGNING_KEY_ID: 'ann' });
    const read = readSection(toolSettings, toTools, { GATEHOUSE_TOOL_KEYS: trustSetting(key) });
    const keys = read.ok ? read.value.keys : [];
    expect(readManifest(signManifest(manifestOf(1, {}), [given]), keys)).toMatchObject({
      ok: true,
      keyIds: ['ann'],
    });
  });

  it('is a new one each time', () => {
    expect(newSigningKey('ann').pem).not.toBe(newSigningKey('ann').pem);
  });

  it.each([
    ['my key', 'my-key'],
    ['ci/main', 'ci-main'],
    ['€', 'ci'],
    ['x'.repeat(81), 'x'.repeat(80)],
  ])('is not made by a name that no app takes: %s', (name, better) => {
    expect(() => newSigningKey(name)).toThrow(
      `"${name}" can be no name of a key: it must be 1 to 80 of A-Z, a-z, 0-9, ., - and _. For instance: npm run tools -- keys ${better}`,
    );
    expect(newSigningKey(better).key.keyId).toBe(better);
  });

  it('needs the name that the app trusts it by', () => {
    expect(() => signingKey({ GATEHOUSE_TOOL_SIGNING_KEY: newSigningKey('ann').pem })).toThrow(
      'Set GATEHOUSE_TOOL_SIGNING_KEY_ID',
    );
  });

  it.each([
    ['no PEM', 'zebra-zebra'],
    ['a PEM that was cut', newSigningKey('ann').pem.slice(0, 60)],
    ['a key of another kind', rsa.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('is refused where it is %s, without being repeated', (_, pem) => {
    const env = { GATEHOUSE_TOOL_SIGNING_KEY: pem, GATEHOUSE_TOOL_SIGNING_KEY_ID: 'ann' };
    expect(() => signingKey(env)).toThrow(/^GATEHOUSE_TOOL_SIGNING_KEY is no Ed25519 key in PEM form\.$/);
  });
});
