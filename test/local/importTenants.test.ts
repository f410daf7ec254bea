import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTenants } from '../../local/importTenants.ts';
import { root } from '../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tenants-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(...tenants: object[]): string {
  const file = join(folder, 'tenants.json');
  writeFileSync(file, JSON.stringify(tenants));
  return file;
}

const shop = { tenantId: 'shop', businessName: 'Shop', businessHours: '9-5', services: ['x'] };

describe('readTenants', () => {
  it.each(['tenants', 'businesses'])('takes the sample %s', (name) => {
    expect(readTenants(`${root}local/sample/${name}.json`).length).toBeGreaterThan(0);
  });

  it('names what Vapi would refuse by its place, and takes it where it is told to', () => {
    const voice = { provider: 'deepgram', voiceId: 'australian_male' };
    const file = fileOf({ ...shop, phoneNumbers: ['+61255501111'], assistant: { voice } });
    expect(() => readTenants(file)).toThrow('[0].assistant.voice.voiceId');
    expect(() => readTenants(file)).toThrow('--force');
    expect(readTenants(file, true)).toMatchObject([{ assistant: { voice } }]);
  });

  it('names tenants no call can reach, and lines and ids that are there twice', () => {
    const phoneNumbers = ['+61255501111'];
    expect(() => readTenants(fileOf(shop))).toThrow('no call can reach it');
    expect(() => readTenants(fileOf({ ...shop, phoneNumbers }, { ...shop, phoneNumbers }))).toThrow(/twice/);
    expect(() =>
      readTenants(fileOf({ ...shop, phoneNumbers }, { ...shop, tenantId: 'other', phoneNumbers })),
    ).toThrow('also a line of "shop"');
  });
});
