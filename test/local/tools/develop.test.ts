import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isAlive } from '../../../local/isAlive.ts';
import { processStart } from '../../../local/processStart.ts';
import { type Azurite, startAzurite } from '../../../local/storage/azurite.ts';
import { Publisher } from '../../../local/tools/publisher.ts';
import { signingKey } from '../../../local/tools/signingKey.ts';
import { createAzureStores } from '../../../shared/storage/azure/azureStores.ts';
import { eventually } from '../../support/app.ts';
import { root, runToEnd } from '../../support/process.ts';
import { codeTool, httpTool, toolFolder } from './toolFiles.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const dev = (...args: string[]) =>
  runToEnd('local/tools.ts', ['dev', ...args], { AzureWebJobsStorage: azurite.connectionString });

/** A `tools dev` that runs, and what it has printed. */
function startDev(folder: string) {
  const args = ['local/tools.ts', 'dev', folder, '--interval', '0.1'];
  const env = { ...process.env, AzureWebJobsStorage: azurite.connectionString };
  const child: ChildProcess = spawn(process.execPath, args, { cwd: root, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      printed += piece.toString();
    });
  return {
    pid: child.pid,
    printed: () => printed,
    says: (words: string) => eventually(async () => printed.includes(words) || undefined, `"${words}"`),
  };
}

it('publishes what is saved, says what is wrong, and can be asked and ended from elsewhere', async () => {
  const { path, write } = toolFolder();
  write('words.ts', "export const word = 'one';");
  const source = (name: string) => `import { word } from './words.ts';\n${codeTool(name, 'word')}`;
  write('echo.tool.ts', source('echo'));
  expect((await dev('--status')).printed).toBe('stopped\n');
  expect((await dev('--stop')).printed).toBe('stopped already\n');

  const { pid, says } = startDev(path);
  await says(`looking at ${path}, publishing to the account devstoreaccount1\n`);
  await says('new      echo (sequence 1)');
  expect((await dev(path)).printed).toBe(`already looking at ${path} (process ${pid})\n`);

  const again = write('again.tool.ts', source('again'));
  await says('new      again (sequence 2)');
  write('words.ts', "export const word = 'two';");
  await says('changed  again (sequence 3)');
  await says('changed  echo (sequence 3)');
  const broken = write('echo.tool.ts', 'export default {');
  await says(`error    ${broken}`);
  rmSync(again);
  await says('gone     again (sequence 4)');
  renameSync(path, `${path}-away`);
  await says(`not published, tried again: ${path} is not there.`);
  renameSync(`${path}-away`, path);

  const stores = await createAzureStores({ connectionString: azurite.connectionString });
  const { manifest } = await new Publisher(stores, signingKey({}), [], 'ann').read();
  expect(Object.keys(manifest?.tools ?? {})).toEqual(['echo']);
  const { printed } = await dev('--status');
  expect(printed).toMatch(/, publishing to the account devstoreaccount1, since .*\n/);
  expect(printed).toMatch(/tracked 1, new 2, changed 2, errors 1\n$/);
  expect((await dev('--stop')).printed).toBe(`stopped (process ${pid})\n`);
  expect((await dev('--status')).printed).toBe('stopped\n');

  const events = readFileSync(`${root}.local/logs/tools.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; tool?: string; file?: string })
    .slice(-6);
  expect(events.map(({ event, tool, file }) => `${event} ${tool ?? file}`)).toEqual([
    'new echo',
    'new again',
    'changed again',
    'changed echo',
    `error ${broken}`,
    'gone again',
  ]);
});

describe('what another dev left behind', () => {
  const file = `${root}.local/tools/dev.json`;
  const leave = (text: string) => {
    mkdirSync(`${root}.local/tools`, { recursive: true });
    writeFileSync(file, text);
    onTestFinished(() => rmSync(file, { force: true }));
  };

  /** A process of somebody else. */
  function stranger(): number {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    return child.pid ?? 0;
  }

  const state = (given: object) => ({
    folder: '/gone',
    target: 'the account x',
    startedAt: '2026-11-21T10:00:00Z',
    tracked: 1,
    new: 0,
    changed: 0,
    errors: 0,
    ...given,
  });

  it('speaks of no process that has its id now', async () => {
    const pid = stranger();
    leave(JSON.stringify(state({ pid, start: 'long ago' })));
    expect((await dev('--status')).printed).toBe('stopped\n');
    expect((await dev('--stop')).printed).toBe('stopped already\n');
    expect(isAlive(pid)).toBe(true);
    const { path } = toolFolder();
    expect((await dev(path, '--once')).printed).toMatch(`looking at ${path}, `);
    expect(isAlive(pid)).toBe(true);
  });

  it.each([
    ['half of it', '{"pid":12,"fol'],
    ['nothing', ''],
    ['the id of all processes', JSON.stringify(state({ pid: 0 }))],
  ])('is no state where it is %s', async (_, text) => {
    leave(text);
    expect(await dev('--status')).toEqual({ code: 0, printed: 'stopped\n' });
    expect(await dev('--stop')).toEqual({ code: 0, printed: 'stopped already\n' });
  });

  it('is taken over by one of those that start at the same time', async () => {
    leave('{');
    const { path, write } = toolFolder();
    // The first look takes its time.
    write('echo.tool.ts', codeTool('echo'));
    const started = [startDev(path), startDev(path), startDev(path)];
    const said = (words: string) => started.filter(({ printed }) => printed().startsWith(words));
    await eventually(
      async () => started.every(({ printed }) => printed().endsWith('\n')) || undefined,
      'all began',
    );
    expect(said('already looking at')).toHaveLength(2);
    const [winner] = said('looking at');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: winner?.pid, folder: path });
    expect((await dev('--stop')).printed).toBe(`stopped (process ${winner?.pid})\n`);
  });

  it('is looked at by one after the other, and by the next where one was killed over it', async () => {
    const turn = `${file}.turn`;
    writeFileSync(turn, '');
    onTestFinished(() => rmSync(turn, { force: true }));
    const { says, printed } = startDev(toolFolder().path);
    await sleep(2_000);
    expect(printed()).toBe('');
    const longAgo = Date.now() / 1_000 - 60;
    utimesSync(turn, longAgo, longAgo);
    await says('looking at');
    expect(existsSync(turn)).toBe(false);
    await dev('--stop');
  });

  it('is not what another one has put there since, which is given way to', async () => {
    const pid = stranger();
    const { says, printed } = startDev(toolFolder().path);
    await says('looking at');
    const words = `process ${pid} has taken over, it is looking at /gone`;
    await eventually(async () => {
      if (printed().includes(words)) return true;
      leave(JSON.stringify(state({ pid, start: processStart(pid) })));
      return undefined;
    }, words);
    expect((await dev('--status')).printed).toContain(`(process ${pid})`);
  });
});

it('says what is wrong with a folder that is none', async () => {
  const { path, write } = toolFolder();
  const file = write('rain.tool.json', httpTool('rain'));
  expect(await dev(`${path}/nowhere`)).toEqual({ code: 1, printed: `${path}/nowhere is not there.\n` });
  expect(await dev(file)).toEqual({ code: 1, printed: `${file} is no folder.\n` });
});
