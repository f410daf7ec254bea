import { describe, expect, it } from 'vitest';
import { runToEnd } from '../../support/process.ts';
import { codeTool, toolFolder } from './toolFiles.ts';

const tools = (args: readonly string[], env = {}) => runToEnd('local/tools.ts', args, env);

describe('npm run tools', () => {
  it.each([
    ['no verb', []],
    ['a verb that is none', ['toString']],
    ['a verb without what it is for', ['publish']],
    ['dev without a folder', ['dev']],
  ])('says how it is used where there is %s', async (_, args) => {
    expect(await tools(args)).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^usage: npm run tools/),
    });
  });

  it('writes a tool where it was called, and finds it right', async () => {
    const { path } = toolFolder();
    const env = { INIT_CWD: path };
    expect(await tools(['new', 'echo'], env)).toEqual({ code: 0, printed: `wrote ${path}/echo.tool.ts\n` });
    expect(await tools(['new', 'echo'], env)).toMatchObject({ code: 1 });
    const { code, printed } = await tools(['check', '.'], env);
    expect(printed).toMatch(/^right echo: code, \d+ bytes, [0-9a-f]{12}\n$/);
    expect(code).toBe(0);
  });

  it('fails a check with what is wrong', async () => {
    const { path, write } = toolFolder();
    write('right.tool.ts', codeTool('right'));
    const file = write('echo.tool.ts', codeTool('echo', "'one'", "selfTest: { input: {}, expect: 'two' },"));
    const { code, printed } = await tools(['check', path]);
    expect(code).toBe(1);
    expect(printed).toContain(`${file}\n  the self-test gave another result`);
    expect(printed).not.toContain('right right');
  });

  it('makes the example calls of tools, and says which have none', async () => {
    const { path, write } = toolFolder();
    write('echo.tool.ts', codeTool('echo', "'one'", "selfTest: { input: {}, expect: 'one' },"));
    write('mute.tool.ts', codeTool('mute'));
    const { code, printed } = await tools(['test', path]);
    expect(printed).toBe('passed   echo: 1 example call\nuntested mute: it has no selfTest\n');
    expect(code).toBe(0);
  });

  it('calls a tool for real, with its secrets, and says what the model is told', async () => {
    const answer = "(await ctx.secret('WORD')) ?? ctx.fail('There is no word.')";
    const source = codeTool('echo', answer, "secrets: ['WORD'],").replace('run()', 'run(_, ctx)');
    const file = toolFolder().write('echo.tool.ts', source);
    const call = (input: string, env = {}) => tools(['test', file, '--input', input], env);
    const { code, printed } = await call('{}', { GATEHOUSE_TOOL_SECRET_WORD: 'plumb' });
    expect(printed).toMatch(/\nanswered echo, after \d+ ms:\nplumb\n$/);
    expect(code).toBe(0);
    expect(await call('[1]')).toMatchObject({
      code: 1,
      printed: expect.stringContaining('must be a JSON object'),
    });
  });

  it('makes a key, and keeps apart what is for the app', async () => {
    const { code, printed } = await tools(['keys', 'ann']);
    expect(code).toBe(0);
    expect(printed).toMatch(
      /^GATEHOUSE_TOOL_KEYS=\[\{"keyId":"ann","publicKey":"[^"]+"\}\]\nGATEHOUSE_TOOL_SIGNING_KEY_ID=ann\n-----BEGIN PRIVATE KEY-----/,
    );
  });
});
