import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Azurite, startAzurite } from '../../../local/storage/azurite.ts';
import { Publisher } from '../../../local/tools/publisher.ts';
import { signingKey } from '../../../local/tools/signingKey.ts';
import { createAzureStores } from '../../../shared/storage/azure/azureStores.ts';
import { eventually } from '../../support/app.ts';
import { root, runToEnd } from '../../support/process.ts';
import { codeTool, toolFolder } from './toolFiles.ts';

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

  const stores = await createAzureStores({ connectionString: azurite.connectionString });
  const { manifest } = await new Publisher(stores, signingKey({}), [], 'ann').read();
  expect(Object.keys(manifest?.tools ?? {})).toEqual(['echo']);
  expect((await dev('--status')).printed).toMatch(/tracked 1, new 2, changed 2, errors 1\n$/);
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
