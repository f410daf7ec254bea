import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bundleOf, contextOf, load } from './setup.ts';

const quick = bundleOf('return input');
const lateMs = 1_500;
const endless = [
  ['a loop', 'for (;;) {}'],
  ['a loop that makes garbage', 'let a; for (;;) { a = { x: new Array(1000).fill(1) } }'],
  [
    'a loop of microtasks',
    '(function again() { Promise.resolve().then(again) })(); await new Promise(() => {})',
  ],
  ['a regular expression', "/^(a+)+$/.test('a'.repeat(60) + 'b')"],
  ['a result that takes for ever to write', 'return { toJSON() { for (;;) {} } }'],
] as const;

/** The longest time that this process's timers were late, while `work` ran. */
async function driftDuring(work: () => Promise<unknown>): Promise<number> {
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  await work();
  clearInterval(timer);
  return longest;
}

describe('a tool that does not come back', () => {
  it.each(endless)('in %s delays nobody else, is killed, and started again', async (_, body) => {
    const hostile = await load(bundleOf(`if (input.well) return 'well'; ${body}`));
    const other = await load(quick);
    const began = performance.now();
    const run = hostile.run({}, contextOf(), lateMs).catch((error: unknown) => error);
    const durations: number[] = [];
    const drift = await driftDuring(async () => {
      for (let i = 0; i < 20; i++) {
        const at = performance.now();
        expect(await other.run({ i }, contextOf(), 5_000)).toEqual({ i });
        durations.push(performance.now() - at);
        await sleep(15);
      }
    });
    expect(await run).toMatchObject({ code: 'timeout' });
    expect(performance.now() - began).toBeGreaterThan(lateMs - 10);
    // Whatever waited for the hostile one would have waited until its deadline.
    expect(Math.max(...durations)).toBeLessThan(lateMs / 2);
    expect(drift).toBeLessThan(lateMs / 2);
    await sleep(1_000);
    expect(await hostile.run({ well: true }, contextOf(), 5_000)).toBe('well');
  });

  it('because its promise never settles keeps its process, which is told', async () => {
    const tool = await load(
      `let [told, calls] = [0, 0]; ${bundleOf(
        "if (++calls > 1) return [told, calls]; ctx.signal.addEventListener('abort', () => told++); await new Promise(() => {})",
      )}`,
    );
    await expect(tool.run({}, contextOf(), 100)).rejects.toMatchObject({ code: 'timeout' });
    await sleep(400);
    expect(await tool.run({}, contextOf(), 5_000)).toEqual([1, 2]);
  });

  it('is not taken for hanging because this process was held up', async () => {
    const tool = await load(
      `let calls = 0; ${bundleOf('if (++calls > 1) return calls; await new Promise(() => {})')}`,
    );
    await expect(tool.run({}, contextOf(), 100)).rejects.toMatchObject({ code: 'timeout' });
    for (const until = performance.now() + 600; performance.now() < until; );
    await sleep(100);
    expect(await tool.run({}, contextOf(), 5_000)).toBe(2);
  });

  it('after it has answered is ended as well', async () => {
    const tool = await load(
      `const born = Math.random(); ${bundleOf('if (input.loop) setTimeout(() => { for (;;) {} }, 10); return born')}`,
    );
    const first = await tool.run({ loop: true }, contextOf(), 5_000);
    await sleep(2_500);
    const second = await tool.run({}, contextOf(), 1_000);
    expect(second).not.toBe(first);
  });

  it('is held to its own time where that is shorter', async () => {
    const tool = await load(bundleOf('await new Promise(() => {})'), { bundle: { timeoutMs: 50 } });
    const began = performance.now();
    await expect(tool.run({}, contextOf(), 60_000)).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a tool that takes too much', () => {
  it.each([
    ['objects', 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))'],
    [
      'text',
      "let all = 'x'; const kept = []; for (;;) kept.push((all + kept.length).repeat(1000).split(''))",
    ],
    [
      'buffers',
      'const all = []; for (;;) { all.push(Buffer.alloc(1e6, 1)); await new Promise((r) => setTimeout(r, 1)) }',
    ],
    ['buffers at once', 'const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))'],
    ['stack', 'process_()\nfunction process_() { return [process_(), process_()] }'],
  ])('of %s ends alone', async (what, body) => {
    const tool = await load(bundleOf(`if (input.well) return 'well'; ${body}`));
    await expect(tool.run({}, contextOf(), 10_000)).rejects.toMatchObject({
      code: what === 'stack' ? 'threw' : 'crash',
    });
    expect(await tool.run({ well: true }, contextOf(), 5_000)).toBe('well');
  });

  it.each([
    ['a rejection that nobody sees', "Promise.reject(new Error('x')); await new Promise(() => {})"],
    ['an error in a timer', "setTimeout(() => { throw new Error('x') }, 1); await new Promise(() => {})"],
  ])('%s ends its process, and calls under way with it', async (_, body) => {
    const tool = await load(
      bundleOf(`if (input.well) { await new Promise((r) => setTimeout(r, 200)); return 'well' } ${body}`),
    );
    const beside = tool.run({ well: true }, contextOf(), 5_000).catch((error: unknown) => error);
    await expect(tool.run({}, contextOf(), 5_000)).rejects.toMatchObject({ code: 'crash' });
    expect(await beside).toMatchObject({ code: 'crash' });
    expect(await tool.run({ well: true }, contextOf(), 5_000)).toBe('well');
  });
});

describe('a call whose process ended under it', () => {
  const crashing = (sideEffect: boolean) =>
    load(
      bundleOf(
        `if (input.crash) { setTimeout(() => { throw 1 }, 50) } const from = born; await new Promise((r) => setTimeout(r, 150)); return from`,
        `sideEffect: ${sideEffect},`,
      ).replace('"use strict";', '"use strict"; const born = Math.random();'),
    );

  it('is made once more where it changes nothing', async () => {
    const tool = await crashing(false);
    const first = await tool.run({}, contextOf(), 5_000);
    // Too little is left of the one that crashes to make it again.
    const crashed = tool.run({ crash: true }, contextOf(), 90).catch((error: unknown) => error);
    const again = await tool.run({}, contextOf(), 5_000);
    expect(again).toEqual(expect.any(Number));
    expect(again).not.toBe(first);
    expect(await crashed).toMatchObject({ code: expect.stringMatching(/crash|timeout/) });
  });

  it('is not where it may have changed something', async () => {
    const tool = await crashing(true);
    const runs = [true, false].map((crash) => tool.run({ crash }, contextOf(), 5_000));
    for (const run of await Promise.allSettled(runs))
      expect(run).toMatchObject({ status: 'rejected', reason: { code: 'crash' } });
  });
});
