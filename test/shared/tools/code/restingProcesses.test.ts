import { expect, it, vi } from 'vitest';
import { CodeProcess } from '../../../../shared/tools/code/codeProcess.ts';
import { defaultLimits } from '../../../../shared/tools/code/limits.ts';
import { RestingProcesses } from '../../../../shared/tools/code/restingProcesses.ts';
import { bundle, bundleOf, contextOf, marked, noPorts } from './setup.ts';

it('keeps twelve, and ends the one that has rested longest', () => {
  const resting = new RestingProcesses();
  const ended: number[] = [];
  const owners = Array.from({ length: 14 }, (_, i) => ({ end: () => void ended.push(i) }));
  for (const owner of owners.slice(0, 12)) resting.rests(owner, owner.end);
  const [first, second] = owners;
  if (first) resting.rests(first, first.end);
  if (second) resting.wakes(second);
  for (const owner of owners.slice(12)) resting.rests(owner, owner.end);
  expect(ended).toEqual([2]);
});

it('a tool whose process was ended for others is there as before', async () => {
  const { logLine, running } = marked();
  const limits = { ...defaultLimits, logLine };
  const resting = new RestingProcesses();
  const tools: CodeProcess[] = [];
  try {
    for (let i = 0; i < 14; i++)
      tools.push(await CodeProcess.load(bundle(bundleOf(`return ${i}`)), noPorts, limits, resting));
    await vi.waitFor(() => expect(running()).toBe(12), 5_000);
    for (const [i, tool] of tools.entries()) expect(await tool.run({}, contextOf(), 5_000)).toBe(i);
    await vi.waitFor(() => expect(running()).toBe(12), 5_000);
  } finally {
    await Promise.all(tools.map((tool) => tool.retire()));
  }
  await vi.waitFor(() => expect(running()).toBe(0), 5_000);
}, 30_000);
