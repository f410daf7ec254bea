import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { Instances } from '../../../../shared/tools/live/instances.ts';
import { forgetJournals, ToolJournal } from '../../../../shared/tools/live/journal.ts';
import { ToolStatistics } from '../../../../shared/tools/statistics.ts';
import { tool } from '../../../support/mcpWorld.ts';

describe('the journal', () => {
  const lines = (bytes: Uint8Array | undefined) =>
    Buffer.from(bytes ?? [])
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);

  it('has a line for each event, in a blob a day for each writer', async () => {
    const { blobs } = createMemoryStores();
    let now = new Date('2026-11-21T23:59:59Z');
    const journal = new ToolJournal(blobs, 'instance-1', () => now);
    await journal.write({ kind: 'swapped' });
    now = new Date('2026-11-22T00:00:00Z');
    await journal.write({ kind: 'refused' });
    await journal.write({ kind: 'swapped' });
    expect(blobs.names('tools-journal')).toEqual([
      '2026-11-21/instance-1.jsonl',
      '2026-11-22/instance-1.jsonl',
    ]);
    expect(lines(await blobs.get('tools-journal', '2026-11-22/instance-1.jsonl'))).toEqual([
      { at: '2026-11-22T00:00:00.000Z', writer: 'instance-1', kind: 'refused' },
      { at: '2026-11-22T00:00:00.000Z', writer: 'instance-1', kind: 'swapped' },
    ]);
  });

  it('begins another blob before one is full', async () => {
    const names = new Map<string, number>();
    const blobs = {
      async append(_container: string, name: string) {
        names.set(name, (names.get(name) ?? 0) + 1);
      },
    };
    const journal = new ToolJournal(blobs, 'i', () => new Date('2026-11-21T00:00:00Z'));
    for (let i = 0; i < 40_001; i++) await journal.write({ kind: 'swapped' });
    expect([...names]).toEqual([
      ['2026-11-21/i.jsonl', 40_000],
      ['2026-11-21/i-1.jsonl', 1],
    ]);
  });

  it('is forgotten by days', async () => {
    const { blobs } = createMemoryStores();
    for (const day of ['2026-08-01', '2026-11-20', '2026-11-21'])
      await new ToolJournal(blobs, 'i', () => new Date(day)).write({ kind: 'swapped' });
    expect(await forgetJournals(blobs, new Date('2026-11-20T12:00:00Z'))).toBe(1);
    expect(blobs.names('tools-journal')).toEqual(['2026-11-20/i.jsonl', '2026-11-21/i.jsonl']);
  });
});

describe('instances', () => {
  const beat = (instance: string, at: string, sequence = 1) => ({
    instance,
    sequence,
    at: new Date(at).toISOString(),
    tools: [{ name: 'echo', kind: 'code', version: '1', calls: 3, errors: 1 }],
    problems: [{ at: '2026-11-21T09:00:00.000Z', kind: 'refused' }],
  });

  const bulky = {
    name: '',
    kind: 'code',
    version: '2026-11-21 10:00:00',
    sha256: 'a'.repeat(64),
    publisher: 'pipeline of the business',
    since: '2026-11-21T10:00:00.000Z',
    calls: 123_456,
    errors: 1_234,
    p50: 123.45,
    p95: 1_234.56,
  };

  it('say what they have; those that are silent are left out, and forgotten in the end', async () => {
    const instances = new Instances(createMemoryStores().tables);
    await instances.beat(beat('a', '2026-11-21T10:00:00Z', 1));
    await instances.beat(beat('b', '2026-11-21T10:00:30Z', 2));
    await instances.beat(beat('a', '2026-11-21T10:01:00Z', 2));
    await instances.raise(2);
    expect(await instances.list(new Date('2026-11-21T10:00:30Z'))).toEqual([
      beat('a', '2026-11-21T10:01:00Z', 2),
      beat('b', '2026-11-21T10:00:30Z', 2),
    ]);
    expect(await instances.list(new Date('2026-11-21T10:00:31Z'))).toHaveLength(1);
    expect(await instances.forget(new Date('2026-11-21T10:00:31Z'))).toBe(1);
    expect(await instances.list(new Date(0))).toHaveLength(1);
    expect(await instances.read()).toBe(2);
  });

  it('have all their tools however many, as the version before reads the first of them', async () => {
    const { tables } = createMemoryStores();
    const instances = new Instances(tables);
    const tools = Array.from({ length: 500 }, (_, i) => ({ ...bulky, name: `tool_${i}` }));
    const problems = Array.from({ length: 200 }, (_, i) => ({
      at: bulky.since,
      kind: 'refused',
      text: `€${i}`.repeat(90),
    }));
    const full = { ...beat('a', '2026-11-21T10:00:00Z'), tools, problems };
    await instances.beat(full);
    expect(await instances.list(new Date(0))).toEqual([full]);
    const row = await tables.get('instances', 'tools', 'i|a');
    const properties = Object.entries(row ?? {});
    expect(properties.filter(([name]) => /^tools\d*$/.test(name)).length).toBeGreaterThan(3);
    for (const [, value] of properties) expect(String(value).length).toBeLessThan(32_768);
    expect(JSON.parse(String(row?.tools)).slice(0, 2)).toEqual(tools.slice(0, 2));
    await instances.beat(beat('a', '2026-11-21T10:00:10Z'));
    expect(await instances.list(new Date(0))).toEqual([beat('a', '2026-11-21T10:00:10Z')]);
  });

  it('are read where the version before has written them', async () => {
    const { tables } = createMemoryStores();
    const { tools, problems } = beat('a', '2026-11-21T10:00:00Z');
    await tables.replace('instances', {
      partitionKey: 'tools',
      rowKey: 'i|a',
      sequence: 1,
      at: new Date('2026-11-21T10:00:00Z'),
      tools: JSON.stringify(tools),
      problems: JSON.stringify(problems),
    });
    expect(await new Instances(tables).list(new Date(0))).toEqual([beat('a', '2026-11-21T10:00:00Z')]);
  });

  it('go by the highest sequence any of them has seen', async () => {
    const instances = new Instances(createMemoryStores().tables);
    expect(await instances.read()).toBe(0);
    await Promise.all([3, 9, 5].map((sequence) => instances.raise(sequence)));
    await instances.raise(4);
    expect(await instances.read()).toBe(9);
  });
});

describe('statistics of tools', () => {
  const echo = tool('echo');

  it('count runs and errors, and tell the middle and the slow', () => {
    const statistics = new ToolStatistics();
    expect(statistics.figures(echo)).toEqual({ calls: 0, errors: 0 });
    for (let ms = 1; ms <= 100; ms++) statistics.note(echo, ms, ms % 10 === 0);
    expect(statistics.figures(echo)).toEqual({ calls: 100, errors: 10, p50: 50, p95: 95 });
  });

  it('go by the last runs', () => {
    const statistics = new ToolStatistics();
    for (let i = 0; i < 1_000; i++) statistics.note(echo, i < 700 ? 1_000 : 2.345, false);
    expect(statistics.figures(echo)).toEqual({ calls: 1_000, errors: 0, p50: 2.35, p95: 2.35 });
  });

  it('are of a version: a call that ends after it was replaced does not count for the next', () => {
    const statistics = new ToolStatistics();
    const next = tool('echo', [], { version: '2' });
    for (let i = 0; i < 3; i++) statistics.note(echo, 1, true);
    expect(statistics.figures(next)).toEqual({ calls: 0, errors: 0 });
    statistics.note(echo, 1, true);
    statistics.note(next, 5, false);
    expect(statistics.figures(next)).toEqual({ calls: 1, errors: 0, p50: 5, p95: 5 });
    expect(statistics.figures(echo)).toMatchObject({ calls: 4, errors: 4 });
  });

  it('hold on to no version that nobody else has', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const statistics = new ToolStatistics();
    const gone = (() => {
      const version = tool('echo');
      statistics.note(version, 1, false);
      return new WeakRef(version);
    })();
    await vi.waitFor(() => {
      collect();
      expect(gone.deref() === undefined).toBe(true);
    });
    expect(statistics.figures(echo)).toEqual({ calls: 0, errors: 0 });
  });
});
