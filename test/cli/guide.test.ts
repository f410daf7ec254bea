import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { optionTable } from '../../cli/options/optionTable.ts';
import { reportFiles } from '../../cli/options/reports.ts';
import { root } from '../support/process.ts';
import { type FakeService, formOf, type Seen, startFakeService, unpackTree } from './support/fakeService.ts';
import { repository } from './support/folders.ts';
import { githubParser } from './support/githubParser.ts';
import { failedResult, result } from './support/sampleResult.ts';

const guide = readFileSync(join(root, 'docs/audit.md'), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text = '']) => text);
const [archived = '', formatted = '', form = '', job = ''] = blocks('bash');
const [workflow = '', azure = ''] = blocks('yaml');

let service: FakeService;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.close());

/** Runs an example of the guide in a repository with what it speaks of. */
async function example(script: string) {
  const cwd = repository({
    'a.ts': 'a',
    'docs/hld.md': '# D',
    'design/hld.md': '# One',
    'design/interfaces.md': '# Two',
    'baseline.json': '{}',
  });
  const child = spawn('/bin/bash', ['-c', `set -euo pipefail\n${script}`], {
    cwd,
    env: { PATH: process.env.PATH, GATEHOUSE_URL: service.url, GATEHOUSE_KEY: 'the-key' },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, cwd };
}

describe('the guide', () => {
  it('speaks of every option of the command and of every report, by its file', () => {
    expect(Object.keys(optionTable).filter((name) => !guide.includes(`--${name}`))).toEqual([]);
    expect(Object.values(reportFiles).filter((file) => !guide.includes(`\`${file}\``))).toEqual([]);
  });

  it('links to what is there', () => {
    const links = [...guide.matchAll(/\]\(([^)#:]+)(?:#[\w-]+)?\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([]);
    const titles = [...guide.matchAll(/^##+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    const places = [...guide.matchAll(/\]\(#([\w-]+)\)/g)].map(([, place = '']) => place);
    expect(places.filter((place) => !titles.includes(place))).toEqual([]);
  });

  it('has a baseline that is JSON', () => {
    for (const text of blocks('json')) expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});

const hasTools = ['curl', 'jq'].every((tool) => spawnSync(tool, ['--version']).status === 0);

describe.skipIf(!hasTools)('its examples with curl and jq, skipped where they are not installed', () => {
  it('turn red where the gate fails, and where there is no verdict', async () => {
    for (const [body, expected] of [
      [result(), 0],
      [failedResult(), 1],
      ['', 1],
      ['{}', 1],
    ] as const) {
      service.answer({ body });
      expect((await example(archived)).code).toBe(expected);
    }
    service.answer({ status: 503, body: { title: 'x' } });
    expect((await example(archived)).code).toBe(22);
  });

  it('send the tree, and what lies beside it before the tree', async () => {
    service.answer({ body: '<p>' });
    const { cwd } = await example(formatted);
    const [seen] = service.seen as [Seen];
    expect([seen.query.get('format'), readFileSync(join(cwd, 'audit.html'), 'utf8')]).toEqual([
      'html',
      '<p>',
    ]);
    expect([...(await unpackTree(seen.body)).keys()]).toContain('docs/hld.md');
    service.answer({ body: result() });
    expect((await example(form)).code).toBe(0);
    const sent = await formOf(service.seen[0] as Seen);
    expect([...sent.keys()]).toEqual(['hld', 'hld', 'baseline', 'failOn', 'tree']);
    const tree = await (sent.get('tree') as File).bytes();
    expect([...(await unpackTree(tree)).keys()]).toContain('a.ts');
  });

  it('follow a job to its end, and take a direct answer too', async () => {
    const state = (name: string, more: object = {}) => ({ body: { id: 'aud_1', state: name, ...more } });
    service.answer(
      { status: 202, ...state('queued') },
      state('running'),
      state('done', { result: result() }),
    );
    expect((await example(job)).code).toBe(0);
    expect(service.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/audit',
      'GET /api/audit/aud_1',
      'GET /api/audit/aud_1',
    ]);
    for (const [reply, expected] of [
      [{ body: result() }, 0],
      [state('failed'), 1],
      [{ body: '' }, 1],
      [state('done', { result: failedResult() }), 1],
      [{ status: 500 }, 22],
    ] as const) {
      service.answer(reply);
      expect((await example(job)).code).toBe(expected);
    }
  });
});

describe('its pipelines', () => {
  it("are workflows to GitHub's own parser, with inputs and outputs the action has", async () => {
    const { workflowFaults } = await githubParser();
    expect(workflowFaults(workflow)).toEqual([]);
    expect(workflowFaults(workflow.replace('runs-on', 'runs-at'))).not.toEqual([]);
    const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Record<string, object>;
    const { jobs } = parse(workflow) as { jobs: { audit: { steps: { with?: object; id?: string }[] } } };
    const step = jobs.audit.steps.find(({ id }) => id === 'audit');
    expect(Object.keys(step?.with ?? {}).filter((name) => !(name in (action.inputs ?? {})))).toEqual([]);
    const outputs = [...workflow.matchAll(/steps\.audit\.outputs\.([\w-]+)/g)].map(([, name = '']) => name);
    expect(outputs.length).toBeGreaterThan(3);
    expect(outputs.filter((name) => !(name in (action.outputs ?? {})))).toEqual([]);
  });

  it('give the template for Azure parameters it has, and all it needs', () => {
    const template = parse(readFileSync(join(root, 'pipelines/gatehouse-audit.yml'), 'utf8')) as {
      parameters: { name: string; default?: unknown }[];
    };
    const { steps } = parse(azure) as { steps: { template?: string; parameters?: object }[] };
    const used = steps.find((step) => step.template);
    expect(used?.template).toBe('pipelines/gatehouse-audit.yml@gatehouse');
    const given = Object.keys(used?.parameters ?? {});
    const known = template.parameters.map(({ name }) => name);
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
    const needed = template.parameters.filter((one) => one.default === undefined).map(({ name }) => name);
    expect(needed.filter((name) => !given.includes(name))).toEqual([]);
  });
});
