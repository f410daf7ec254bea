import { describe, expect, it } from 'vitest';
import { Instances } from '../../../../shared/tools/live/instances.ts';
import { ToolJournal } from '../../../../shared/tools/live/journal.ts';
import { ToolReporter } from '../../../../shared/tools/live/reporter.ts';
import { toolsStatus } from '../../../../shared/tools/live/status.ts';
import { type Manifest, manifestSchema } from '../../../../shared/tools/manifest/manifest.ts';
import { createToolRegistry } from '../../../../shared/tools/registry.ts';
import { ToolStatistics } from '../../../../shared/tools/statistics.ts';
import { createToolSet } from '../../../../shared/tools/toolSet.ts';
import { memoryLog } from '../../../support/http.ts';
import { tool } from '../../../support/mcpWorld.ts';
import { entryOf, manifestOf, testKey, toolContext, toolWorld } from '../../../support/publishedTools.ts';

/** An instance that tells of itself, with time that passes at every look. */
function reporting() {
  const world = toolWorld();
  const statistics = new ToolStatistics();
  const instances = new Instances(world.stores.tables);
  const now = () => world.clock.now;
  const reporter = new ToolReporter({
    instance: 'i',
    instances,
    journal: new ToolJournal(world.stores.blobs, 'i', now),
    statistics,
    log: memoryLog().log,
    now,
  });
  const tools = world.instance({
    report: (event) => reporter.report(event),
    looked: (live) => reporter.looked(live),
  });
  const registry = createToolRegistry(tools, { statistics });
  const look = async () => {
    world.pass(1_000);
    await tools.refresh();
  };
  const status = () => toolsStatus([reporter.beat(tools)]);
  return {
    world,
    instances,
    look,
    async publish(sequence: number, bundles: Record<string, string>, given: Partial<Manifest> = {}) {
      const entries = Object.entries(bundles).map(([name, bundle]) => [
        name,
        entryOf(bundle, { version: bundle }),
      ]);
      await world.publish(manifestOf(sequence, Object.fromEntries(entries), given), Object.values(bundles));
      await look();
    },
    call: (name: string) => registry.run(name, {}, toolContext(), 1_000),
    problems: () => status().instances[0]?.problems ?? [],
    status,
    /** `name version: instances, calls, errors, dead letters` of each version. */
    told: () =>
      status().tools.map(
        ({ name, version, instances: live, calls, errors, deadLetters }) =>
          `${name} ${version}: ${live}, ${calls}, ${errors}, ${deadLetters.map(({ reason }) => reason)}`,
      ),
    async lines() {
      const bytes = await world.stores.blobs.get('tools-journal', '2026-11-21/i.jsonl');
      return Buffer.from(bytes ?? [])
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
}

describe('figures', () => {
  it('are those of the version, not of its name', async () => {
    const { publish, call, told } = reporting();
    await publish(1, { echo: 'one', other: 'a' });
    for (let i = 0; i < 3; i++) await call('echo');
    await call('other');
    expect(told()).toEqual(['echo one: 1, 3, 0, ', 'other a: 1, 1, 0, ']);
    await publish(2, { echo: 'two', other: 'a' });
    expect(told()).toEqual(['echo two: 1, 0, 0, ', 'other a: 1, 1, 0, ']);
  });
});

describe('a dead letter', () => {
  it('stands with its version, with who published it', async () => {
    const { publish, status, told, problems } = reporting();
    await publish(1, { echo: 'one' });
    await publish(2, { echo: 'broken', fresh: 'broken too' });
    expect(told()).toEqual([
      'echo one: 1, 0, 0, ',
      'echo broken: 0, 0, 0, load',
      'fresh broken too: 0, 0, 0, load',
    ]);
    expect(problems()).toEqual([]);
    expect(status().tools[2]).toEqual({
      name: 'fresh',
      kind: 'code',
      version: 'broken too',
      sha256: entryOf('broken too').sha256,
      publisher: 'tester',
      calls: 0,
      errors: 0,
      instances: 0,
      deadLetters: [
        {
          instance: 'i',
          at: '2026-11-21T10:00:02.000Z',
          reason: 'load',
          message: 'It does not start.',
          sequence: 2,
        },
      ],
    });
  });

  it('stays while another tool is published, and between two attempts', async () => {
    const { publish, look, told } = reporting();
    await publish(1, { echo: 'broken' });
    await publish(2, { echo: 'broken', other: 'a' });
    await look();
    expect(told()).toEqual(['echo broken: 0, 0, 0, load', 'other a: 1, 0, 0, ']);
  });

  it('is told of what is planned', async () => {
    const { publish, told, world, look } = reporting();
    const next = {
      activeFrom: '2026-11-21T10:01:00Z',
      tools: { echo: entryOf('broken', { version: 'broken' }) },
    };
    await publish(1, { echo: 'one' }, { next });
    expect(told()).toEqual(['echo one: 1, 0, 0, ', 'echo broken: 0, 0, 0, missing']);
    world.pass(60_000);
    await look();
    expect(told()).toEqual(['echo one: 1, 0, 0, ', 'echo broken: 0, 0, 0, missing']);
  });

  it('is in the journal as it was, whatever the status leaves out', async () => {
    const { publish, lines } = reporting();
    await publish(1, { echo: 'broken' });
    await publish(2, {});
    expect((await lines()).map(({ kind, name }) => [kind, name])).toEqual([
      ['dead-letter', 'echo'],
      ['swapped', undefined],
      ['swapped', undefined],
    ]);
  });
});

describe('a dead letter', () => {
  it('goes when the version loads at last', async () => {
    const { world, publish, look, told } = reporting();
    await publish(1, { echo: 'one' });
    await publish(2, { echo: 'one' }, { tools: { echo: entryOf('late', { version: 'late' }) } });
    expect(told()).toEqual(['echo one: 1, 0, 0, ', 'echo late: 0, 0, 0, missing']);
    await world.blobs.putBundle(Buffer.from('late'));
    world.pass(30_000);
    await look();
    expect(told()).toEqual(['echo late: 1, 0, 0, ']);
  });

  it.each([
    ['is replaced by one that loads', { echo: 'three' }, ['echo three: 1, 0, 0, ']],
    ['gives way to the one before', { echo: 'one' }, ['echo one: 1, 0, 0, ']],
    ['is removed', {}, []],
  ] as const)('goes when the version %s', async (_, bundles, expected) => {
    const { publish, told } = reporting();
    await publish(1, { echo: 'one' });
    await publish(2, { echo: 'broken' });
    expect(told()).toEqual(['echo one: 1, 0, 0, ', 'echo broken: 0, 0, 0, load']);
    await publish(3, bundles);
    expect(told()).toEqual(expected);
  });

  it.each([
    ['removed', { b: 'b' }, []],
    ['denied', { a: 'broken', b: 'b' }, ['a']],
  ] as const)('goes when a tool that was never loaded is %s', async (_what, bundles, deny) => {
    const { publish, told } = reporting();
    await publish(1, { a: 'broken' });
    expect(told()).toEqual(['a broken: 0, 0, 0, load']);
    await publish(2, { ...bundles }, { deny: [...deny] });
    expect(told()).toEqual(['b b: 1, 0, 0, ']);
  });

  it('is of the other words, where the bundle is the one that is live', async () => {
    const { publish, told } = reporting();
    await publish(1, { echo: 'one' });
    const wrong = entryOf('one', { version: 'one', inputSchema: { type: 'array' } });
    await publish(2, { echo: 'one' }, { tools: { echo: wrong } });
    expect(told()).toEqual(['echo one: 1, 0, 0, schema']);
  });
});

describe('a refusal', () => {
  it('stands under the instance until a manifest is taken', async () => {
    const { world, publish, look, problems } = reporting();
    await publish(1, { echo: 'one', late: 'broken' });
    await world.publish(manifestOf(2, {}), [], [testKey('stranger').signing]);
    await look();
    expect(problems()).toMatchObject([
      { kind: 'refused', refusal: 'unsigned', at: '2026-11-21T10:00:02.000Z' },
    ]);
    await publish(3, {});
    expect(problems()).toEqual([]);
  });

  it('is not taken back by a tool of the manifest before that loads at last', async () => {
    const { world, publish, look, problems, told } = reporting();
    await publish(1, {}, { tools: { echo: entryOf('late', { version: 'late' }) } });
    await world.publish(manifestOf(2, {}), [], [testKey('stranger').signing]);
    await look();
    await world.blobs.putBundle(Buffer.from('late'));
    await world.publish(manifestOf(1, { echo: entryOf('late', { version: 'late' }) }));
    world.pass(30_000);
    for (let i = 0; i < 3; i++) await look();
    expect(told()).toEqual(['echo late: 1, 0, 0, ']);
    expect(problems()[0]).toMatchObject({ refusal: 'unsigned' });
  });

  it('is one of the last twenty', async () => {
    const { world, look, problems } = reporting();
    for (let i = 1; i <= 22; i++) {
      await world.publish(manifestOf(i, {}), [], [testKey(`stranger-${i}`).signing]);
      await look();
    }
    expect(problems()).toHaveLength(20);
    expect(problems()[0]?.at).toBe('2026-11-21T10:00:03.000Z');
  });
});

describe('all that a manifest can hold', () => {
  it('fits into the row of an instance, whatever went wrong', async () => {
    const { tables } = toolWorld().stores;
    const at = new Date('2026-11-21T10:00:00Z');
    const statistics = new ToolStatistics();
    const reporter = new ToolReporter({
      instance: 'i',
      instances: new Instances(tables),
      journal: new ToolJournal({ append: async () => {} }, 'i', () => at),
      statistics,
      log: memoryLog().log,
      now: () => at,
    });
    const names = Array.from({ length: 200 }, (_, i) => `t${String(i).padStart(39, '0')}`);
    const entry = entryOf('x', { version: '"'.repeat(40), publisher: '\\'.repeat(80) });
    const entries = Object.fromEntries(names.map((name) => [name, entry]));
    expect(manifestSchema.safeParse(manifestOf(1, entries)).error).toBeUndefined();
    const set = createToolSet(names.map((name) => tool(name, [], { kind: 'code', version: entry.version })));
    for (const one of set.tools) statistics.note(one, 12_345.678, true);
    const loaded = new Map(
      set.tools.map((one) => [one.name, { tool: one, entry, since: at, retire: () => {} }]),
    );
    const message = '\u0000"\\'.repeat(1_000);
    for (const name of names) {
      const { version } = entry;
      const letter = {
        name,
        version,
        sha256: entryOf('y').sha256,
        sequence: 1e15,
        reason: 'self-test',
        message,
      } as const;
      reporter.report({ kind: 'dead-letter', cause: undefined, ...letter });
    }
    for (let i = 0; i < 20; i++) reporter.report({ kind: 'refused', refusal: 'invalid', problem: message });
    const failed = Object.fromEntries(names.map((name) => [name, { ...entry, sha256: entryOf('y').sha256 }]));
    const beat = reporter.beat({ current: () => set, loaded, manifest: manifestOf(1, failed) });
    expect([beat.tools.length, beat.problems.length]).toEqual([200, 220]);
    await new Instances(tables).beat(beat);
    const [row] = await Array.fromAsync(tables.list('instances', 'tools', 'i|'));
    const texts = Object.values(row ?? {}).filter((value) => typeof value === 'string');
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(32_768);
    expect(2 * texts.join('').length).toBeLessThan(1_000_000);
    expect(await new Instances(tables).list(new Date(0))).toEqual([beat]);
  });
});
