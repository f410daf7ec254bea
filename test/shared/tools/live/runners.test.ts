import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { codeRunner } from '../../../../shared/tools/live/codeRunner.ts';
import { httpRunner } from '../../../../shared/tools/live/httpRunner.ts';
import { createToolRegistry } from '../../../../shared/tools/registry.ts';
import { entryOf, manifestOf, toolContext, toolWorld } from '../../../support/publishedTools.ts';
import { bundleOf, noPorts } from '../code/setup.ts';

const told = { description: 'A probe', inputSchema: { type: 'object' }, sideEffect: true };

/** Ids of the processes of code tools that this process has started and that run. */
const running = () =>
  execFileSync('ps', ['--ppid', `${process.pid}`, '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('--permission'))
    .map((line) => Number.parseInt(line, 10));

/** An instance that runs what is published as the app does. */
function published() {
  const world = toolWorld({ runners: { http: httpRunner(noPorts), code: codeRunner(noPorts) } });
  const tools = world.instance();
  const registry = createToolRegistry(tools);
  let [sequence, calls] = [0, 0];
  const publish = async (code: string, given = {}) => {
    const entry = entryOf(code, { ...told, ...given });
    await world.publish(manifestOf(++sequence, { probe: entry }), [code]);
    await tools.refresh();
  };
  onTestFinished(async () => {
    await world.publish(manifestOf(++sequence, {}));
    await tools.refresh();
  });
  return {
    publish,
    async answer() {
      const context = toolContext({ idempotencyKey: `call-${++calls}` });
      const outcome = await registry.run('probe', {}, context, 1_000);
      return outcome.ok ? outcome.result : outcome.error;
    },
    letters: () =>
      world.events.flatMap((event) => (event.kind === 'dead-letter' ? [[event.reason, event.message]] : [])),
  };
}

describe('a version of a code tool', () => {
  const right = bundleOf("return 'right'");

  it('starts afresh: of the one before nothing is left, its timers included', async () => {
    const { publish, answer } = published();
    const others = running();
    await publish(
      `globalThis.left = 'left'; let calls = 0; setInterval(() => calls++, 10);
      function gone() { return 'gone' } ${bundleOf('return [++calls > 0, typeof left, gone()]')}`,
    );
    expect(await answer()).toEqual([true, 'string', 'gone']);
    const [own = 0] = running().filter((id) => !others.includes(id));
    expect(running()).toContain(own);
    await publish(`let calls = 0; ${bundleOf('return [++calls, typeof left, typeof gone]')}`);
    expect(await answer()).toEqual([1, 'undefined', 'undefined']);
    await vi.waitFor(() => expect(running()).not.toContain(own), 5_000);
  });

  it.each([
    ['that throws once half of it has run', "globalThis.left = 1; throw new Error('private')", 'definition'],
    [
      'that fails its own test',
      bundleOf("return 'wrong'", "selfTest: { input: {}, expect: 'right' },"),
      'self-test',
    ],
    [
      'whose own test never ends',
      bundleOf('await new Promise(() => {})', 'selfTest: { input: {} },'),
      'self-test',
    ],
    [
      'that says something else than what was signed',
      right.replace('A probe', 'A probe that books'),
      'definition',
    ],
    [
      'that changes something and was signed as one that does not',
      right,
      'definition',
      { sideEffect: false },
    ],
    ['of another name than the one it is published under', right.replace("'probe'", "'other'"), 'definition'],
  ])('%s leaves the one before, and no process of its own', async (_, code, reason, given: object = {}) => {
    const { publish, answer, letters } = published();
    await publish(bundleOf("return 'before'"));
    const known = running();
    await publish(code, { timeoutMs: 300, ...given });
    expect(await answer()).toBe('before');
    expect(letters()).toEqual([[reason, expect.not.stringContaining('private')]]);
    await vi.waitFor(() => expect(running().filter((id) => !known.includes(id))).toEqual([]), 5_000);
    await publish(right);
    expect(await answer()).toBe('right');
  });
});

describe('a version of a declarative tool', () => {
  const definition = (name: string, description = told.description) =>
    JSON.stringify({
      ...told,
      name,
      description,
      request: { method: 'POST', url: 'https://api.example.com/' },
      response: { say: 'Fine.', errors: { default: 'Not now.', noAnswer: 'Nobody knows.' } },
    });
  const granted = { kind: 'http', hosts: ['api.example.com'] };

  it('is called as it was signed', async () => {
    const { publish, answer, letters } = published();
    await publish(definition('probe'), granted);
    expect(await answer()).toBe('Nobody knows.');
    expect(letters()).toEqual([]);
  });

  it('is not loaded where the app lacks its secret', async () => {
    const { publish, answer, letters } = published();
    const request = {
      method: 'GET',
      url: 'https://api.example.com/',
      headers: { 'x-key': '{secret:TOKEN}' },
    };
    await publish(JSON.stringify({ ...JSON.parse(definition('probe')), request }), {
      ...granted,
      secrets: ['TOKEN'],
    });
    expect(await answer()).toBe('Unknown tool: probe.');
    expect(letters()).toEqual([['secret', 'The app has no setting GATEHOUSE_TOOL_SECRET_TOKEN.']]);
  });

  it.each([
    ['of another name', definition('other'), granted, 'another name'],
    ['that says something else', definition('probe', 'A probe that books'), granted, 'another description'],
    ['with a host it was not given', definition('probe'), { kind: 'http' }, 'host'],
    ['that is no definition', '{}', granted, 'name'],
  ])('%s is not loaded', async (_, code, given, problem) => {
    const { publish, answer, letters } = published();
    await publish(code, given);
    expect(await answer()).toBe('Unknown tool: probe.');
    expect(letters()).toEqual([['definition', expect.stringContaining(problem)]]);
  });
});
