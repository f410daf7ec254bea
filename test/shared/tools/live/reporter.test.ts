import { describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { Instances } from '../../../../shared/tools/live/instances.ts';
import { ToolJournal } from '../../../../shared/tools/live/journal.ts';
import type { ToolEvent } from '../../../../shared/tools/live/liveTools.ts';
import { ToolReporter } from '../../../../shared/tools/live/reporter.ts';
import { fixedSource } from '../../../../shared/tools/registry.ts';
import { ToolStatistics } from '../../../../shared/tools/statistics.ts';
import { memoryLog } from '../../../support/http.ts';
import { entryOf, manifestOf } from '../../../support/publishedTools.ts';

const source = fixedSource([]);
const swapped: ToolEvent = { kind: 'swapped', sequence: 1, loaded: ['echo'], removed: [] };
const deadLetter = (cause: unknown): ToolEvent => ({
  kind: 'dead-letter',
  cause,
  name: 'echo',
  version: '1',
  sha256: 'a',
  reason: 'load',
  message: 'It does not start.',
  sequence: 1,
});

function world() {
  const { blobs, tables } = createMemoryStores();
  const clock = { now: new Date('2026-11-21T10:00:00Z') };
  const now = () => clock.now;
  const { log, lines } = memoryLog();
  const instances = new Instances(tables);
  const reporter = (instance = 'a') => {
    const journal = new ToolJournal(blobs, instance, now);
    const statistics = new ToolStatistics();
    return new ToolReporter({ instance, instances, journal, statistics, log, now });
  };
  return {
    blobs,
    tables,
    instances,
    reporter,
    lines,
    pass(ms: number) {
      clock.now = new Date(clock.now.getTime() + ms);
    },
    async journal(instance = 'a') {
      const bytes = await blobs.get('tools-journal', `2026-11-21/${instance}.jsonl`);
      return Buffer.from(bytes ?? []).toString();
    },
  };
}

describe('what happens to tools', () => {
  it('is told without what an error holds, in the journal and to operators', async () => {
    const { reporter, instances, journal } = world();
    const told = reporter();
    told.report(deadLetter(new Error('planted-secret-4711')));
    const manifest = manifestOf(1, { echo: entryOf('one', { sha256: 'a' }) });
    await told.looked({ ...source, manifest });
    const problem = { kind: 'dead-letter', name: 'echo', reason: 'load', message: 'It does not start.' };
    expect(JSON.parse(await journal())).toMatchObject(problem);
    const beats = await instances.list(new Date(0));
    expect(beats[0]?.problems).toEqual([expect.objectContaining(problem)]);
    expect((await journal()) + JSON.stringify(beats)).not.toContain('planted');
  });

  it('is told whatever was thrown, and disturbs nobody where it cannot be told', async () => {
    const { blobs, tables, reporter, lines } = world();
    vi.spyOn(blobs, 'append').mockRejectedValue(new Error('down'));
    vi.spyOn(tables, 'replace').mockRejectedValue(new Error('down'));
    const told = reporter();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const cause of [circle, 1n, undefined, () => {}, Symbol('s'), new Error('e', { cause: circle })])
      told.report(deadLetter(cause));
    await told.looked(source);
    await vi.waitFor(() =>
      expect(lines.filter(({ event }) => event === 'tools-journal-failed')).toHaveLength(6),
    );
    expect(lines.filter(({ event }) => event === 'tool-dead-letter')).toHaveLength(6);
    expect(lines.filter(({ event }) => event === 'tools-beat-failed')).toHaveLength(1);
  });

  it('is told at the next look where the row could not be written', async () => {
    const { tables, instances, reporter } = world();
    vi.spyOn(tables, 'replace').mockRejectedValueOnce(new Error('down'));
    const told = reporter();
    await told.looked(source);
    expect(await instances.list(new Date(0))).toEqual([]);
    await told.looked(source);
    expect(await instances.list(new Date(0))).toHaveLength(1);
  });

  it('is written by each instance for itself, line by line', async () => {
    const { reporter, journal } = world();
    const both = [reporter('a'), reporter('b')];
    for (let i = 0; i < 20; i++) for (const one of both) one.report(swapped);
    await vi.waitFor(async () => {
      for (const writer of ['a', 'b']) {
        const lines = (await journal(writer)).trimEnd().split('\n');
        expect(lines.map((line) => JSON.parse(line).writer)).toEqual(Array(20).fill(writer));
      }
    });
  });

  it('is told by its instance: news at once, and otherwise now and then', async () => {
    const { reporter, instances, pass } = world();
    const beat = vi.spyOn(instances, 'beat');
    const told = reporter();
    await told.looked(source);
    pass(14_999);
    await told.looked(source);
    expect(beat).toHaveBeenCalledTimes(1);
    told.report(swapped);
    await told.looked(source);
    expect(beat).toHaveBeenCalledTimes(2);
    pass(15_000);
    await told.looked(source);
    expect(beat).toHaveBeenCalledTimes(3);
    await told.leave();
    expect(await instances.list(new Date(0))).toEqual([]);
  });

  it('is remembered as far as the last twenty refusals', () => {
    const { reporter } = world();
    const told = reporter();
    for (let sequence = 1; sequence <= 30; sequence++)
      told.report({ kind: 'refused', refusal: 'replayed', problem: 'p', sequence });
    const { problems } = told.beat(source);
    expect(problems).toHaveLength(20);
    expect([problems[0]?.sequence, problems[19]?.sequence]).toEqual([11, 30]);
  });
});
