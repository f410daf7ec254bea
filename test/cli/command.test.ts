import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCommand, commandFile } from '../../buildCommand.ts';
import { root } from '../support/process.ts';
import { folder } from './support/folders.ts';
import { runCommand } from './support/runCommand.ts';

const built = readFileSync(commandFile, 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;

describe('bin/gatehouse-audit', () => {
  it('is what the sources build; if not: npm run build:command', async () => {
    expect(built === (await buildCommand())).toBe(true);
  });

  it('is executable, needs nothing but Node, and is what the package offers', () => {
    expect(statSync(commandFile).mode & 0o111).toBe(0o111);
    expect(built.startsWith('#!/usr/bin/env node\n')).toBe(true);
    const needed = [...built.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.filter((name) => !name?.startsWith('node:'))).toEqual([]);
    expect(manifest.bin).toEqual({ 'gatehouse-audit': 'bin/gatehouse-audit' });
  });

  it('runs as CommonJS and as a module, wherever it is put', () => {
    for (const type of ['commonjs', 'module']) {
      const where = folder({ 'package.json': JSON.stringify({ type }) });
      cpSync(commandFile, join(where, 'gatehouse-audit'));
      const { status, stdout } = spawnSync(process.execPath, [join(where, 'gatehouse-audit'), '--version']);
      expect([status, stdout.toString()]).toEqual([0, `${String(manifest.version)}\n`]);
    }
  });

  it('is made of files of one concept each, none above 350 lines, that reach into the app for types and Retry-After only', () => {
    const files = globSync('cli/**/*.ts', { cwd: root });
    const sources = files.map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }));
    expect(sources.filter(({ source }) => source.split('\n').length > 350)).toEqual([]);
    const reached = sources.flatMap(({ source }) =>
      [...source.matchAll(/^import (?!type ).*from '([^']*shared\/[^']+)'/gm)].map(([, path]) => path),
    );
    expect([...new Set(reached)]).toEqual(['../../shared/retryAfter.ts']);
  });
});

describe('the command line', () => {
  const at = { GATEHOUSE_URL: 'http://127.0.0.1:9' };
  const cwd = folder({ 'docs/hld.md': '# D\n', 'a.ts': '1' });

  it('explains itself, and says its version', async () => {
    const { code, stdout } = await runCommand(['--help']);
    expect([code, stdout.startsWith('Usage: gatehouse-audit [DIR] --hld FILE')]).toEqual([0, true]);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it.each([
    [['--hdl', 'x'], 'There is no option --hdl. Did you mean --hld?'],
    [['--fail_on', 'x'], 'Did you mean --fail-on?'],
    [['-x'], 'There is no option -x.'],
    [['--constructor', 'x'], 'There is no option --constructor.'],
    [['--hld'], '--hld needs a value: --hld FILE.'],
    [['--hld', '--json'], 'If --json is meant: --hld=--json'],
    [['--hld='], '--hld is empty'],
    [['--json=yes'], '--json takes no value'],
    [['--project', 'a', '--project', 'b'], '--project is given twice'],
    [['--report', 'htlm'], 'There is no report "htlm". Did you mean html? There are: json, markdown'],
    [['--report', 'html', '--report', 'none'], '--report none means no report, and stands alone.'],
    [['--report', 'html='], 'Name the file: --report html=FILE.'],
    [['--report', 'html=x', '--report', 'sarif=x'], 'Two reports would be written to x'],
    [['--report', 'html=-', '--report', 'sarif=-'], 'Only one report can go to standard output'],
    [['--report', 'html=-', '--json'], 'exclude each other'],
    [['--annotations', 'gitlab'], 'write auto, github, azure, none'],
    [['--max-cost', 'cheap'], 'write US dollars above 0'],
    [['--max-cost', '0'], 'write US dollars above 0'],
    [['--max-tokens', '1.5'], 'write a whole number above 0'],
    [['--timeout', 'soon'], 'write 90s, 30m or 2h'],
    [['--quiet', '--verbose'], 'exclude each other'],
    [['a', 'b'], 'One folder can be audited at a time'],
  ])('refuses %j and says what to do', async (args, said) => {
    const { code, stdout, stderr } = await runCommand(args, { cwd, env: at });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it.each([
    ['no design', [], {}, 'Name the High-Level Design: --hld FILE. Perhaps one of these: docs/hld.md'],
    ['a design that is not there', ['--hld', 'hld.md'], {}, '--hld hld.md: there is no such file. Perhaps'],
    [
      'a baseline that is not there',
      ['--hld', 'docs/hld.md', '--baseline', 'b.json'],
      {},
      '--report baseline',
    ],
    ['a design twice', ['--hld', 'docs/hld.md', '--hld', './docs/hld.md'], {}, 'names docs/hld.md twice'],
    ['a folder that is not there', ['nowhere', '--hld', 'x'], {}, 'There is no folder'],
    ['a file for a folder', ['a.ts', '--hld', 'x'], {}, 'is no folder'],
    ['no address', ['--hld', 'docs/hld.md'], { GATEHOUSE_URL: '' }, 'Set GATEHOUSE_URL'],
    ['an unset variable', ['--hld', 'x'], { GATEHOUSE_URL: '$(gatehouseUrl)' }, 'is not set'],
    [
      'a key in the address',
      ['--hld', 'x'],
      { GATEHOUSE_URL: 'https://x.example/?code=abc' },
      'a credential',
    ],
    ['a key in the clear', ['--hld', 'x'], { GATEHOUSE_URL: 'http://x.example' }, 'travel in the clear'],
    [
      'no key',
      ['--hld', 'x'],
      { GATEHOUSE_URL: 'https://x.example', GATEHOUSE_KEY: '' },
      'GATEHOUSE_KEY is not set',
    ],
    ['an unset key', ['--hld', 'x'], { GATEHOUSE_KEY: '$(GATEHOUSE_KEY)' }, 'knows no such variable'],
    ['a broken key', ['--hld', 'x'], { GATEHOUSE_KEY: 'two words' }, 'Copy it anew'],
  ])('refuses %s and says what to do', async (_name, args, env, said) => {
    const { code, stderr } = await runCommand(args, { cwd, env: { ...at, ...env } });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('abc');
  });
});
