import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeService, formOf, startFakeService, unpackTree } from './support/fakeService.ts';
import { folder, git, repository, write } from './support/folders.ts';
import { runCommand } from './support/runCommand.ts';
import { result } from './support/sampleResult.ts';

let service: FakeService;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.close());

const source = { 'src/a.ts': 'export const a = 1;\n', 'hld.md': '# Design\n' };

/** Audits and gives the paths that were sent, sorted, beside what was printed. */
async function sent(
  cwd: string,
  args: readonly string[] = ['--hld', 'hld.md'],
  env: Record<string, string> = {},
) {
  service.answer({ body: { ...result(), reports: {} } });
  const ran = await runCommand(['--url', service.url, '--report', 'none', '--verbose', ...args], {
    cwd,
    env,
  });
  const [seen] = service.seen;
  const isForm = seen?.headers['content-type']?.startsWith('multipart/');
  const form = seen && isForm ? await formOf(seen) : undefined;
  const archive = form ? await (form.get('tree') as File).bytes() : seen?.body;
  const files = archive ? await unpackTree(archive) : new Map<string, string>();
  return { ...ran, files, paths: [...files.keys()], form, query: seen?.query ?? new URLSearchParams() };
}

describe('a git work tree', () => {
  it('is sent as it stands: changed, untracked and renamed files, not what is ignored or deleted', async () => {
    const root = repository({ ...source, 'b.ts': 'b', 'c.ts': 'c', '.gitignore': 'out/\n*.log\n' });
    write(root, { 'src/a.ts': 'changed', 'new.ts': 'new', 'out/x.ts': 'x', 'y.log': 'y' });
    rmSync(join(root, 'b.ts'));
    git(root, 'mv', 'c.ts', 'd.ts');
    const { paths, files, stdout, code } = await sent(root);
    expect(paths).toEqual(['.gitignore', 'd.ts', 'hld.md', 'new.ts', 'src/a.ts']);
    expect([files.get('src/a.ts'), code]).toEqual(['changed', 0]);
    expect(stdout).toContain('deleted (1)');
  });

  it('is sent without what lies beside the audited folder, with paths from that folder', async () => {
    const root = repository({ 'other/x.ts': 'x', 'svc/src/a.ts': 'a', 'svc/hld.md': '# D' });
    const { paths, query } = await sent(root, ['svc', '--hld', 'svc/hld.md']);
    expect([paths, query.getAll('hld')]).toEqual([['hld.md', 'src/a.ts'], ['hld.md']]);
  });

  it('may be in the middle of a merge', async () => {
    const root = repository(source);
    git(root, 'checkout', '-q', '-b', 'side');
    write(root, { 'src/a.ts': 'side' });
    git(root, 'commit', '-q', '-am', 'side');
    git(root, 'checkout', '-q', '-');
    write(root, { 'src/a.ts': 'main' });
    git(root, 'commit', '-q', '-am', 'main');
    expect(() => git(root, 'merge', '-q', 'side')).toThrow();
    expect((await sent(root)).paths).toEqual(['hld.md', 'src/a.ts']);
  });

  it('is sent with the submodules that are checked out, and says which are not', async () => {
    const library = repository({ 'lib.ts': 'lib' });
    const root = repository(source);
    git(root, 'submodule', 'add', '-q', library, 'libs/one');
    git(root, 'submodule', 'add', '-q', library, 'libs/two');
    git(root, 'commit', '-q', '-m', 'submodules');
    write(root, { 'libs/one/new.ts': 'new' });
    git(root, 'submodule', 'deinit', '-q', '-f', 'libs/two');
    const { paths, stdout } = await sent(root);
    expect(paths.filter((path) => path.startsWith('libs/'))).toEqual(['libs/one/lib.ts', 'libs/one/new.ts']);
    expect(stdout).toContain('with 1 submodule: libs/one');
    expect(stdout).toContain('submodules not checked out (1)');
  });

  it('is sent with a repository that lies in it untracked', async () => {
    const root = repository(source);
    const inner = join(root, 'inner');
    mkdirSync(inner);
    git(inner, 'init', '-q');
    write(inner, { 'x.ts': 'x', '.gitignore': 'y.ts', 'y.ts': 'y' });
    git(inner, 'add', 'x.ts');
    git(inner, 'commit', '-q', '-m', 'x');
    expect((await sent(root)).paths).toEqual(['hld.md', 'inner/.gitignore', 'inner/x.ts', 'src/a.ts']);
  });

  it('is sent without links, also such that lead out of it', async () => {
    const outside = folder({ 'secret.ts': 'secret' });
    const root = repository(source);
    symlinkSync(join(outside, 'secret.ts'), join(root, 'link.ts'));
    symlinkSync(outside, join(root, 'linked'));
    symlinkSync('nowhere', join(root, 'broken'));
    const { paths, stdout } = await sent(root);
    expect(paths).toEqual(['hld.md', 'src/a.ts']);
    expect(stdout).toContain('symbolic links (3)');
    expect(stdout).toContain('link.ts (symbolic links)');
  });

  it('may have names of any kind; those that no archive may have are left out and told', async () => {
    const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(60)}.ts`;
    const names = [
      'ü/日本語 🚪.ts',
      '-rf.ts',
      '$(touch x).ts',
      'it\'s "quoted".ts',
      ' lead.ts',
      ':(glob)x.ts',
      long,
    ];
    const root = repository({ ...source, ...Object.fromEntries(names.map((name) => [name, name])) });
    write(root, { 'new\nline.ts': 'x', 'back\\slash.ts': 'x', 'tab\t.ts': 'x', 'c:drive.ts': 'x' });
    const { files, stdout, code } = await sent(root);
    expect([...files.keys()].sort()).toEqual([...Object.keys(source), ...names].sort());
    expect(names.filter((name) => files.get(name) !== name)).toEqual([]);
    expect(code).toBe(0);
    for (const told of ['control characters (2)', 'a backslash (1)', 'like a drive (1)'])
      expect(stdout).toContain(told);
  });

  it('is found whatever a hook has set', async () => {
    const root = repository(source);
    const other = repository({ 'other.ts': 'other' });
    const env = {
      GIT_DIR: join(other, '.git'),
      GIT_INDEX_FILE: join(other, '.git/index'),
      GIT_WORK_TREE: other,
    };
    expect((await sent(root, ['--hld', 'hld.md'], env)).paths).toEqual(['hld.md', 'src/a.ts']);
  });

  it('that git will not read is refused, and read as a folder on request', async () => {
    const root = repository({ ...source, '.gitignore': 'own.ts' });
    write(root, { 'own.ts': 'x', '.git/config': '[core]\n\trepositoryformatversion = 99\n' });
    const refused = await sent(root);
    expect([refused.code, refused.paths]).toEqual([2, []]);
    expect(refused.stderr).toContain('--no-git');
    expect((await sent(root, ['--hld', 'hld.md', '--no-git'])).paths).toContain('own.ts');
  });

  it('is refused where git is not installed, as what it ignores is not known', async () => {
    const { code, stderr } = await sent(repository(source), ['--hld', 'hld.md'], { PATH: '/nowhere' });
    expect([code, stderr.includes('Install git')]).toEqual([2, true]);
  });

  it('whose audited folder is ignored has nothing to send', async () => {
    const root = repository({ ...source, '.gitignore': 'out/' });
    write(root, { 'out/a.ts': 'a' });
    const { code, stderr } = await sent(root, ['out', '--hld', 'hld.md']);
    expect([code, stderr.includes('git ignores every file')]).toEqual([2, true]);
  });
});

describe('a plain folder', () => {
  it('is sent without histories, installed packages and environment files', async () => {
    const root = folder({
      ...source,
      'node_modules/x/index.js': 'x',
      'sub/node_modules/y.js': 'y',
      '.git': 'gitdir: nowhere',
      '.env': 'KEY=1',
      '.env.local': 'KEY=1',
      '.env.example': 'KEY=',
    });
    rmSync(join(root, '.git'));
    const { paths, stdout } = await sent(root);
    expect(paths).toEqual(['.env.example', 'hld.md', 'src/a.ts']);
    expect(stdout).toContain('plain folder');
    expect(stdout).toContain('environment files (2), node_modules/ (2)');
  });

  it('does not need git', async () => {
    expect((await sent(folder(source), ['--hld', 'hld.md'], { PATH: '/nowhere' })).paths).toHaveLength(2);
  });
});

describe('any folder', () => {
  it('is sent without binary files, but with UTF-16 and whatever the design is', async () => {
    const utf16 = Buffer.from('\ufeffexport', 'utf16le');
    const root = folder({
      ...source,
      'logo.png': Buffer.from([137, 80, 0, 1]),
      'wide.ts': utf16,
      'odd.md': 'a\0b',
    });
    const { paths, stdout } = await sent(root, ['--hld', 'hld.md', '--hld', 'odd.md']);
    expect(paths).toEqual(['hld.md', 'odd.md', 'src/a.ts', 'wide.ts']);
    expect(stdout).toContain('binary (1)');
  });

  it('is sent without what cannot be read', async () => {
    const root = folder({ ...source, 'locked.ts': 'x' });
    chmodSync(join(root, 'locked.ts'), 0);
    const { paths, code, stdout } = await sent(root);
    const isRoot = process.getuid?.() === 0;
    expect([paths.includes('locked.ts'), stdout.includes('unreadable (1)'), code]).toEqual([
      isRoot,
      !isRoot,
      0,
    ]);
  });

  it('makes the same bytes every time, and its reports are not in them', async () => {
    const root = folder(source);
    const bodies = [];
    for (const _ of [1, 2]) {
      service.answer({ body: { ...result(), reports: { tokens: 'x', html: '<p>' } } });
      const args = [
        '--hld',
        'hld.md',
        '--url',
        service.url,
        '--report',
        'tokens',
        '--report',
        'html=out/r.html',
      ];
      expect((await runCommand(args, { cwd: root })).code).toBe(0);
      bodies.push(service.seen[0]?.body.toString('hex'));
    }
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('is sent in a form with designs and a baseline that lie outside', async () => {
    const root = folder(source);
    const outside = folder({ 'one/hld.md': '# One', 'two/hld.md': '# Two', 'b.json': '{}' });
    const { form, query, stdout } = await sent(root, [
      ...['--hld', join(outside, 'one/hld.md'), '--hld', 'hld.md', '--hld', join(outside, 'two/hld.md')],
      ...['--baseline', join(outside, 'b.json')],
    ]);
    const designs = form?.getAll('hld') ?? [];
    const texts = await Promise.all(designs.map((one) => (typeof one === 'string' ? one : one.text())));
    expect(texts).toEqual(['# One', 'hld.md', '# Two']);
    const names = designs.flatMap((one) => (typeof one === 'string' ? [] : [one.name]));
    expect(names).toEqual(['2-hld.md', '3-hld.md']);
    expect([...(form?.keys() ?? [])].at(-1)).toBe('tree');
    const base = form?.get('baseline') as File | null | undefined;
    expect(await base?.text()).toBe('{}');
    expect([...query.keys()]).toEqual([]);
    expect(stdout).toContain(join(outside, 'b.json'));
  });

  it('is not sent with a design that could be either of two', async () => {
    const root = folder({ ...source, 'part/src/a.ts': 'a', 'part/hld.md': '# Part' });
    const run = await runCommand(['part', '--hld', 'hld.md', '--url', 'http://127.0.0.1:9'], { cwd: root });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/hld\.md is both .*hld\.md and .*part\/hld\.md\. Give the whole path/);
  });

  it('is asked about with all that was asked for, a long question in the body', async () => {
    const root = folder({ ...source, 'base.json': '{}' });
    const args = [
      ...[
        '--hld',
        'hld.md',
        '--baseline',
        'base.json',
        '--project',
        'a b',
        '--advice',
        '--fail-on',
        'high,medium:5',
      ],
      ...[
        '--max-cost',
        '$.5',
        '--max-tokens',
        '200,000',
        '--include',
        '**/*.sql',
        '--include',
        'x',
        '--exclude',
        'y/**',
      ],
    ];
    const expected = {
      hld: ['hld.md'],
      baseline: ['base.json'],
      project: ['a b'],
      advice: ['true'],
      failOn: ['high,medium:5'],
      maxCost: ['0.5'],
      maxTokens: ['200000'],
      include: ['**/*.sql', 'x'],
      exclude: ['y/**'],
    };
    const short = await sent(root, args);
    for (const [name, values] of Object.entries(expected)) expect(short.query.getAll(name)).toEqual(values);
    const question = 'Why? '.repeat(700);
    const long = await sent(root, [...args, '--question', question]);
    expect([...long.query.keys()]).toEqual([]);
    for (const [name, values] of Object.entries({ ...expected, question: [question] }))
      expect(long.form?.getAll(name)).toEqual(values);
    expect([...long.files.keys()]).toContain('src/a.ts');
  });
});
