import { z } from 'zod';
import { createMemoryStores } from '../shared/storage/memory/memoryStores.ts';
import { startTool } from '../shared/tools/live/loadTool.ts';
import { OnceOnly } from '../shared/tools/live/onceOnly.ts';
import { createRunners } from '../shared/tools/live/runners.ts';
import { createToolRegistry, fixedSource } from '../shared/tools/registry.ts';
import { defineTool, type Tool, type ToolContext } from '../shared/tools/tool.ts';
import { codeOf, entryOf, httpOf, silent } from './toolsSamples.ts';

const context: ToolContext = {
  tenantId: 'acme',
  caller: undefined,
  conversationId: undefined,
  idempotencyKey: 'k',
  askedAt: new Date(0),
  now: new Date(0),
  log: silent,
};

/** Answers at once: what is measured is ours. */
const ports = {
  fetch: async () => ({
    kind: 'answered' as const,
    status: 200,
    headers: new Headers(),
    body: { text: '{"said":"hello"}', truncated: false },
  }),
  secret: () => undefined,
};

/** The same tool of each kind. */
async function toolsOfEachKind(): Promise<{ tools: Record<string, Tool>; stop(): void }> {
  const builtIn = defineTool({
    name: 'built_in',
    description: 'Says hello',
    input: z.object({ name: z.string() }),
    sideEffect: false,
    run: async ({ name }) => `hello ${name}`,
  });
  const once = new OnceOnly(createMemoryStores().tables);
  const http = Buffer.from(JSON.stringify(httpOf('declarative')));
  const code = Buffer.from(codeOf('code', 1));
  const deps = { runners: createRunners(ports), once, now: () => new Date() };
  const declarative = await startTool('declarative', entryOf('http', http), http, deps);
  const inProcess = await startTool('code', entryOf('code', code), code, deps);
  return {
    tools: { 'built-in': builtIn, declarative: declarative.tool, code: inProcess.tool },
    stop() {
      declarative.retire();
      inProcess.retire();
    },
  };
}

/** Microseconds of calls, one after the other, by kind. */
export async function callOverheads(rounds: number, each: number): Promise<Record<string, number[]>> {
  const { tools, stop } = await toolsOfEachKind();
  const took: Record<string, number[]> = Object.fromEntries(Object.keys(tools).map((kind) => [kind, []]));
  const registry = createToolRegistry(fixedSource(Object.values(tools)));
  for (let round = 0; round <= rounds; round++)
    for (const [kind, { name }] of Object.entries(tools))
      for (let i = 0; i < each; i++) {
        const began = performance.now();
        const outcome = await registry.run(name, { name: 'Sam' }, context, 5_000);
        if (!outcome.ok) throw new Error(outcome.error);
        // The first round only makes everything warm.
        if (round > 0) took[kind]?.push((performance.now() - began) * 1_000);
      }
  stop();
  return took;
}
