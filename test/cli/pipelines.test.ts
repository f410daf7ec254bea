import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { optionTable } from '../../cli/options/optionTable.ts';
import { reportFiles } from '../../cli/options/reports.ts';
import { root } from '../support/process.ts';
import { type FakeService, startFakeService } from './support/fakeService.ts';
import { folder } from './support/folders.ts';
import { githubParser } from './support/githubParser.ts';
import { failedResult, result } from './support/sampleResult.ts';

interface Step {
  run?: string;
  bash?: string;
  env: Record<string, string>;
}

const actionText = readFileSync(join(root, 'action.yml'), 'utf8');
const action = parse(actionText) as {
  inputs: Record<string, { default?: string }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: Step[] };
};
const template = parse(readFileSync(join(root, 'pipelines/gatehouse-audit.yml'), 'utf8')) as {
  parameters: { name: string; type: string; default?: string | boolean }[];
  steps: (Step & Record<string, unknown>)[];
};

let service: FakeService;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.close());

const texts = Object.fromEntries(Object.keys(reportFiles).map((name) => [name, `the report ${name}\n`]));
const reply = { body: { ...result(), reports: texts } };
const source = { 'a.ts': 'export const a = 1;\n', 'docs/hld.md': '# D\n', 'docs/second.md': '# E\n' };

/** Runs a step of a pipeline as its agent would. */
async function runStep(script: string, cwd: string, env: Record<string, string>) {
  const child = spawn('/bin/bash', ['-c', script], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      printed += piece.toString();
    });
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed };
}

/** Values with the expressions of a pipeline put in. */
function fill(env: Record<string, string>, values: Record<string, string>) {
  const put = (text: string) =>
    text.replace(/\$\{\{ \w+\.([\w-]+) \}\}/g, (_, name: string) => values[name] ?? '');
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, put(String(text))]));
}

describe('the GitHub action', () => {
  const [step] = action.runs.steps;
  const inputsOf = (given: Record<string, string>) => ({
    ...Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ''])),
    ...given,
  });
  async function runAction(given: Record<string, string>, cwd = folder(source)) {
    const outputs = join(folder(), 'output');
    const summary = join(folder(), 'summary');
    const ran = await runStep(step?.run ?? '', cwd, {
      ...fill(step?.env ?? {}, inputsOf({ url: service.url, key: 'key', ...given })),
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: root,
      GITHUB_OUTPUT: outputs,
      GITHUB_STEP_SUMMARY: summary,
    });
    const lines = readFileSync(outputs, 'utf8').trimEnd().split('\n');
    const pairs = lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)] as const);
    return {
      ...ran,
      cwd,
      outputs: Object.fromEntries(pairs),
      summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
    };
  }

  it("is what GitHub's own parser takes for an action", async () => {
    const { actionFaults } = await githubParser();
    expect(actionFaults(actionText)).toEqual([]);
    expect(actionFaults(actionText.replace('shell: bash', 'shel: bash'))).not.toEqual([]);
  });

  it('uses every input, and in no script', () => {
    expect(action.runs.steps.map(({ run }) => run).join()).not.toContain('${{');
    const used = Object.values(step?.env ?? {}).map(
      (text) => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text)?.[1],
    );
    expect(used.toSorted()).toEqual(Object.keys(action.inputs).toSorted());
  });

  it('audits with what it is given, and tells later steps what came of it', async () => {
    service.answer({ body: { ...failedResult(), reports: texts } });
    const { code, outputs, printed, summary, cwd } = await runAction({
      hld: 'docs/hld.md\r\n  docs/second.md  \n\n',
      include: '**/*.sql\n$(touch hacked)',
      project: '"; touch hacked; `touch hacked`',
      'fail-on': 'high,medium:5',
      'max-cost': '0.5',
      advice: 'true',
      reports: Object.keys(reportFiles).join('\n'),
    });
    expect([code, printed]).toEqual([1, expect.stringContaining('Gate failed')]);
    const [seen] = service.seen;
    expect(seen?.query.getAll('hld')).toEqual(['docs/hld.md', 'docs/second.md']);
    expect(seen?.query.getAll('include')).toEqual(['**/*.sql', '$(touch hacked)']);
    expect(Object.fromEntries(seen?.query ?? [])).toMatchObject({
      project: '"; touch hacked; `touch hacked`',
      failOn: 'high,medium:5',
      maxCost: '0.5',
      advice: 'true',
    });
    expect(existsSync(join(cwd, 'hacked'))).toBe(false);
    expect(summary).toBe('the report comment\n\n');
    expect(outputs).toMatchObject({
      outcome: 'failed',
      passed: 'false',
      gaps: '2',
      high: '1',
      cache: 'MISS',
    });
    expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(action.outputs).toSorted());
    for (const [name, { value }] of Object.entries(action.outputs))
      expect(value).toBe(`\${{ steps.audit.outputs.${name} }}`);
    for (const [name, file] of Object.entries(reportFiles)) {
      expect(outputs[`report-${name}`]).toBe(file);
      if (name !== 'json') expect(readFileSync(join(cwd, file), 'utf8')).toBe(texts[name]);
    }
  });

  it('passes, with the token report alone, where it is given nothing else', async () => {
    service.answer(reply);
    const { code, outputs } = await runAction({ hld: 'docs/hld.md' });
    expect([code, outputs.passed, outputs['report-tokens']]).toEqual([0, 'true', 'token_usage_report.md']);
    expect(outputs['report-html']).toBe(undefined);
  });

  it('is an error where the service is, and says so in the build', async () => {
    service.answer({ status: 422, body: { title: 'There is 100 % nothing', detail: 'Two\n::error::lines' } });
    const { code, outputs, printed } = await runAction({ hld: 'docs/hld.md' });
    expect([code, outputs]).toEqual([2, { outcome: 'error', passed: 'false' }]);
    expect(printed).toContain(
      '::error title=gatehouse-audit::There is 100 %25 nothing: Two ::error::lines\n',
    );
  });

  it('takes neither a folder for an option nor a word for true', async () => {
    service.answer(reply);
    const odd = await runAction({ hld: 'docs/hld.md', directory: '--quiet' });
    expect([odd.code, odd.printed.includes('There is no folder')]).toEqual([2, true]);
    const cwd = folder(source);
    const env = { AUDIT_ADVICE: 'yes', AUDIT_HLD: 'docs/hld.md' };
    const word = await runStep(`bash ${root}pipelines/audit.sh`, cwd, env);
    expect([word.code, word.printed]).toEqual([2, 'gatehouse-audit: advice is true or false.\n']);
  });

  it('says what is missing where there is no Node', async () => {
    const tools = folder();
    symlinkSync('/usr/bin/dirname', join(tools, 'dirname'));
    const env = { PATH: tools, AUDIT_HLD: 'docs/hld.md' };
    const { code, printed } = await runStep(`/bin/bash ${root}pipelines/audit.sh`, folder(source), env);
    expect([code, printed]).toEqual([2, expect.stringContaining('needs Node 20 or later on the PATH')]);
  });
});

describe('the template for Azure Pipelines', () => {
  const [step, ...publishing] = template.steps;
  const defaults = Object.fromEntries(
    template.parameters.map((one) => [one.name, String(one.default ?? '')]),
  );

  it('uses every parameter, and in no script', () => {
    expect(step?.bash).not.toContain('${{');
    const text = JSON.stringify(template.steps);
    const used = [...text.matchAll(/\$\{\{ parameters\.(\w+) \}\}/g)].map(([, name]) => name);
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(defaults).toSorted());
  });

  it('audits with what it is given, and leaves what the later steps publish', async () => {
    service.answer({ body: { ...failedResult(), reports: texts } });
    const cwd = folder(source);
    const temp = folder();
    const macros: Record<string, string> = {
      'Agent.TempDirectory': temp,
      'Pipeline.Workspace': root,
      GATEHOUSE_KEY: 'the key',
    };
    const filled = fill(step?.env ?? {}, {
      ...defaults,
      gatehouse: root,
      url: service.url,
      hld: 'docs/hld.md\n',
      advice: 'True',
      failOn: 'medium',
      reports: 'sarif=out.sarif\n',
    });
    const env = Object.fromEntries(
      Object.entries(filled).map(([name, text]) => [
        name,
        text.replace(/\$\(([\w.]+)\)/g, (_, macro: string) => macros[macro] ?? `$(${macro})`),
      ]),
    );
    const { code, printed } = await runStep(step?.bash ?? '', cwd, {
      ...env,
      GATEHOUSE_KEY: 'thekey12',
      TF_BUILD: 'True',
    });
    expect(code).toBe(1);
    expect(printed).toContain('##vso[task.setvariable variable=outcome;isOutput=true]failed\n');
    expect(Object.fromEntries(service.seen[0]?.query ?? [])).toMatchObject({
      advice: 'true',
      failOn: 'medium',
      reports: 'junit,html,tokens,sarif,azure',
    });
    expect(readFileSync(join(temp, 'gatehouse/audit.junit.xml'), 'utf8')).toBe(texts.junit);
    expect(existsSync(join(temp, 'gatehouse/audit.html'))).toBe(true);
    expect(existsSync(join(cwd, 'out.sarif'))).toBe(true);
    expect(publishing.map((one) => one.task ?? (one.publish && 'publish'))).toEqual([
      'PublishTestResults@2',
      'publish',
    ]);
    expect(JSON.stringify(publishing[0])).toContain('audit.junit.xml');
  });

  it('maps each option of the command that a build can want', () => {
    const script = readFileSync(join(root, 'pipelines/audit.sh'), 'utf8');
    const mapped = [...script.matchAll(/^(?:one|many|flag) ([\w-]+) /gm)].map(([, name]) => name);
    const forPeople = [
      'help',
      'version',
      'json',
      'quiet',
      'color',
      'estimate',
      'url',
      'allow-http',
      'no-git',
    ];
    expect([...mapped, ...forPeople].toSorted()).toEqual(Object.keys(optionTable).toSorted());
  });
});
