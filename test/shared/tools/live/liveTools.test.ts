import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createToolRegistry } from '../../../../shared/tools/registry.ts';
import { defineTool } from '../../../../shared/tools/tool.ts';
import { entryOf, manifestOf, testKey, toolContext, toolWorld } from '../../../support/publishedTools.ts';

type World = ReturnType<typeof toolWorld>;

/** What a call of the tool answers after the instance has looked. */
async function answerOf(tools: ReturnType<World['instance']>, name = 'echo', tenantId = 'acme') {
  await tools.refresh();
  const outcome = await createToolRegistry(tools).run(name, {}, toolContext({ tenantId }), 1_000);
  return outcome.ok ? outcome.result : outcome.error;
}

const unknown = 'Unknown tool: echo.';
const echo = (bundle: string, given = {}) => ({ echo: entryOf(bundle, given) });

describe('a manifest', () => {
  it('brings tools, changes them and takes them away', async () => {
    const world = toolWorld();
    const tools = world.instance();
    expect(await answerOf(tools)).toBe(unknown);
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifestOf(2, echo('two')), ['two']);
    expect(await answerOf(tools)).toBe('two');
    expect(tools.current().sequence).toBe(2);
    await world.publish(manifestOf(3, {}));
    expect(await answerOf(tools)).toBe(unknown);
    expect(world.events).toEqual([
      { kind: 'swapped', sequence: 1, loaded: ['echo'], removed: [] },
      { kind: 'swapped', sequence: 2, loaded: ['echo'], removed: [] },
      { kind: 'swapped', sequence: 3, loaded: [], removed: ['echo'] },
    ]);
  });

  it('goes back to an older version under a new sequence', async () => {
    const world = toolWorld();
    const tools = world.instance();
    for (const [sequence, bundle] of [
      [1, 'one'],
      [2, 'two'],
      [3, 'one'],
    ] as const) {
      await world.publish(manifestOf(sequence, echo(bundle)), [bundle]);
      expect(await answerOf(tools)).toBe(bundle);
    }
  });

  it('is looked at no more often than told, and behind the answer', async () => {
    const world = toolWorld();
    const tools = world.instance();
    const look = vi.spyOn(world.blobs, 'manifest');
    await tools.ready(1_000);
    expect(look).toHaveBeenCalledTimes(1);
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(tools.current().tools).toEqual([]);
    world.pass(5_000);
    expect(tools.current().tools).toEqual([]);
    expect(tools.current().tools).toEqual([]);
    await tools.refresh();
    expect(look).toHaveBeenCalledTimes(2);
    expect(tools.current().tools.map(({ name }) => name)).toEqual(['echo']);
  });

  it('makes only the first asker wait, and not for ever', async () => {
    const world = toolWorld();
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect((await world.instance().ready(1_000)).find('echo', 'acme')?.version).toBe('1');
    const stuck = world.instance();
    vi.spyOn(world.blobs, 'manifest').mockReturnValue(new Promise(() => {}));
    expect((await stuck.ready(20)).tools).toEqual([]);
  });

  it('that is not there, or cannot be read, changes nothing', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(await answerOf(tools)).toBe('one');
    await world.stores.blobs.delete('tools', 'manifest.json');
    expect(await answerOf(tools)).toBe('one');
    vi.spyOn(world.blobs, 'manifest').mockRejectedValue(new Error('down'));
    expect(await answerOf(tools)).toBe('one');
    expect(world.events.map(({ kind }) => kind)).toEqual(['swapped', 'unavailable']);
  });

  it('is looked at again where storage failed half-way', async () => {
    const world = toolWorld();
    const floor = {
      read: vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue(0),
      raise: vi.fn(),
    };
    const tools = world.instance({ floor });
    await world.publish(manifestOf(1, echo('one')), ['one']);
    await tools.refresh();
    expect(tools.current().tools).toEqual([]);
    expect(await answerOf(tools)).toBe('one');
  });

  it('is given to a tenant only where its entry says so', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('one', { tenants: ['acme'] })), ['one']);
    expect(await answerOf(tools)).toBe('one');
    expect(await answerOf(tools, 'echo', 'other')).toBe(unknown);
  });
});

describe('what is planned', () => {
  const later = '2026-11-21T10:00:10Z';
  const plan = (sequence: number, now: string, then: string) =>
    manifestOf(sequence, echo(now), { next: { activeFrom: later, tools: echo(then) } });

  it('is loaded first and used later, by all instances together, one that begins meanwhile as well', async () => {
    const world = toolWorld();
    const [a, b] = [world.instance(), world.instance()];
    await world.publish(manifestOf(1, echo('one')), ['one']);
    await Promise.all([a.refresh(), b.refresh()]);
    await world.publish(plan(2, 'one', 'two'), ['two']);
    expect(await answerOf(a)).toBe('one');
    const fresh = world.instance();
    expect(await answerOf(fresh)).toBe('one');
    world.pass(9_999);
    expect(await answerOf(b)).toBe('one');
    world.pass(1);
    expect([await answerOf(a), await answerOf(b), await answerOf(fresh)]).toEqual(['two', 'two', 'two']);
    expect(await answerOf(world.instance())).toBe('two');
  });

  it('is used at its time without another look', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(plan(1, 'one', 'two'), ['one', 'two']);
    await tools.refresh();
    const look = vi.spyOn(world.blobs, 'manifest').mockReturnValue(new Promise(() => {}));
    const run = async () =>
      await createToolRegistry(tools).run('echo', {}, toolContext({ now: world.clock.now }), 1_000);
    expect(await run()).toEqual({ ok: true, result: 'one' });
    world.pass(10_000);
    expect(await run()).toEqual({ ok: true, result: 'two' });
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('is never used where it is taken back before', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(plan(1, 'one', 'two'), ['one', 'two']);
    await tools.refresh();
    await world.publish(manifestOf(2, echo('one')));
    expect(await answerOf(tools)).toBe('one');
    world.pass(20_000);
    expect(await answerOf(tools)).toBe('one');
    await vi.waitFor(() => expect(world.retired).toEqual(['two']), 3_000);
  });

  it('is not used early where what replaces it does not load', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(plan(1, 'one', 'two'), ['one', 'two']);
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifestOf(2, echo('broken')), ['broken']);
    expect(await answerOf(tools)).toBe('one');
  });
});

describe('what is not taken', () => {
  const refusals = (world: World) =>
    world.events.flatMap((event) => (event.kind === 'refused' ? [event.refusal] : []));

  it('another key, a forged signature, another document: the old tools stay', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifestOf(2, echo('two')), ['two'], [testKey('stranger').signing]);
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifestOf(2, echo('two')), ['two'], [testKey('main').signing]);
    expect(await answerOf(tools)).toBe('one');
    await world.stores.blobs.put('tools', 'manifest.json', Buffer.from('{}'));
    expect(await answerOf(tools)).toBe('one');
    expect(refusals(world)).toEqual(['unsigned', 'wrong-signature', 'unreadable']);
  });

  it('is told once, not at every look', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, {}), [], [testKey('stranger').signing]);
    for (let i = 0; i < 3; i++) await tools.refresh();
    expect(refusals(world)).toEqual(['unsigned']);
  });

  it('a manifest from before, by an instance that knew the newer and by one that did not', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(2, echo('two')), ['one', 'two']);
    expect(await answerOf(tools)).toBe('two');
    await world.publish(manifestOf(1, echo('one')));
    expect(await answerOf(tools)).toBe('two');
    expect(await answerOf(world.instance())).toBe(unknown);
    await world.publish(manifestOf(2, echo('one')));
    expect(await answerOf(tools)).toBe('two');
    expect(refusals(world)).toEqual(['replayed', 'replayed', 'replayed']);
  });

  it('is no refusal: the same once more, put back as it was', async () => {
    const world = toolWorld();
    const tools = world.instance();
    const manifest = manifestOf(1, echo('one'));
    await world.publish(manifest, ['one']);
    expect(await answerOf(tools)).toBe('one');
    await world.stores.blobs.put('tools', 'manifest.json', Buffer.from('x'));
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifest);
    expect(await answerOf(tools)).toBe('one');
    expect(refusals(world)).toEqual(['unreadable']);
  });

  it('one that has expired; what is live by then stays', async () => {
    const world = toolWorld();
    const tools = world.instance();
    const manifest = manifestOf(1, echo('one'), { expiresAt: '2026-11-21T10:00:01Z' });
    await world.publish(manifest, ['one']);
    expect(await answerOf(tools)).toBe('one');
    world.pass(1_000);
    expect(await answerOf(tools)).toBe('one');
    expect(await answerOf(world.instance())).toBe(unknown);
    expect(refusals(world)).toEqual(['expired']);
  });

  it('what is denied by name or hash, in the manifest or by a setting', async () => {
    const world = toolWorld();
    const sha256 = entryOf('one').sha256;
    const bySetting = [world.instance({ deny: ['echo'] }), world.instance({ deny: [sha256] })];
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(await answerOf(tools)).toBe('one');
    for (const instance of bySetting) expect(await answerOf(instance)).toBe(unknown);
    await world.publish(manifestOf(2, echo('one'), { deny: [sha256] }));
    expect(await answerOf(tools)).toBe(unknown);
  });
});

it('what is denied is not gone back to, where what replaces it does not load', async () => {
  const world = toolWorld();
  const tools = world.instance();
  await world.publish(manifestOf(1, echo('one')), ['one']);
  expect(await answerOf(tools)).toBe('one');
  await world.publish(manifestOf(2, echo('broken'), { deny: [entryOf('one').sha256] }), ['broken']);
  expect(await answerOf(tools)).toBe(unknown);
});

describe('a version that does not load', () => {
  const letters = (world: World) =>
    world.events.flatMap((event) => (event.kind === 'dead-letter' ? [`${event.name}: ${event.reason}`] : []));

  it('leaves the one before in place, and the other tools change', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, { ...echo('one'), other: entryOf('a') }), ['one', 'a']);
    expect(await answerOf(tools)).toBe('one');
    await world.publish(manifestOf(2, { ...echo('broken'), other: entryOf('b') }), ['broken', 'b']);
    expect(await answerOf(tools)).toBe('one');
    expect(await answerOf(tools, 'other')).toBe('b');
    expect(letters(world)).toEqual(['echo: load']);
    await world.publish(manifestOf(3, { ...echo('three'), other: entryOf('b') }), ['three']);
    expect(await answerOf(tools)).toBe('three');
  });

  it('is not there where there was none before', async () => {
    const world = toolWorld();
    await world.publish(manifestOf(1, echo('broken')), ['broken']);
    expect(await answerOf(world.instance())).toBe(unknown);
  });

  it.each([
    ['missing', 'one', entryOf('one')],
    ['size', 'one', entryOf('one', { size: 4 })],
    ['schema', 'one', entryOf('one', { inputSchema: { type: 'array' } })],
  ] as const)('because of its bundle or schema: %s', async (reason, bundle, entry) => {
    const world = toolWorld();
    await world.publish(manifestOf(1, { echo: entry }), reason === 'missing' ? [] : [bundle]);
    expect(await answerOf(world.instance())).toBe(unknown);
    expect(letters(world)).toEqual([`echo: ${reason}`]);
  });

  it('because its bundle was swapped in storage', async () => {
    const world = toolWorld();
    const entry = entryOf('one');
    await world.publish(manifestOf(1, { echo: entry }));
    const name = `bundles/sha256/${entry.sha256}`;
    await world.stores.blobs.put('tools', name, Buffer.from('two'));
    expect(await answerOf(world.instance())).toBe(unknown);
    expect(letters(world)).toEqual(['echo: hash']);
  });

  it('is told of in words of a length that a log can bear', async () => {
    const world = toolWorld();
    const properties = { ['x'.repeat(16_000)]: { type: 'none' } };
    const entry = entryOf('one', { inputSchema: { type: 'object', properties } });
    await world.publish(manifestOf(1, { echo: entry }), ['one']);
    expect(await answerOf(world.instance())).toBe(unknown);
    const message = expect.stringMatching(/^inputSchema: .{400,486}…$/);
    expect(world.events).toContainEqual(expect.objectContaining({ reason: 'schema', message }));
  });

  it('because a tool of the deployment has its name', async () => {
    const world = toolWorld();
    const own = defineTool({
      name: 'echo',
      description: 'e',
      input: z.object({}),
      run: async () => 'built in',
    });
    const tools = world.instance({ builtIns: [own] });
    await world.publish(manifestOf(1, echo('one')), ['one']);
    expect(await answerOf(tools)).toBe('built in');
    expect(letters(world)).toEqual(['echo: built-in']);
  });

  it('is tried again after half a minute, then ever more rarely', async () => {
    const world = toolWorld();
    const tools = world.instance();
    const entry = entryOf('one');
    await world.publish(manifestOf(1, { echo: entry }));
    const count = async (ms: number) => {
      world.pass(ms);
      await tools.refresh();
      return letters(world).length;
    };
    expect(await count(0)).toBe(1);
    expect(await count(29_999)).toBe(1);
    expect(await count(1)).toBe(2);
    expect(await count(59_999)).toBe(2);
    expect(await count(1)).toBe(3);
    await world.blobs.putBundle(Buffer.from('one'));
    world.pass(120_000);
    expect(await answerOf(tools)).toBe('one');
    expect(world.events.at(-1)).toEqual({ kind: 'swapped', sequence: 1, loaded: ['echo'], removed: [] });
    expect(await count(1_000_000)).toBe(3);
  });

  it('is forgotten with its tool', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('broken')), ['broken']);
    await tools.refresh();
    await world.publish(manifestOf(2, {}));
    await tools.refresh();
    world.pass(60_000);
    await tools.refresh();
    expect(letters(world)).toHaveLength(1);
  });
});

describe('calls under way', () => {
  it('finish on the version they began with, which is ended after them', async () => {
    const hold = Promise.withResolvers<void>();
    const retired: string[] = [];
    const world = toolWorld({
      runners: {
        http: vi.fn(),
        code: async (_name, _entry, bundle) => ({
          run: async () => {
            await hold.promise;
            return Buffer.from(bundle).toString();
          },
          retire: () => retired.push(Buffer.from(bundle).toString()),
        }),
      },
    });
    const tools = world.instance();
    const registry = createToolRegistry(tools);
    await world.publish(manifestOf(1, echo('one', { timeoutMs: 15_000 })), ['one']);
    await tools.refresh();
    const call = registry.run('echo', {}, toolContext(), 15_000);
    await world.publish(manifestOf(2, echo('two', { timeoutMs: 15_000 })), ['two']);
    await tools.refresh();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(retired).toEqual([]);
    hold.resolve();
    expect(await call).toEqual({ ok: true, result: 'one' });
    expect(retired).toEqual(['one']);
    expect(await registry.run('echo', {}, toolContext(), 1_000)).toEqual({ ok: true, result: 'two' });
  });

  it('find what they hold unchanged', async () => {
    const world = toolWorld();
    const tools = world.instance();
    await world.publish(manifestOf(1, echo('one')), ['one']);
    await tools.refresh();
    const before = tools.current();
    await world.publish(manifestOf(2, {}));
    await tools.refresh();
    expect(before.find('echo', 'acme')).toBeDefined();
    expect(Object.isFrozen(before)).toBe(true);
    expect(Object.isFrozen(before.tools)).toBe(true);
  });
});
