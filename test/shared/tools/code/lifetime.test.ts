import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { liveServices } from '../../../../shared/tools/code/callServices.ts';
import { defaultLimits } from '../../../../shared/tools/code/limits.ts';
import { SecretMask } from '../../../../shared/tools/code/secretMask.ts';
import { ToolChild } from '../../../../shared/tools/code/toolChild.ts';
import { memoryLog } from '../../../support/http.ts';
import { root } from '../../../support/process.ts';
import { bundle, bundleOf, contextOf, load, marked, noPorts } from './setup.ts';

const born = 'const born = Math.random();';

describe('the process of a code tool', () => {
  it('is ended when idle, and started again by the next call', async () => {
    const { logLine, running } = marked();
    const tool = await load(born + bundleOf('return born'), { limits: { idleMs: 200, logLine } });
    const first = await tool.run({}, contextOf(), 5_000);
    expect(await tool.run({}, contextOf(), 5_000)).toBe(first);
    await vi.waitFor(() => expect(running()).toBe(0), 5_000);
    expect(await tool.run({}, contextOf(), 5_000)).not.toBe(first);
  });

  it('gives way to those that answer where it computes and computes', async () => {
    const code = bundleOf("if (input.loop) for (;;) {} return 'well'");
    const { child } = await ToolChild.start({ name: 'probe', code }, defaultLimits);
    onTestFinished(() => child.kill());
    const services = liveServices(bundle(code), noPorts, defaultLimits, new SecretMask(), memoryLog().log);
    const facts = { tenantId: 't', idempotencyKey: 'k', askedAt: '', now: '' };
    for (let i = 0; i < 50; i++) await child.call({}, facts, services, 5_000);
    expect(getPriority(child.pid)).toBe(getPriority());
    const late = child.call({ loop: true }, facts, services, 10_000).catch(() => {});
    await vi.waitFor(() => expect(getPriority(child.pid)).toBe(19), 8_000);
    child.kill();
    await late;
  });

  it('is not idle while a call runs', async () => {
    const tool = await load(bundleOf('await new Promise((r) => setTimeout(r, 500)); return 1'), {
      limits: { idleMs: 50 },
    });
    expect(await tool.run({}, contextOf(), 5_000)).toBe(1);
  });

  it('is one, however many calls wait for its start', async () => {
    const { logLine, running } = marked();
    const tool = await load(born + bundleOf('return born'), { limits: { idleMs: 50, logLine } });
    await vi.waitFor(() => expect(running()).toBe(0), 5_000);
    const runs = await Promise.all(Array.from({ length: 10 }, () => tool.run({}, contextOf(), 5_000)));
    expect(new Set(runs).size).toBe(1);
  });

  it('lets so many calls in at a time; so many wait, and no more', async () => {
    const tool = await load(
      `let [inside, most] = [0, 0]; ${bundleOf('inside++; most = Math.max(most, inside); await new Promise((r) => setTimeout(r, 200)); inside--; return most')}`,
      { limits: { callsAtOnce: 2, callsWaiting: 3 } },
    );
    const runs = await Promise.allSettled(Array.from({ length: 6 }, () => tool.run({}, contextOf(), 10_000)));
    const given = runs.map((run) => (run.status === 'fulfilled' ? run.value : run.reason.code));
    expect(given).toEqual([2, 2, 2, 2, 2, 'busy']);
    const late = Array.from({ length: 3 }, () => tool.run({}, contextOf(), 100).catch((error) => error.code));
    expect(await Promise.all(late)).toEqual(['timeout', 'timeout', 'timeout']);
  });

  it('lets calls under way end when it is retired, and then is gone', async () => {
    const { logLine, running } = marked();
    const tool = await load(
      bundleOf('await new Promise((r) => setTimeout(r, input.wait)); return input.wait'),
      {
        limits: { callsAtOnce: 1, logLine },
      },
    );
    const runs = [300, 100].map((wait) => tool.run({ wait }, contextOf(), 5_000));
    const never = tool.run({ wait: 60_000 }, contextOf(), 1_000).catch((error) => error.code);
    const retired = tool.retire();
    await expect(tool.run({ wait: 0 }, contextOf(), 5_000)).rejects.toMatchObject({ code: 'retired' });
    await retired;
    expect(running()).toBe(0);
    expect(await Promise.all([...runs, never])).toEqual([300, 100, 'timeout']);
    await tool.retire();
  });

  it('rests after five crashes within a minute', async () => {
    let now = 0;
    const tool = await load(
      bundleOf("if (input.well) return 'well'; setTimeout(() => { throw 1 }); await new Promise(() => {})"),
      {
        ports: { now: () => now },
      },
    );
    for (let i = 0; i < 5; i++)
      await expect(tool.run({}, contextOf(), 5_000)).rejects.toMatchObject({ code: 'crash' });
    await expect(tool.run({ well: true }, contextOf(), 5_000)).rejects.toMatchObject({ code: 'resting' });
    now = 30_000;
    expect(await tool.run({ well: true }, contextOf(), 5_000)).toBe('well');
  });

  it('counts it as a crash where it cannot be loaded again', async () => {
    const once = "if (Date.now() > LIMIT) throw new Error('private');".replace(
      'LIMIT',
      String(Date.now() + 2_000),
    );
    const tool = await load(once + bundleOf('return 1'), { limits: { idleMs: 50 } });
    await sleep(2_100);
    const given: unknown[] = [];
    for (let i = 0; i < 6; i++)
      given.push(await tool.run({}, contextOf(), 5_000).catch((error) => error.message));
    const failed = 'the tool could not be started again: exports';
    expect(given).toEqual([failed, failed, failed, failed, failed, 'the tool crashed too often and rests']);
  });

  it('ends with the process that started it', async () => {
    const { logLine, running } = marked();
    const script = `
      import { CodeProcess } from '${root}shared/tools/code/codeProcess.ts';
      import { bundle, noPorts } from '${root}test/fixtures/tools/code/plain.ts';
      import { defaultLimits } from '${root}shared/tools/code/limits.ts';
      setInterval(() => {}, 1000);
      await CodeProcess.load(bundle, noPorts, { ...defaultLimits, logLine: ${logLine} });
      console.log('loaded');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    await once(parent.stdout, 'data');
    expect(running()).toBe(1);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(running()).toBe(0), 5_000);
  });

  it('ends with it where it hangs', async () => {
    const { logLine, running } = marked();
    const script = `
      import { CodeProcess } from '${root}shared/tools/code/codeProcess.ts';
      import { bundle, noPorts } from '${root}test/fixtures/tools/code/plain.ts';
      import { defaultLimits } from '${root}shared/tools/code/limits.ts';
      const code = bundle.code.replace("'plain' }", "{ for (;;) {} } }");
      const tool = await CodeProcess.load({ ...bundle, code }, noPorts, { ...defaultLimits, logLine: ${logLine} });
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const call = { tenantId: 't', idempotencyKey: 'k', askedAt: new Date(), now: new Date(), log };
      tool.run({}, call, 5000).catch(() => {});
      setTimeout(() => process.exit(), 300);`;
    const alive = 'setInterval(() => {}, 1000);';
    const parent = spawn(process.execPath, ['--input-type=module', '-e', alive + script], {
      stdio: 'inherit',
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    expect(await once(parent, 'exit')).toEqual([0, null]);
    await vi.waitFor(() => expect(running()).toBe(0), 5_000);
  });

  it('does not keep the process that started it from ending', async () => {
    const script = `
      import { CodeProcess } from '${root}shared/tools/code/codeProcess.ts';
      import { bundle, noPorts } from '${root}test/fixtures/tools/code/plain.ts';
      const alive = setInterval(() => {}, 1000);
      const tool = await CodeProcess.load(bundle, noPorts);
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const call = { tenantId: 't', idempotencyKey: 'k', askedAt: new Date(), now: new Date(), log };
      console.log(await tool.run({}, call, 5000));
      clearInterval(alive);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    expect(printed.toString()).toBe('plain\n');
    if (parent.exitCode === null) expect(await once(parent, 'exit')).toEqual([0, null]);
  });
});
