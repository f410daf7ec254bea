import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildTool, buildTools } from '../../../local/tools/toolSource.ts';
import { CodeProcess } from '../../../shared/tools/code/codeProcess.ts';
import { root } from '../../support/process.ts';
import { codeTool, httpTool, toolFolder } from './toolFiles.ts';

describe('a tool that is built', () => {
  it('is one bundle, with all that is said of it', async () => {
    const rest = "timeoutMs: 900, tenants: ['acme'], hosts: ['api.example.com'], secrets: ['TOKEN'],";
    const file = toolFolder().write('echo.tool.ts', codeTool('echo', "'one'", rest));
    const { name, draft, bundle, inputs } = await buildTool(file);
    expect({ name, inputs }).toEqual({ name: 'echo', inputs: [file] });
    expect(draft).toEqual({
      kind: 'code',
      sha256: createHash('sha256').update(bundle).digest('hex'),
      size: bundle.byteLength,
      description: 'Says one word',
      inputSchema: { type: 'object', properties: {} },
      sideEffect: false,
      timeoutMs: 900,
      tenants: ['acme'],
      hosts: ['api.example.com'],
      secrets: ['TOKEN'],
    });
  });

  it('has effects and five seconds unless it says otherwise', async () => {
    const source = codeTool('echo').replace('sideEffect: false,', '');
    const { draft } = await buildTool(toolFolder().write('echo.tool.ts', source));
    expect(draft).toMatchObject({ sideEffect: true, timeoutMs: 5_000 });
    expect(draft).not.toHaveProperty('tenants');
  });

  it('of JSON reaches the host and the secrets that it names', async () => {
    const request = {
      method: 'GET',
      url: 'https://api.example.com:8443/weather',
      headers: { authorization: 'Bearer {secret:TOKEN}' },
    };
    const { draft } = await buildTool(toolFolder().write('x.tool.json', httpTool('rain', { request })));
    expect(draft).toMatchObject({ kind: 'http', hosts: ['api.example.com:8443'], secrets: ['TOKEN'] });
  });

  it('has what it imports in it: files, packages and JSON', async () => {
    const { path, write } = toolFolder();
    write('node_modules/words/package.json', '{"name":"words","version":"1.0.0","main":"index.js"}');
    write('node_modules/words/index.js', "exports.shout = (word) => word.toUpperCase() + '!';");
    write('words.json', '{"word":"one"}');
    const rest = "selfTest: { input: {}, expect: 'ONE!' },";
    const file = write(
      'echo.tool.ts',
      `import { shout } from 'words';\nimport list from './words.json';\n${codeTool('echo', 'shout(list.word)', rest)}`,
    );
    const { inputs } = await buildTool(file);
    expect(inputs.sort()).toEqual([file, `${path}/node_modules/words/index.js`, `${path}/words.json`].sort());
  });

  it('is the same wherever it lies', async () => {
    const build = async () => {
      const { write } = toolFolder();
      write('lib/word.ts', "export const word = 'one';");
      const source = `import { word } from '../lib/word.ts';\n${codeTool('echo', 'word')}`;
      return (await buildTool(write('in/echo.tool.ts', source))).draft.sha256;
    };
    expect(await build()).toBe(await build());
  });

  it('is every one of a folder and of files that are named', async () => {
    const { path, write } = toolFolder();
    write('in/echo.tool.ts', codeTool('echo'));
    write('in/rain.tool.json', httpTool('rain'));
    const snow = write('snow.json', httpTool('snow'));
    const built = await buildTools([`${path}/in`, snow]);
    expect(built.map(({ name }) => name)).toEqual(['echo', 'rain', 'snow']);
  });

  it.each([
    ['tools-code.md', /```ts\n(.*?)```/s, 'day_name.tool.ts'],
    ['tools-http.md', /```json\n(.*?)```/s, 'find_order.tool.json'],
  ])('is the first example of %s', async (page, block, file) => {
    const source = block.exec(readFileSync(`${root}docs/${page}`, 'utf8'))?.[1] ?? '';
    expect((await buildTool(toolFolder().write(file, source))).name).toBe(file.split('.')[0]);
  });

  it('is built once, however often its file is named', async () => {
    const { path, write } = toolFolder();
    const file = write('rain.tool.json', httpTool('rain'));
    expect(await buildTools([file, path, `${path}/./rain.tool.json`])).toHaveLength(1);
  });

  it('is one of few that are built at a time: a process has little time to begin', async () => {
    const { path, write } = toolFolder();
    for (let i = 0; i < 6; i++) write(`t${i}.tool.ts`, codeTool(`t${i}`));
    const load = CodeProcess.load.bind(CodeProcess);
    let [now, most] = [0, 0];
    const spy = vi.spyOn(CodeProcess, 'load').mockImplementation((...given) => {
      most = Math.max(most, ++now);
      return load(...given).finally(() => now--);
    });
    onTestFinished(() => spy.mockRestore());
    expect((await buildTools([path])).map(({ name }) => name)).toEqual(['t0', 't1', 't2', 't3', 't4', 't5']);
    expect(most).toBe(4);
  });

  it('are the examples', async () => {
    const files = ['book_appointment', 'check_availability', 'notify_slack', 'save_contact'];
    const built = await buildTools(files.map((name) => `${root}examples/tools/${name}.json`));
    expect(built.map(({ name }) => name)).toEqual(files);
  });
});
