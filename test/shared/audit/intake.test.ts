import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAuditRequest } from '../../../shared/audit/intake/readAuditRequest.ts';
import { safePath } from '../../../shared/audit/intake/safePath.ts';
import { checkText, decodeSource } from '../../../shared/audit/intake/sourceText.ts';
import { tarGz, tree } from '../../support/archive.ts';
import { auditSettings } from '../../support/audit.ts';
import { request } from '../../support/http.ts';

const limits = {
  maxBody: { bytes: 2 ** 20, setting: 'GATEHOUSE_MAX_BODY_MB' },
  maxJson: { bytes: 10_000, setting: 'GATEHOUSE_MAX_JSON_MB' },
};
const design = '# D\n- It must work.\n';

async function readArchive(
  bytes: Uint8Array,
  query: Record<string, string> = { hld: 'docs/hld.md' },
  env: Record<string, string> = {},
) {
  using asked = await readAuditRequest(
    request({ body: bytes, headers: { 'content-type': 'application/gzip' }, query }),
    auditSettings(env),
    limits,
  );
  return asked.input;
}

async function readJson(body: unknown, query: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  using asked = await readAuditRequest(
    request({ body: text, headers: { 'content-type': 'application/json; charset=utf-8' }, query }),
    auditSettings(),
    limits,
  );
  return asked.input;
}

describe('an archive', () => {
  it('gives source by extension and folder, sorted, with BOM and line ends normalised', async () => {
    const bytes = await tree({
      'src/b.ts': '\ufeffb\r\n',
      './src/A.py': 'a',
      'node_modules/x/index.js': 'no',
      'src/dist/y.js': 'no',
      'dist.ts': 'kept: a file, not a folder',
      'README.md': 'no',
      'docs/hld.md': design,
    });
    const { files, designs, skipped, question } = await readArchive(bytes, {
      hld: './docs/hld.md',
      question: ' why? ',
    });
    expect(files).toEqual([
      { path: 'dist.ts', text: 'kept: a file, not a folder' },
      { path: 'src/A.py', text: 'a' },
      { path: 'src/b.ts', text: 'b\n' },
    ]);
    expect([designs, skipped, question]).toEqual([[{ path: 'docs/hld.md', text: design }], [], 'why?']);
  });

  it('reports what could not be read as text, and goes on', async () => {
    const bytes = await tree({
      'a.ts': 'ok',
      'binary.ts': new Uint8Array([1, 0, 2]),
      'latin.ts': new Uint8Array([0x2f, 0x2f, 0x20, 0xe9, 0x80]),
      'wide.ts': Buffer.from('\ufeff// ß\r\n', 'utf16le'),
      'picture.ts': new Uint8Array([0xff, 0xd8, 0x01, 0x02]),
      'huge.ts': 'x '.repeat(600_000),
      'hld.md': design,
    });
    const { files, skipped } = await readArchive(
      bytes,
      { hld: 'hld.md' },
      { GATEHOUSE_AUDIT_MAX_FILE_MB: '1' },
    );
    expect(files).toEqual([
      { path: 'a.ts', text: 'ok' },
      { path: 'latin.ts', text: '// é€' },
      { path: 'wide.ts', text: '// ß\n' },
    ]);
    expect(skipped).toEqual([
      { path: 'binary.ts', reason: 'binary' },
      { path: 'huge.ts', reason: 'larger than 1048576 bytes' },
      { path: 'picture.ts', reason: 'binary' },
    ]);
  });

  it('counts the design as design, even where it would be source', async () => {
    const { files } = await readArchive(await tree({ 'a.ts': 'a', 'design.ts': '// - It must work' }), {
      hld: 'design.ts',
    });
    expect(files.map((f) => f.path)).toEqual(['a.ts']);
  });

  it.each([
    [
      'no named design',
      { 'a.ts': 'a', 'docs/design.md': design },
      'design-not-found',
      /no "docs\/hld.md".*docs\/design\.md/,
    ],
    ['an empty design', { 'a.ts': 'a', 'docs/hld.md': ' \n' }, 'design-not-found', /empty/],
    [
      'a design beyond the size of a file',
      { 'a.ts': 'a', 'docs/hld.md': '- It must be short.\n'.repeat(150_000) },
      'invalid-request',
      /GATEHOUSE_AUDIT_MAX_FILE_MB/,
    ],
    ['a binary design', { 'a.ts': 'a', 'docs/hld.md': '\0' }, 'invalid-request', /binary/],
    ['no source', { 'a.png': 'a', 'docs/hld.md': design }, 'empty-tree', /no source file/],
    ['a path out of the tree', { '../a.ts': 'a', 'docs/hld.md': design }, 'unsafe-archive', /leads out/],
    ['an absolute path', { '/etc/a.ts': 'a', 'docs/hld.md': design }, 'unsafe-archive', /absolute/],
  ])('with %s is refused', async (_, files, code, message) => {
    await expect(readArchive(await tree(files as unknown as Record<string, string>))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['a symlink', { name: 'l.ts', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'l.ts', type: 'link', linkname: 'a.ts' }],
    ['a device', { name: 'd', type: 'character-device' }],
  ] as const)('with %s is refused', async (_, entry) => {
    const bytes = await tarGz([
      { name: 'a.ts', content: 'a' },
      entry,
      { name: 'docs/hld.md', content: design },
    ]);
    await expect(readArchive(bytes)).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringContaining('regular files only'),
    });
  });

  it('with one path twice is refused', async () => {
    const bytes = await tarGz([
      { name: 'a.ts', content: '1' },
      { name: './a.ts', content: '2' },
    ]);
    await expect(readArchive(bytes)).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringContaining('twice'),
    });
  });

  it('that is damaged, cut short, empty or no archive is refused', async () => {
    const whole = await tree({ 'a.ts': 'some source '.repeat(500), 'docs/hld.md': design });
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      Buffer.from('not gzip'),
      gzipSync('not tar'.repeat(200)),
      gzipSync(Buffer.alloc(1024)),
    ]) {
      await expect(readArchive(bytes)).rejects.toMatchObject({
        code: 'unreadable-archive',
        message: expect.stringContaining('git archive'),
      });
    }
  });

  it('that is cut short anywhere is refused', async () => {
    const noise = Array.from(
      { length: 3_000 },
      (_, i) => `const v${(i * 7919) % 10_007} = ${(i * 104_729) % 99_991};`,
    ).join('\n');
    const whole = await tree({ 'a.ts': noise, 'b.ts': noise.slice(5_000), 'docs/hld.md': design });
    for (let length = 2; length < whole.length; length += Math.ceil(whole.length / 40)) {
      await expect(readArchive(whole.subarray(0, length))).rejects.toMatchObject({
        code: 'unreadable-archive',
      });
    }
  });

  it.each([
    ['is empty', new Uint8Array(), /is empty/],
    ['is no archive', Buffer.from('docs/hld.md\0\0\0'), /neither gzip nor tar nor zip/],
    ['is two bytes', new Uint8Array([0x1f, 0x8b]), /damaged/],
  ])('that %s says so', async (_, bytes, message) => {
    await expect(readArchive(bytes)).rejects.toMatchObject({
      code: 'unreadable-archive',
      message: expect.stringMatching(message),
    });
  });

  it('tells how many files were no source, and by what', async () => {
    const bytes = await tree({
      'a.ts': 'a',
      'b.css': '',
      'c.css': '',
      'package-lock.json': '{}',
      'node_modules/x.ts': '',
      Makefile: '',
      '.eslintrc': '',
      'docs/hld.md': design,
    });
    expect((await readArchive(bytes)).unselected).toEqual({
      '.css': 2,
      'lock file': 1,
      'node_modules/': 1,
      'no extension': 2,
    });
  });

  it('that is a bomb is refused by ratio, and by size', async () => {
    const bomb = await tree({ 'a.ts': 'x', 'zero.bin': new Uint8Array(32 * 2 ** 20) });
    expect(bomb.length).toBeLessThan(40_000);
    await expect(readArchive(bomb)).rejects.toMatchObject({
      code: 'unsafe-archive',
      message: expect.stringContaining('200 times'),
    });
    const large = await tree({
      'a.ts': 'x',
      'noise.bin': Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251)),
    });
    await expect(
      readArchive(large, undefined, { GATEHOUSE_AUDIT_MAX_EXPANDED_MB: '0.2' }),
    ).rejects.toMatchObject({ code: 'unsafe-archive', message: expect.stringContaining('bytes') });
  });

  it('with too many entries is refused', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}.ts`, 'x']));
    await expect(
      readArchive(await tree(files), undefined, { GATEHOUSE_AUDIT_MAX_ENTRIES: '10' }),
    ).rejects.toMatchObject({ code: 'unsafe-archive', message: expect.stringContaining('10 entries') });
  });

  it('larger than the limit is refused', async () => {
    const noise = Buffer.from(Array.from({ length: 2 ** 20 + 1 }, () => Math.floor(Math.random() * 256)));
    await expect(readArchive(noise)).rejects.toMatchObject({ code: 'payload-too-large' });
  });

  it('needs its design named', async () => {
    await expect(readArchive(await tree({ 'a.ts': 'a' }), {})).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('?hld='),
    });
  });
});

describe('JSON', () => {
  it('carries files and the design as text or by path', async () => {
    const files = { 'b.ts': 'b', 'a.js': 'a\r\n', 'notes.md': design };
    expect(await readJson({ files, hld: design, question: 'why?' })).toMatchObject({
      files: [
        { path: 'a.js', text: 'a\n' },
        { path: 'b.ts', text: 'b' },
      ],
      designs: [{ path: 'design', text: design }],
      question: 'why?',
    });
    expect((await readJson({ files, hld: './notes.md' })).designs[0]?.text).toBe(design);
    expect(await readJson({ files, hld: 'notes.md', question: null })).toMatchObject({
      designs: [{ path: 'notes.md', text: design }],
      question: undefined,
    });
  });

  it('keeps the folder that all of its files lie in', async () => {
    const found = await readJson({ files: { 'shop-main/a.ts': 'a' }, hld: design });
    expect(found.files.map(({ path }) => path)).toEqual(['shop-main/a.ts']);
  });

  it('takes a word that only looks like a path for no path', async () => {
    await expect(readJson({ files: { 'a.ts': 'a' }, hld: 'See:https://x/y.md' })).rejects.toMatchObject({
      code: 'design-not-found',
    });
  });

  it('takes the mistyped name of a document for what it is', async () => {
    const files = { 'a.ts': 'a', 'docs/hld.md': design };
    await expect(readJson({ files, hld: 'docs/hdl.md' })).rejects.toMatchObject({
      code: 'design-not-found',
      message: expect.stringMatching(/no "docs\/hdl.md".*docs\/hld\.md/),
    });
  });

  it.each([
    ['broken', '{', 'invalid-json'],
    ['not an object', [], 'invalid-request'],
    ['without a design', { files: { 'a.ts': 'a' } }, 'invalid-request'],
    ['with a number as text', { files: { 'a.ts': 1 }, hld: design }, 'invalid-request'],
    ['with an unsafe path', { files: { '../a.ts': 'a' }, hld: design }, 'unsafe-archive'],
    ['without source', { files: {}, hld: design }, 'empty-tree'],
    ['too large', { files: { 'a.ts': 'x'.repeat(10_000) }, hld: design }, 'payload-too-large'],
    [
      'with an endless question',
      { files: { 'a.ts': 'a' }, hld: design, question: 'x'.repeat(4_001) },
      'invalid-request',
    ],
  ])('%s is refused', async (_, body, code) => {
    await expect(readJson(body)).rejects.toMatchObject({ code });
  });

  it('says which field is wrong', async () => {
    await expect(readJson({ files: { 'a.ts': 1 }, hld: 7 })).rejects.toMatchObject({
      details: { errors: [expect.stringContaining('files.a.ts'), expect.stringContaining('hld')] },
    });
    await expect(readJson({ files: { 'a.ts': '' } })).rejects.toMatchObject({
      message: expect.stringContaining('"hld"'),
    });
  });
});

describe('any other content type', () => {
  it.each([undefined, 'application/x-www-form-urlencoded', 'text/plain'])(
    '%s: says what to send',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      await expect(
        readAuditRequest(request({ body: 'x', headers }), auditSettings(), limits),
      ).rejects.toMatchObject({
        code: 'unsupported-media-type',
        message: expect.stringContaining('git archive'),
      });
    },
  );
});

describe('safePath', () => {
  it.each([
    '',
    './',
    'a/./b',
    'a//b',
    '/a',
    'C:/a',
    'a\\b',
    'a/../b',
    '..',
    'a\nb',
    'a\u0000',
    'x'.repeat(1025),
  ])('refuses %j', (path) => {
    expect(() => safePath(path)).toThrow(/relative to the root/);
  });

  it('never lets a path out of the tree', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', 'a', '', '/', '\\', 'C:', '\n')).map((parts) => parts.join('/')),
        (path) => {
          try {
            expect(`/tree/${safePath(path)}`.split('/')).not.toContain('..');
          } catch (error) {
            expect(error).toMatchObject({ code: 'unsafe-archive' });
          }
        },
      ),
    );
  });
});

describe('source text', () => {
  it('has no halves of broken characters', () => {
    expect(checkText('a\ud800b')).toEqual({ ok: true, text: 'a\ufffdb' });
  });

  it('is UTF-8', () => {
    expect(decodeSource(Buffer.from('grüß 🚪'))).toEqual({ ok: true, text: 'grüß 🚪' });
  });
});
