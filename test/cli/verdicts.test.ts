import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFile } from '../../buildCommand.ts';
import { type FakeService, startFakeService, unpackTree } from './support/fakeService.ts';
import { folder, repository } from './support/folders.ts';
import { key, nodes, runCommand } from './support/runCommand.ts';
import { failedResult, requirement, result } from './support/sampleResult.ts';

let service: FakeService;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.close());

const files = { 'src/a.ts': 'export const a = 1;\n', 'docs/hld.md': '# Design\n' };
const tokens = { tokens: '# Token Usage\n' };
const audit = (args: readonly string[] = [], options: Parameters<typeof runCommand>[1] = {}) =>
  runCommand(['.', '--hld', 'docs/hld.md', '--url', service.url, ...args], options);

describe.each(nodes())('with $name', ({ path }) => {
  it.skipIf(path === undefined)(
    'sends the tree, prints the verdict and writes the token report',
    async () => {
      service.answer({ body: { ...result(), reports: tokens } });
      const cwd = repository(files);
      const { code, stdout, stderr } = await audit([], { cwd, ...(path ? { node: path } : {}) });
      expect([code, stderr]).toEqual([0, '']);
      const [sent] = service.seen;
      expect(sent).toMatchObject({ method: 'POST', path: '/api/audit' });
      expect(sent?.headers).toMatchObject({ 'x-functions-key': key, 'content-type': 'application/gzip' });
      expect(sent?.headers.prefer).toBeUndefined();
      expect(Object.fromEntries(sent?.query ?? [])).toEqual({ hld: 'docs/hld.md', reports: 'tokens' });
      expect(Object.fromEntries(await unpackTree(sent?.body ?? Buffer.alloc(0)))).toEqual(files);
      expect(readFileSync(join(cwd, 'token_usage_report.md'), 'utf8')).toBe(tokens.tokens);
      for (const text of [
        '2 files',
        'git work tree',
        'MISS',
        '12,345',
        '13,056 billed',
        '$0.0312',
        'Gate passed',
      ])
        expect(stdout).toContain(text);
    },
  );
});

describe('the exit code', () => {
  const cwd = () => folder(files);

  it('is 1 where the gate failed, and the gaps are told worst first with their places', async () => {
    service.answer({ body: { ...failedResult(), reports: tokens } });
    const { code, stdout } = await audit([], { cwd: cwd() });
    expect(code).toBe(1);
    expect(stdout).toContain('Gate failed (fails on high)\n  1 gap of high severity, and none is allowed.');
    const places = ['R3 A booking', 'docs/hld.md:31', 'R2 (new) Every answer', 'src/server.ts:7'];
    const at = places.map((text) => stdout.indexOf(text));
    expect(at.every((index) => index > 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  const { gate: _, ...gateless } = result();
  it.each([
    ['nothing', ''],
    ['no JSON', '<html>passed: true</html>'],
    ['JSON that is cut off', JSON.stringify(result()).slice(0, -20)],
    ['null', 'null'],
    ['a list', '[]'],
    ['only a gate', JSON.stringify({ gate: { passed: true } })],
    ['no gate', JSON.stringify(gateless)],
    ['a gate that says "true"', JSON.stringify({ ...result(), gate: { ...result().gate, passed: 'true' } })],
    ['a pass that judges nothing', JSON.stringify(result({ requirements: [] }))],
  ])('is 2 where a 200 says %s', async (_name, body) => {
    service.answer({ body });
    const { code, stdout, stderr } = await audit([], { cwd: cwd() });
    expect([code, /passed/i.test(stdout), stderr.startsWith('gatehouse-audit: ')]).toEqual([2, false, true]);
  });

  it.each([
    ['a refusal', { status: 401, body: '' }, /key was refused/],
    ['a wrong address', { status: 404, body: '' }, /Check GATEHOUSE_URL/],
    ['an empty success', { status: 204 }, /HTTP 204/],
    [
      'a problem',
      {
        status: 422,
        body: {
          title: 'There is no source file to audit',
          detail: 'Send the source.',
          code: 'empty-tree',
          correlationId: 'c-1',
          errors: ['files: none'],
        },
      },
      /There is no source file to audit: Send the source. \(empty-tree, correlation id c-1\)\n {2}- files: none/,
    ],
    [
      'a maximum, with what the audit would need',
      {
        status: 422,
        body: {
          title: 'The audit would use more than is allowed',
          detail: 'Raise maxCost.',
          code: 'over-maximum',
          estimate: {
            parts: 1,
            calls: 1,
            input_tokens: 4085,
            output_tokens: 800,
            cost_usd: 0.0182,
            seconds: 15,
          },
        },
      },
      /Raise maxCost\. \(over-maximum\)\n {2}Estimate: 4,085 tokens in, 800 out, 1 call, 1 part; about \$0\.0182, about 15 s/,
    ],
    [
      'a problem that stays',
      { status: 503, body: { title: 'Gatehouse is not configured', retryable: false } },
      /not configured/,
    ],
  ])('is 2 for %s', async (_name, reply, said) => {
    service.answer(reply);
    const { code, stderr } = await audit([], { cwd: cwd() });
    expect([code, service.seen.length]).toEqual([2, 1]);
    expect(stderr).toMatch(said);
  });

  it('is 2 where a report that was asked for did not come, whatever the gate says', async () => {
    service.answer({ body: { ...result(), reports: { html: '<p>' } } });
    const where = cwd();
    const { code, stderr } = await audit(['--report', 'html', '--report', 'sarif'], { cwd: where });
    expect(code).toBe(2);
    expect(stderr).toContain('no report "sarif"');
    expect(existsSync(join(where, 'audit.html'))).toBe(true);
  });
});

describe('what is printed', () => {
  it('may be read in part without a word of that in the exit code', async () => {
    service.answer({ body: { ...result(), reports: tokens } });
    const script = `"$0" "$1" . --hld docs/hld.md --url "$2" --verbose | true; exit "\${PIPESTATUS[0]}"`;
    const child = spawn('/bin/bash', ['-c', script, process.execPath, commandFile, service.url], {
      cwd: folder(files),
      env: { PATH: process.env.PATH },
    });
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('keeps data apart from the commands for a pipeline', async () => {
    service.answer({ body: { ...result(), reports: { github: '::error file=a.ts::x' } } });
    const env = { GITHUB_ACTIONS: 'true' };
    const { stdout, stderr } = await audit(['--json', '--report', 'none'], { cwd: folder(files), env });
    expect(JSON.parse(stdout)).toEqual(result());
    expect(stderr).toContain('::error file=a.ts::x\n');
  });

  it('has no control characters in a pipeline, and none of a model anywhere', async () => {
    const hostile =
      '\u001b[31mred\u0007 ##vso[task.setvariable variable=x]y\n::set-output name=x::y ##[add-path]z';
    service.answer({
      body: {
        ...result({
          requirements: [
            requirement({ requirement: hostile, reason: hostile, verdict: 'missing', severity: 'high' }),
          ],
          gate: {
            passed: false,
            fail_on: 'high',
            reasons: [hostile],
            counted: { high: 1, medium: 0, low: 0 },
          },
        }),
        reports: tokens,
      },
    });
    const { stdout, stderr } = await audit(['--verbose'], { cwd: folder(files) });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(stdout + stderr).not.toMatch(/##(?:vso)?\[|^\s*::/m);
    expect(stdout).toContain('red');
  });

  it('is only the result on standard output with --json', async () => {
    const summary = '##vso[task.setvariable variable=x]y ### ####';
    service.answer({ body: { ...failedResult(), summary, reports: {} } });
    const { code, stdout, stderr } = await audit(['--json', '--report', 'none'], { cwd: folder(files) });
    expect([code, JSON.parse(stdout)]).toEqual([1, { ...failedResult(), summary }]);
    expect(stdout).not.toContain('##');
    expect(stderr).toContain('Gate failed');
  });

  it('is only the gate with --quiet', async () => {
    service.answer({ body: { ...result(), reports: tokens } });
    const { stdout, stderr } = await audit(['--quiet'], { cwd: folder(files) });
    expect([stdout, stderr]).toEqual(['+ Gate passed (fails on high)\n', '']);
  });

  it('says HIT of an audit that was answered before, and never the key', async () => {
    const { token_report } = result();
    service.answer({
      body: {
        ...result({ summary: `echo ${key}`, token_report: { ...token_report, local_cache_hit: true } }),
        reports: tokens,
      },
    });
    const { stdout, stderr } = await audit(['--verbose', '--json'], { cwd: folder(files) });
    expect(stderr).toContain('HIT');
    expect(stderr).toContain('billed (the first time: 12,400 in, 8,192 of it cached, 656 out, in 3 calls)');
    expect(stdout + stderr).not.toContain(key);
  });

  it('says what the service left out, and answers a question, without --verbose', async () => {
    const unselected_files = { '.md': 17, exclude: 2, 'build/': 2, a: 1, b: 1, c: 1, d: 1 };
    const skipped_files = [{ path: 'lib/x.min.js', reason: 'minified (by its name)' }];
    service.answer({
      body: { ...result({ unselected_files, skipped_files, question: 'Where?', summary: 'There.' }) },
    });
    const { stdout } = await audit(['--report', 'none', '--question', 'Where?'], { cwd: folder(files) });
    expect(stdout).toContain(
      'Audited   3 files, without .md (17), build/ (2), exclude (2), a (1), b (1), c (1), 1 other kind, 1 skipped: --verbose',
    );
    expect(stdout).toContain('Summary   There.');
    service.answer({ body: { ...result({ unselected_files, skipped_files }) } });
    const all = await audit(['--report', 'none', '--verbose'], { cwd: folder(files) });
    expect(all.stdout).toContain('c (1), d (1), 1 skipped\n');
    expect(all.stdout).toContain('lib/x.min.js: minified');
  });

  it('is an estimate with --estimate, without a verdict', async () => {
    service.answer({
      body: { parts: 2, calls: 9, input_tokens: 240_000, output_tokens: 9000, cost_usd: 0.71, seconds: 95 },
    });
    const { code, stdout } = await audit(['--estimate'], { cwd: folder(files) });
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Estimate: 240,000 tokens in, 9,000 out, 9 calls, 2 parts; about $0.71, about 1 min 35 s',
    );
    expect(Object.fromEntries(service.seen[0]?.query ?? [])).toEqual({
      estimate: 'true',
      hld: 'docs/hld.md',
    });
    expect(stdout).not.toContain('Gate');
  });
});
