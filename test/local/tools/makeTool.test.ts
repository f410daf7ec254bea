import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeTool } from '../../../local/tools/makeTool.ts';
import { buildTool } from '../../../local/tools/toolSource.ts';
import { toolFolder } from './toolFiles.ts';

describe('a tool to begin with', () => {
  it('is right as it is written, its self-test included', async () => {
    const { path } = toolFolder();
    const file = makeTool('job_time', path);
    expect(file).toBe(`${path}/job_time.tool.ts`);
    expect(await buildTool(file)).toMatchObject({
      name: 'job_time',
      draft: { kind: 'code', sideEffect: false, hosts: [], secrets: [], timeoutMs: 5_000 },
    });
    expect(readFileSync(file, 'utf8')).toContain('selfTest: {');
  });

  it('has a self-test that fails where the tool says something else', async () => {
    const { path, write } = toolFolder();
    const text = readFileSync(makeTool('job_time', path), 'utf8');
    await expect(buildTool(write('job_time.tool.ts', text.replace('an hour.`', 'a day.`')))).rejects.toThrow(
      'the self-test gave another result',
    );
  });

  it.each(['', 'Echo', 'constructor', 'a-b', '1st', '_a', '../up', 'a'.repeat(41)])(
    'is not written as "%s"',
    (name) => {
      expect(() => makeTool(name, toolFolder().path)).toThrow('must be 1 to 40 of a-z');
    },
  );

  it('never takes the place of a file', () => {
    const { path, write } = toolFolder();
    const file = write('echo.tool.ts', 'mine');
    expect(() => makeTool('echo', path)).toThrow(`${file} is there already.`);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
