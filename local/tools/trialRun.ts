import { createSafeFetch } from '../../shared/net/safeFetch.ts';
import { MemoryTableStore } from '../../shared/storage/memory/memoryTableStore.ts';
import { createLogger } from '../../shared/telemetry/logger.ts';
import { startTool } from '../../shared/tools/live/loadTool.ts';
import { OnceOnly } from '../../shared/tools/live/onceOnly.ts';
import { createRunners } from '../../shared/tools/live/runners.ts';
import { createToolRegistry, fixedSource, type ToolOutcome } from '../../shared/tools/registry.ts';
import { toolSecrets } from '../../shared/tools/settings.ts';
import type { BuiltTool } from './builtTool.ts';
import { trialEntry } from './trialEntry.ts';
import { whileAwake } from './whileAwake.ts';

/** Lines of the tool's own, beside what it answered. */
const errorLines = (line: string) => console.error(line);
const log = createLogger(
  { debug: errorLines, info: errorLines, warn: errorLines, error: errorLines },
  'debug',
);

/**
 * Calls a tool that was built once, as an assistant would: over the network, with the secrets of `env`. What it changes
 * elsewhere is changed.
 */
export function tryTool(
  { name, draft, bundle }: BuiltTool,
  args: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ToolOutcome> {
  return whileAwake(async () => {
    const now = new Date();
    const { tool, entry, retire } = await startTool(name, trialEntry(name, draft), bundle, {
      runners: createRunners({ fetch: createSafeFetch(), secret: toolSecrets(env) }),
      once: new OnceOnly(new MemoryTableStore()),
      now: () => now,
    });
    const context = { tenantId: draft.tenants?.[0] ?? 'trial', caller: undefined, conversationId: undefined };
    const idempotencyKey = `trial:${now.toISOString()}`;
    try {
      return await createToolRegistry(fixedSource([tool])).run(
        name,
        args,
        { ...context, idempotencyKey, askedAt: now, now, log },
        entry.timeoutMs,
      );
    } finally {
      retire();
    }
  });
}
