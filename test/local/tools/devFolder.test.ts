import { existsSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { DevFolder } from '../../../local/tools/devFolder.ts';
import { buildTool, toolFiles } from '../../../local/tools/toolSource.ts';
import { codeTool, httpTool, toolFolder } from './toolFiles.ts';

const quiet = { new: [], changed: [], gone: [], errors: [] };

function devFolder() {
  const folder = toolFolder();
  const watched = new DevFolder({ files: () => toolFiles(folder.path), build: buildTool });
  return { ...folder, watched, look: () => watched.look() };
}

const code = (watched: DevFolder) => watched.tools.map(({ bundle }) => Buffer.from(bundle).toString()).join();

describe('a folder of tools', () => {
  it('that is empty has nothing to tell', async () => {
    expect(await devFolder().look()).toEqual({ tracked: 0, ...quiet });
  });

  it('gives a tool for a new file, and nothing for one that stays', async () => {
    const { write, look, watched } = devFolder();
    write('echo.tool.ts', codeTool('echo'));
    write('deep/er/rain.tool.json', httpTool('rain'));
    write('README.md', 'no tool');
    expect(await look()).toEqual({ tracked: 2, ...quiet, new: ['rain', 'echo'] });
    expect(await look()).toEqual({ tracked: 2, ...quiet });
    expect(watched.tools.map(({ name, draft }) => [name, draft.kind])).toEqual([
      ['rain', 'http'],
      ['echo', 'code'],
    ]);
  });

  it('builds what was edited at the same size within the same second, and with an older time', async () => {
    const { write, look, watched } = devFolder();
    const at = new Date('2026-11-21T10:00:00Z');
    const edit = (answer: string, time: Date) =>
      utimesSync(write('echo.tool.ts', codeTool('echo', answer)), time, time);
    edit("'one'", at);
    await look();
    edit("'two'", at);
    expect(await look()).toEqual({ tracked: 1, ...quiet, changed: ['echo'] });
    expect(code(watched)).toContain('two');
    edit("'six'", new Date(0));
    expect(await look()).toEqual({ tracked: 1, ...quiet, changed: ['echo'] });
    expect(code(watched)).toContain('six');
  });

  it('says nothing of a file that was touched, or of words that are not built', async () => {
    const { write, look } = devFolder();
    const file = write('echo.tool.ts', codeTool('echo'));
    await look();
    utimesSync(file, new Date(), new Date());
    expect(await look()).toEqual({ tracked: 1, ...quiet });
    write('echo.tool.ts', `// A comment.\n${readFileSync(file, 'utf8')}`);
    expect(await look()).toEqual({ tracked: 1, ...quiet });
  });

  it('builds every tool that imports what was edited, in one look', async () => {
    const { write, look } = devFolder();
    write('lib/word.ts', "export const word: string = 'one';");
    for (const name of ['a', 'b'])
      write(`${name}.tool.ts`, `import { word } from './lib/word.ts';\n${codeTool(name, 'word')}`);
    write('c.tool.ts', codeTool('c'));
    expect((await look()).new).toEqual(['a', 'b', 'c']);
    expect(await look()).toEqual({ tracked: 3, ...quiet });
    write('lib/word.ts', "export const word: string = 'two';");
    expect(await look()).toEqual({ tracked: 3, ...quiet, changed: ['a', 'b'] });
  });

  it('sees an edit that was made while it built', async () => {
    const folder = toolFolder();
    folder.write('word.ts', "export const word = 'one';");
    folder.write('echo.tool.ts', `import { word } from './word.ts';\n${codeTool('echo', 'word')}`);
    const edits = [() => folder.write('word.ts', "export const word = 'two';")];
    const watched = new DevFolder({
      files: () => toolFiles(folder.path),
      async build(file) {
        const built = await buildTool(file);
        edits.pop()?.();
        return built;
      },
    });
    expect((await watched.look()).new).toEqual(['echo']);
    expect((await watched.look()).changed).toEqual(['echo']);
    edits.push(() => folder.write('echo.tool.ts', codeTool('echo', "'six'")));
    folder.write('echo.tool.ts', codeTool('echo', "'five'"));
    await watched.look();
    expect((await watched.look()).changed).toEqual(['echo']);
    expect(code(watched)).toContain('six');
  });

  it('builds what stays no more than twice', async () => {
    const { path, write } = toolFolder();
    write('word.ts', "export const word = 'one';");
    write('echo.tool.ts', `import { word } from './word.ts';\n${codeTool('echo', 'word')}`);
    const build = vi.fn(buildTool);
    const watched = new DevFolder({ files: () => toolFiles(path), build });
    for (let i = 0; i < 4; i++) await watched.look();
    expect(build).toHaveBeenCalledTimes(2);
  });

  it('builds few at a time', async () => {
    const { path, write } = toolFolder();
    for (let i = 0; i < 9; i++) write(`t${i}.tool.json`, httpTool(`t${i}`));
    let [now, most] = [0, 0];
    const watched = new DevFolder({
      files: () => toolFiles(path),
      async build(file) {
        most = Math.max(most, ++now);
        return buildTool(file).finally(() => now--);
      },
    });
    expect((await watched.look()).new).toHaveLength(9);
    expect(most).toBe(4);
  });

  it('takes a tool away with its file, and keeps one whose file was moved', async () => {
    const { path, write, look } = devFolder();
    const [echo, rain] = [write('echo.tool.ts', codeTool('echo')), write('rain.tool.json', httpTool('rain'))];
    await look();
    rmSync(echo);
    renameSync(rain, `${path}/weather.tool.json`);
    expect(await look()).toEqual({ tracked: 1, ...quiet, new: ['rain'], gone: ['echo'] });
    expect(await look()).toEqual({ tracked: 1, ...quiet });
  });

  it('takes the old name away where a tool gets another one', async () => {
    const { write, look } = devFolder();
    write('x.tool.json', httpTool('rain'));
    await look();
    write('x.tool.json', httpTool('snow'));
    expect(await look()).toEqual({ tracked: 1, ...quiet, new: ['snow'], gone: ['rain'] });
  });

  it('takes any file name, where the tool has a name of its own', async () => {
    const { write, look } = devFolder();
    for (const [index, name] of ['a b', 'Ärger', "it's #1?", '[x]{y}*', '$(echo)'].entries())
      write(`${name}.tool.json`, httpTool(`tool_${index}`));
    write('[odd] folder #2/echo.tool.ts', codeTool('echo'));
    const { new: found, errors } = await look();
    expect(errors).toEqual([]);
    expect(found.sort()).toEqual(['echo', 'tool_0', 'tool_1', 'tool_2', 'tool_3', 'tool_4']);
  });

  it('runs nothing that is not named as a tool', async () => {
    const { path, write, look } = devFolder();
    const trap = `require('node:fs').writeFileSync(${JSON.stringify(`${path}/ran`)}, '');`;
    for (const name of ['echo.ts', 'echo.test.ts', 'tool.ts', 'echo.tool.ts.bak', 'echo.tool.py', 'build.js'])
      write(name, `${trap}\n${codeTool('echo')}`);
    expect(await look()).toEqual({ tracked: 0, ...quiet });
    write('echo.tool.ts', `${trap}\n${codeTool('echo')}`);
    expect((await look()).errors).toHaveLength(1);
    expect(existsSync(`${path}/ran`)).toBe(false);
  });

  it('leaves packages and hidden folders alone', async () => {
    const { write, look } = devFolder();
    for (const folder of ['node_modules/x', '.git', 'a/.hidden'])
      write(`${folder}/echo.tool.ts`, codeTool('echo'));
    expect((await look()).tracked).toBe(0);
  });
});
