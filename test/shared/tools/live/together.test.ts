import { describe, expect, it, vi } from 'vitest';
import { createToolRegistry } from '../../../../shared/tools/registry.ts';
import { entryOf, manifestOf, toolContext, toolWorld } from '../../../support/publishedTools.ts';

/** Tools as an instance has them; the bundles that are held up load once they are let go. */
function held(...names: string[]) {
  const gate = Promise.withResolvers<void>();
  const started: string[] = [];
  const world = toolWorld({
    runners: {
      http: vi.fn(),
      async code(_name, _entry, bundle) {
        const text = Buffer.from(bundle).toString();
        started.push(text);
        if (names.includes(text)) await gate.promise;
        return { run: async () => text, retire: () => {} };
      },
    },
  });
  return { world, started, letGo: gate.resolve };
}

describe('what is published together', () => {
  const version = (sequence: number) => {
    const [a, b] = [`a${sequence}`, `b${sequence}`];
    return { manifest: manifestOf(sequence, { a: entryOf(a), b: entryOf(b) }), bundles: [a, b] };
  };

  it('is used together: nothing of it while a part is still being loaded', async () => {
    const { world, started, letGo } = held('b2');
    const tools = world.instance();
    const registry = createToolRegistry(tools);
    const answers = async () => {
      const outcomes = ['a', 'b'].map((name) => registry.run(name, {}, toolContext(), 1_000));
      return (await Promise.all(outcomes)).map((outcome) => outcome.ok && outcome.result);
    };
    const [first, second] = [version(1), version(2)];
    await world.publish(first.manifest, first.bundles);
    await tools.refresh();
    await world.publish(second.manifest, second.bundles);
    const refreshed = tools.refresh();
    await vi.waitFor(() => expect(started).toEqual(['a1', 'b1', 'a2', 'b2']));
    expect(await answers()).toEqual(['a1', 'b1']);
    expect(tools.current().sequence).toBe(1);
    letGo();
    await refreshed;
    expect(await answers()).toEqual(['a2', 'b2']);
    expect(world.events).toEqual([
      { kind: 'swapped', sequence: 1, loaded: ['a', 'b'], removed: [] },
      { kind: 'swapped', sequence: 2, loaded: ['a', 'b'], removed: [] },
    ]);
  });

  it('is loaded once, however many look while it is', async () => {
    const { world, started, letGo } = held('a1');
    const tools = world.instance();
    const { manifest, bundles } = version(1);
    await world.publish(manifest, bundles);
    const looks = [tools.refresh(), tools.refresh(), tools.ready(5_000)];
    await vi.waitFor(() => expect(started).toEqual(['a1', 'b1']));
    tools.current();
    letGo();
    await Promise.all(looks);
    expect(started).toEqual(['a1', 'b1']);
  });
});

describe('a tool that could not be loaded at first', () => {
  it('is there with its next version', async () => {
    const world = toolWorld();
    const tools = world.instance();
    for (const [index, bundle] of ['broken', 'broken again', 'mended'].entries()) {
      await world.publish(manifestOf(index + 1, { echo: entryOf(bundle) }), [bundle]);
      await tools.refresh();
    }
    const outcome = await createToolRegistry(tools).run('echo', {}, toolContext(), 1_000);
    expect(outcome).toEqual({ ok: true, result: 'mended' });
  });

  it('is not even started where its arguments cannot be checked', async () => {
    const start = vi.fn();
    const world = toolWorld({ runners: { http: start, code: start } });
    const entry = entryOf('one', { inputSchema: { type: 'array' } });
    await world.publish(manifestOf(1, { echo: entry }), ['one']);
    await world.instance().refresh();
    expect(world.events).toMatchObject([{ kind: 'dead-letter', reason: 'schema' }, { kind: 'swapped' }]);
    expect(start).not.toHaveBeenCalled();
  });
});
