import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRepository, repositoryPaths, sarifInRepository } from '../../cli/ci/repositoryPaths.ts';
import { type FakeService, startFakeService } from './support/fakeService.ts';
import { folder, repository } from './support/folders.ts';
import { runCommand } from './support/runCommand.ts';
import { result } from './support/sampleResult.ts';

let service: FakeService;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.close());

const github = [
  '::error file=src/a.ts,line=3,title=R1 missing::Nothing does it%0Aat all',
  '::warning title=x,file=src/b.ts::b',
  '::add-mask::x',
  '::set-output name=passed::true',
  'hello',
].join('\n');
const azure = [
  '##vso[task.logissue type=error;sourcepath=src/a.ts;linenumber=3;code=R1]Nothing does it',
  '##vso[task.setvariable variable=passed]true',
  '##vso[task.logissue type=warning]no place',
  'hello',
].join('\n');

async function annotations(args: readonly string[], env: Record<string, string>) {
  service.answer({ body: { ...result(), reports: { github, azure, comment: 'The comment' } } });
  const root = repository({ 'svc/src/a.ts': 'a', 'svc/hld.md': '# D', 'docs/top.md': '# T' });
  const command = ['svc', '--hld', 'svc/hld.md', '--url', service.url, '--report', 'none', ...args];
  const { stdout } = await runCommand(command, { cwd: root, env });
  return stdout.split('\n').filter((line) => /^(::|##)/.test(line));
}

describe('annotations', () => {
  const onGithub = [
    '::error file=svc/src/a.ts,line=3,title=R1 missing::Nothing does it%0Aat all',
    '::warning title=x,file=svc/src/b.ts::b',
  ];
  const onAzure = [
    '##vso[task.logissue type=error;sourcepath=svc/src/a.ts;linenumber=3;code=R1]Nothing does it',
    '##vso[task.logissue type=warning]no place',
  ];

  it.each([
    ['none where no pipeline runs', [], {}, []],
    [
      "those of GitHub in its builds, with the repository's paths and no other command",
      [],
      { GITHUB_ACTIONS: 'true' },
      onGithub,
    ],
    ['those of Azure Pipelines in its builds', [], { TF_BUILD: 'True' }, onAzure],
    ['those that are asked for', ['--annotations', 'azure'], { GITHUB_ACTIONS: 'true' }, onAzure],
    ['none where none are wanted', ['--annotations', 'none'], { GITHUB_ACTIONS: 'true' }, []],
  ])('are %s', async (_name, args, env, expected) => {
    expect(await annotations(args, env)).toEqual(expected);
  });
});

describe('paths of the repository', () => {
  const toRepository = repositoryPaths('svc/', new Map([['hld.md', 'docs/hld ü.md']]));

  it('stand in every file of a SARIF log, and in nothing else', () => {
    const log = {
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'Gatehouse', informationUri: 'https://example.com/src/a.ts' } },
          originalUriBaseIds: { ROOT: { uri: 'file:///' } },
          results: [
            {
              message: { text: 'src/a.ts' },
              locations: [{ physicalLocation: { artifactLocation: { uri: 'src/a%20b.ts' } } }],
              relatedLocations: [{ physicalLocation: { artifactLocation: { uri: 'hld.md' } } }],
            },
            { locations: [{ physicalLocation: { artifactLocation: { uri: 'https://x.example/y' } } }] },
          ],
        },
      ],
    };
    const [run] = (JSON.parse(sarifInRepository(JSON.stringify(log), toRepository)) as typeof log).runs;
    const uris = [...JSON.stringify(run?.results).matchAll(/"uri":"([^"]+)"/g)].map(([, uri]) => uri);
    expect(uris).toEqual(['svc/src/a%20b.ts', 'docs/hld%20%C3%BC.md', 'https://x.example/y']);
    expect(run?.tool).toEqual(log.runs[0]?.tool);
    expect(run?.results[0]?.message?.text).toBe('src/a.ts');
    expect(sarifInRepository('no JSON', toRepository)).toBe('no JSON');
  });

  it('stand in annotations of designs outside the audited folder', () => {
    expect(inRepository('::notice file=hld.md,line=1::x', 'github', toRepository)).toBe(
      '::notice file=docs/hld ü.md,line=1::x',
    );
    expect(inRepository('::error file=a%3Ab%2C%25.ts,line=1::x', 'github', toRepository)).toBe(
      '::error file=svc/a%3Ab%2C%25.ts,line=1::x',
    );
    expect(inRepository('##vso[task.logissue type=error;sourcepath=hld.md]x', 'azure', toRepository)).toBe(
      '##vso[task.logissue type=error;sourcepath=docs/hld ü.md]x',
    );
  });
});

describe('the summary of a job', () => {
  it('grows by the comment, and a report to a folder that is not there makes it', async () => {
    service.answer({ body: { ...result(), reports: { comment: 'The comment', github: '', html: '<p>' } } });
    const cwd = folder({ 'a.ts': 'a', 'hld.md': '# D' });
    mkdirSync(join(cwd, 'ci'));
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: join(cwd, 'ci/summary.md'),
      GATEHOUSE_URL: service.url,
    };
    const { code } = await runCommand(['--hld', 'hld.md', '--report', 'html=out/deep/r.html'], { cwd, env });
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'ci/summary.md'), 'utf8')).toBe('The comment\n');
    expect(readFileSync(join(cwd, 'out/deep/r.html'), 'utf8')).toBe('<p>');
  });

  it('is an error where its file cannot be written', async () => {
    service.answer({ body: { ...result(), reports: { comment: 'x', html: '<p>' } } });
    const cwd = folder({ 'a.ts': 'a', 'hld.md': '# D' });
    const { code, stderr } = await runCommand(
      ['--hld', 'hld.md', '--url', service.url, '--report', 'html=a.ts/x'],
      { cwd },
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('a.ts/x cannot be written')]);
  });
});
