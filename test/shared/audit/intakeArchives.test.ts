import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryRoom } from '../../../shared/audit/intake/memoryRoom.ts';
import { readAuditRequest } from '../../../shared/audit/intake/readAuditRequest.ts';
import { tree, withDirectory, zip } from '../../support/archive.ts';
import { auditSettings } from '../../support/audit.ts';
import { request } from '../../support/http.ts';

const limits = {
  maxBody: { bytes: 2 ** 22, setting: 'GATEHOUSE_MAX_BODY_MB' },
  maxJson: { bytes: 10_000, setting: 'GATEHOUSE_MAX_JSON_MB' },
};
const design = '# D\n- It must work.\n';
const files = { 'docs/hld.md': design, 'src/a.ts': 'export const a = 1;\n', 'src/b.py': 'b = 2\n' };
const source = [
  { path: 'src/a.ts', text: 'export const a = 1;\n' },
  { path: 'src/b.py', text: 'b = 2\n' },
];

async function read(
  body: Uint8Array,
  type = 'application/octet-stream',
  query: Record<string, string> = { hld: 'docs/hld.md' },
  env: Record<string, string> = {},
) {
  const room = new MemoryRoom();
  const headers = type === '' ? {} : { 'content-type': type };
  const asked = readAuditRequest(request({ body, headers, query }), auditSettings(env), limits, room);
  try {
    using held = await asked;
    return held.input;
  } finally {
    expect(room.held).toBe(0);
  }
}

const formats = {
  'tar.gz': async () => tree(files),
  tar: async () => gunzipSync(await tree(files)),
  'deflated zip': async () => zip(files),
  'stored zip': async () => zip(files, { stored: true }),
  'zip64 zip': async () => zip(files, { zip64: true }),
  'zip of another system': async () =>
    withDirectory(await zip(files), (record) => {
      record.writeUInt16LE(20, 4);
      record.writeUInt32LE(0, 38);
    }),
};

describe('an archive', () => {
  for (const [name, make] of Object.entries(formats))
    it.each(['application/octet-stream', 'application/zip', 'application/gzip', 'application/x-tar'])(
      `that is a ${name} is read as such when it is called %s`,
      async (type) => {
        const { files: found, designs } = await read(await make(), type);
        expect([found, designs]).toEqual([source, [{ path: 'docs/hld.md', text: design }]]);
      },
    );

  it('of before 1988, without a mark, is read where its type says tar', async () => {
    const old = gunzipSync(await tree({ 'a.ts': 'a', 'hld.md': design }));
    for (let at = 0; at + 512 <= old.length; at += 512) {
      if (old.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
      old.fill(0, at + 257, at + 512);
      old.fill(' ', at + 148, at + 156);
      const sum = old.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
      old.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
    }
    expect((await read(old, 'application/x-tar', { hld: 'hld.md' })).files).toEqual([
      { path: 'a.ts', text: 'a' },
    ]);
    await expect(read(old, 'application/zip', { hld: 'hld.md' })).rejects.toMatchObject({
      code: 'unreadable-archive',
    });
  });

  it('gives back what it reserved when it is refused', async () => {
    await expect(read(Buffer.from('nothing'))).rejects.toMatchObject({ code: 'unreadable-archive' });
  });
});

describe('a zip', () => {
  const patched = async (
    change: (record: Buffer, n: number) => void,
    given: Record<string, string | Uint8Array> = files,
  ) => read(withDirectory(await zip(given), change));

  it.each([
    ['a symlink', 0o120777, 'symlink'],
    ['a device', 0o020666, 'character-device'],
    ['a pipe', 0o010666, 'pipe'],
  ])('with %s is refused', async (_, mode, kind) => {
    await expect(read(await zip(files, { mode }))).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringMatching(new RegExp(`${kind} .*regular files only`)),
    });
  });

  it.each<[string, (record: Buffer, n: number) => void, string, RegExp]>([
    ['an encrypted entry', (r) => r.writeUInt16LE(r.readUInt16LE(8) | 1, 8), 'unsafe-archive', /encrypted/],
    ['a strange method', (r) => r.writeUInt16LE(14, 10), 'unsafe-archive', /method 14/],
    ['a size that is too small', (r) => r.writeUInt32LE(3, 24), 'unsafe-archive', /lies about the size/],
    ['a size that is too large', (r) => r.writeUInt32LE(999, 24), 'unsafe-archive', /lies about the size/],
    ['a wrong checksum', (r) => r.writeUInt32LE(7, 16), 'unreadable-archive', /damaged/],
    ['entries on one place', (r) => r.writeUInt32LE(0, 42), 'unsafe-archive', /overlap/],
    [
      'a size of gigabytes',
      (r) => r.writeUInt32LE(0xf0000000, 24),
      'unsafe-archive',
      /GATEHOUSE_AUDIT_MAX_EXPANDED_MB/,
    ],
    ['an unsafe path', (r) => void r.write('../../', 46, 'latin1'), 'unsafe-archive', /leads out/],
    ['a backslash', (r) => void r.write('a\\', 46, 'latin1'), 'unsafe-archive', /backslash/],
    ['a damaged directory', (r, n) => (n === 1 ? r.write('XXXX', 0) : 0), 'unreadable-archive', /damaged/],
  ])('with %s is refused', async (_, change, code, message) => {
    await expect(patched(change)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('that is a bomb is refused by what its directory says, before anything is expanded', async () => {
    const bomb = await zip({ 'a.ts': 'x', 'zero.ts': new Uint8Array(32 * 2 ** 20) });
    expect(bomb.length).toBeLessThan(40_000);
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringContaining('200 times'),
    });
  });

  it('with too many entries is refused', async () => {
    await expect(
      read(await zip(files), 'application/zip', undefined, { GATEHOUSE_AUDIT_MAX_ENTRIES: '2' }),
    ).rejects.toMatchObject({ code: 'unsafe-archive', message: expect.stringContaining('2 entries') });
  });

  it('that is empty or cut short anywhere is refused', async () => {
    await expect(read(await zip({}))).rejects.toMatchObject({ code: 'unreadable-archive' });
    const whole = await zip(files);
    for (let length = 4; length < whole.length; length += 7)
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'unreadable-archive' });
  });

  it('with one path twice is refused', async () => {
    const twice = withDirectory(
      await zip({ 'a.ts': 'a', 'b.ts': 'b' }),
      (record) => void record.write('a.ts', 46),
    );
    await expect(read(twice)).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringContaining('twice'),
    });
  });
});

describe('a folder around everything', () => {
  const wrap = (folder: string) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

  it.each(['acme-shop-1f0c2ab', 'shop-main', 'shop-v1.2.3', 'src'])(
    '%s is taken off where the design is below it',
    async (folder) => {
      expect((await read(await tree(wrap(folder)))).files).toEqual(source);
    },
  );

  it('is kept where the design is named with it', async () => {
    const found = await read(await tree(wrap('shop-main')), 'application/gzip', {
      hld: 'shop-main/docs/hld.md',
    });
    expect(found.files.map(({ path }) => path)).toEqual(['shop-main/src/a.ts', 'shop-main/src/b.py']);
  });

  it('is none where something lies beside it', async () => {
    const bytes = await tree({ ...wrap('shop-main'), 'README.md': 'x' });
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'design-not-found',
      message: expect.stringContaining('shop-main/docs/hld.md'),
    });
  });

  it('counts for include, exclude and excluded folders as if it was not there', async () => {
    const wrapped = wrap('build');
    const { files: found, unselected } = await read(await tree(wrapped), 'application/gzip', {
      hld: 'docs/hld.md',
      include: 'src/*.ts',
    });
    expect([found.map(({ path }) => path), unselected]).toEqual([['src/a.ts'], { 'not in include': 1 }]);
  });
});
