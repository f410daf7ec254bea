import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildTools, SourceError } from '../../../local/tools/toolSource.ts';
import { codeTool, httpTool, toolFolder } from './toolFiles.ts';

/** What somebody reads who checks a file of this text; `FILE` is its path. */
async function faultOf(name: string, text: string): Promise<string> {
  const file = toolFolder().write(name, text);
  const fault = await buildTools([file]).then(
    () => 'none',
    (error: Error) => error.message,
  );
  return fault.replaceAll(relative('.', file), 'FILE').replaceAll(file, 'FILE');
}

const schema = (text: string) => codeTool('echo').replace("{ type: 'object', properties: {} }", text);

it('no tool of the deployment can be replaced', async () => {
  expect(await faultOf('create_lead.tool.ts', codeTool('create_lead'))).toBe(
    'FILE\n  "create_lead" is a tool of the deployment, which cannot be replaced.',
  );
});

describe('what is wrong is told with its file and line', () => {
  it.each([
    ['a member without a comma', '{\n  "name": "rain"\n  "description": "x"\n}', 3],
    ['an end that is missing', '{\n  "name": "rain"', 2],
    ['a comma too many', '{\n  "name": "rain",\n}', 2],
    ['a word that is none', '{\n\n  "name": rain\n}', 3],
  ])('JSON with %s', async (_, text, line) => {
    expect(await faultOf('rain.tool.json', text)).toMatch(new RegExp(`^FILE\\n  FILE:${line}:\\d+: \\S`));
  });

  it.each([
    ['a bracket that is missing', codeTool('echo').replace('};', ''), 9, 'Expected identifier'],
    [
      'a package that is not there',
      `\nimport x from 'no-such';\n${codeTool('echo', 'x')}`,
      2,
      'Could not resolve "no-such"',
    ],
    [
      'a file that is not there',
      `import x from './x.ts';\n${codeTool('echo', 'x')}`,
      1,
      'Could not resolve "./x.ts"',
    ],
  ])('code with %s', async (_, text, line, problem) => {
    const [place, ...lines] = (await faultOf('echo.tool.ts', text)).split('\n');
    expect({ place, lines: lines.length }).toEqual({ place: 'FILE', lines: 1 });
    expect(lines[0]).toMatch(new RegExp(`^  FILE:${line}:\\d+: `));
    expect(lines[0]).toContain(problem);
  });

  it('a definition with every member that is not right', async () => {
    const text = httpTool('Rain', { timeoutMs: 5, colour: 'red' });
    const fault = await faultOf('rain.tool.json', text);
    expect(
      fault
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/[: ]/)[0])
        .sort(),
    ).toEqual(expect.arrayContaining(['name', 'timeoutMs']));
    expect(fault).toContain('colour');
  });

  it('every file that is wrong, and what is not there', async () => {
    const { path, write } = toolFolder();
    const files = [
      write('a.tool.ts', 'export default {'),
      write('b.tool.json', '{'),
      write('c.tool.ts', codeTool('c')),
    ];
    const fault = await buildTools([path]).catch((error: Error) => error.message);
    expect(files.map((file) => String(fault).includes(`${file}\n`))).toEqual([true, true, false]);
    await expect(buildTools([`${path}/nowhere`])).rejects.toThrow(`${path}/nowhere is not there.`);
    await expect(buildTools([toolFolder().path])).rejects.toThrow('has no file named NAME.tool.ts');
  });
});

describe('two tools of one name are refused, with both files', () => {
  it.each([
    ['a folder', (path: string) => [path]],
    ['files', (path: string) => [`${path}/a/flip.tool.ts`, `${path}/b/flip.tool.ts`]],
  ])('of %s', async (_, named) => {
    const { path, write } = toolFolder();
    const first = write('a/flip.tool.ts', codeTool('flip'));
    const second = write('b/flip.tool.ts', codeTool('flip', "'two'"));
    await expect(buildTools(named(path))).rejects.toThrow(
      new SourceError(`${second}\n  ${first} has a tool of the name "flip" already`),
    );
  });

  it('of both kinds', async () => {
    const { path, write } = toolFolder();
    write('a.tool.json', httpTool('flip'));
    write('flip.tool.ts', codeTool('flip'));
    await expect(buildTools([path])).rejects.toThrow('has a tool of the name "flip" already');
  });
});

describe('what no app would load is refused', () => {
  it.each([
    ['a schema that is none', schema("{ type: 'array' }"), 'inputSchema'],
    [
      'a schema that is not taken',
      schema("{ type: 'object', properties: { a: { $ref: 'x' } } }"),
      'inputSchema',
    ],
    [
      'a result schema that is not taken',
      codeTool('echo', '1', "outputSchema: { type: 'strin' },"),
      'outputSchema',
    ],
    [
      'a self-test that gives another result',
      codeTool('echo', "'one'", "selfTest: { input: {}, expect: 'two' },"),
      'another result',
    ],
    ['a self-test that throws', codeTool('echo', 'x.y', 'selfTest: { input: {} },'), 'the self-test failed'],
    [
      'a self-test that reaches for the network',
      codeTool('echo', "(await fetch('https://example.com')).status", 'selfTest: { input: {} },'),
      'the self-test failed',
    ],
    ['another name than that of the file', codeTool('other'), 'a tool of another name'],
    ['no tool', 'export const x = 1;', 'the bundle exports no function run'],
    ['a tool that throws at once', 'throw new Error();', 'the bundle threw'],
    [
      'a description longer than a manifest holds',
      codeTool('echo').replace('Says one word', 'x'.repeat(1_001)),
      'description',
    ],
    [
      'a host that is none',
      codeTool('echo', '1', "hosts: ['https://example.com'],"),
      'hosts.0: must be a host in lower case',
    ],
    ['a secret that is none', codeTool('echo', '1', "secrets: ['token'],"), 'secrets.0: must be'],
    ['a time beyond the longest', codeTool('echo', '1', 'timeoutMs: 60_000,'), 'timeoutMs'],
  ])('%s', async (_, text, problem) => {
    expect(await faultOf('echo.tool.ts', text)).toContain(problem);
  });

  it('a tool that says something else of itself the second time', async () => {
    const text = codeTool('echo').replace("'Says one word'", 'String(Math.random())');
    expect(await faultOf('echo.tool.ts', text)).toContain('another description than the manifest');
  });

  it('a file whose name is no name of a tool', async () => {
    expect(await faultOf('Ärger.tool.ts', codeTool('Ärger'))).toContain('The name "Ärger" must be 1 to 40');
  });

  it('a declarative tool whose self-test fails', async () => {
    const selfTest = [{ name: 'sunny', answer: { status: 200 }, say: 'Rain.' }];
    expect(await faultOf('rain.tool.json', httpTool('rain', { selfTest }))).toContain(
      'sunny: says "Fine." instead of "Rain."',
    );
  });

  it('words with spaces around them, which a manifest does not keep', async () => {
    const text = httpTool('rain', { description: ' Asks. ' });
    expect(await faultOf('rain.tool.json', text)).toContain('description');
  });
});
