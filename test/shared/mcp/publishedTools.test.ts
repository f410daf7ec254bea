import { expect, it } from 'vitest';
import { createToolRegistry } from '../../../shared/tools/registry.ts';
import { createMcp } from '../../support/mcpWorld.ts';
import { entryOf, manifestOf, toolWorld } from '../../support/publishedTools.ts';

it('a tool is listed and run as it is published by then, whatever a client has listed before', async () => {
  const world = toolWorld();
  const live = world.instance();
  const mcp = await createMcp({
    functions: ['echo', 'rain'],
    deps: { tenantTools: { registry: createToolRegistry(live), timeoutMs: 1_000 } },
  });
  const listed = async () => {
    const { result } = await mcp.ask('tools/list');
    expect(result).toMatchObject({ ttlMs: 5_000, cacheScope: 'private' });
    return (result.tools as { name: string; description: string }[]).map(
      ({ name, description }) => `${name}: ${description}`,
    );
  };
  const call = async (name: string) => {
    const { result, error } = await mcp.ask('tools/call', { name });
    return error?.code ?? result.content[0].text;
  };
  let sequence = 0;
  const publish = async (tools: Record<string, string>) => {
    const entries = Object.entries(tools).map(
      ([name, bundle]) => [name, entryOf(bundle, { description: `Says ${bundle}` })] as const,
    );
    await world.publish(manifestOf(++sequence, Object.fromEntries(entries)), Object.values(tools));
    await live.refresh();
  };
  expect(await listed()).toEqual([]);
  await publish({ echo: 'one' });
  expect(await listed()).toEqual(['echo: Says one']);
  expect(await call('echo')).toBe('one');
  await publish({ echo: 'two', rain: 'wet' });
  expect(await listed()).toEqual(['echo: Says two', 'rain: Says wet']);
  expect([await call('echo'), await call('rain')]).toEqual(['two', 'wet']);
  await publish({ rain: 'wet' });
  expect(await listed()).toEqual(['rain: Says wet']);
  expect(await call('echo')).toBe(-32602);
});
