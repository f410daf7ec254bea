import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DevFolder } from '../../../local/tools/devFolder.ts';
import { buildTool, toolFiles } from '../../../local/tools/toolSource.ts';
import { codeTool, toolFolder } from './toolFiles.ts';

const quiet = { new: [], changed: [], gone: [], errors: [] };

function devFolder() {
  const folder = toolFolder();
  const watched = new DevFolder({ files: () => toolFiles(folder.path), build: buildTool });
  return { ...folder, watched, look: () => watched.look() };
}

describe('a file that cannot be built', () => {
  it('keeps the version before, and is told once for each edit', async () => {
    const { write, look, watched } = devFolder();
    const file = write('echo.tool.ts', codeTool('echo'));
    await look();
    const [before] = watched.tools;
    write('echo.tool.ts', 'export default ;');
    expect(await look()).toMatchObject({ ...quiet, errors: [{ file }] });
    expect(await look()).toEqual({ tracked: 1, ...quiet });
    expect(watched.tools).toEqual([before]);
    write('echo.tool.ts', 'export default ;\n// Later.');
    expect((await look()).errors).toHaveLength(1);
    write('echo.tool.ts', codeTool('echo'));
    expect(await look()).toEqual({ tracked: 1, ...quiet });
    write('echo.tool.ts', codeTool('echo', "'two'"));
    expect((await look()).changed).toEqual(['echo']);
  });

  it('at first sight is a new tool once it is mended', async () => {
    const { write, look } = devFolder();
    write('echo.tool.ts', 'export default {');
    expect((await look()).errors).toHaveLength(1);
    expect(await look()).toEqual({ tracked: 1, ...quiet });
    write('echo.tool.ts', codeTool('echo'));
    expect(await look()).toEqual({ tracked: 1, ...quiet, new: ['echo'] });
  });

  it('may be mended in a file it imports, or by one that was missing', async () => {
    const { write, look } = devFolder();
    write('word.ts', 'export const word = ');
    write('a.tool.ts', `import { word } from './word.ts';\n${codeTool('a', 'word')}`);
    write('b.tool.ts', `import { other } from './other.ts';\n${codeTool('b', 'other')}`);
    expect((await look()).errors).toHaveLength(2);
    write('word.ts', "export const word = 'one';");
    expect((await look()).new).toEqual(['a']);
    write('other.ts', "export const other = 'one';");
    expect((await look()).new).toEqual(['b']);
  });

  it('because its name is taken waits until it is free', async () => {
    const { write, look, watched } = devFolder();
    const first = write('a/echo.tool.ts', codeTool('echo'));
    const second = write('b/echo.tool.ts', codeTool('echo', "'two'"));
    expect(await look()).toEqual({
      tracked: 2,
      ...quiet,
      new: ['echo'],
      errors: [{ file: second, problem: `${first} has a tool of the name "echo" already` }],
    });
    expect(await look()).toEqual({ tracked: 2, ...quiet });
    expect(watched.tools).toHaveLength(1);
    rmSync(first);
    expect(await look()).toEqual({ tracked: 1, ...quiet, new: ['echo'] });
    expect(Buffer.from(watched.tools[0]?.bundle ?? []).toString()).toContain('two');
  });

  it('does not keep the others from being built', async () => {
    const { write, look } = devFolder();
    write('a.tool.ts', 'export default {');
    write('b.tool.ts', codeTool('b'));
    expect(await look()).toMatchObject({ new: ['b'], errors: [{}] });
  });
});
