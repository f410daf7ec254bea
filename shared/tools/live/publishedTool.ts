import { isObject } from '../../isObject.ts';
import type { ToolEntry } from '../manifest/manifest.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { compileOrFail } from './compileOrFail.ts';
import type { Drain } from './drain.ts';
import type { OnceOnly } from './onceOnly.ts';

/** The part of a published tool that does the work. */
export interface Runner {
  run(input: Record<string, unknown>, context: ToolContext, deadlineMs: number): Promise<unknown>;
  /** Nobody calls it any more. */
  retire(): void;
}

/** JSON text of a result, characters: it is read to a model, which says it to a caller. */
const longestResult = 16_384;

/**
 * A version of a tool as the registry has it: arguments and result held to its schemas, and where it has effects, once
 * for each idempotency key.
 * @throws LoadFailure `schema`.
 */
export async function publishedTool(
  name: string,
  entry: ToolEntry,
  runner: Runner,
  once: OnceOnly,
  drain: Drain,
): Promise<Tool> {
  const { kind, version, description, inputSchema, outputSchema, sideEffect, timeoutMs, tenants } = entry;
  const readInput = await compileOrFail(inputSchema, 'inputSchema');
  const readOutput = outputSchema && (await compileOrFail(outputSchema, 'outputSchema'));
  const run: Runner['run'] = async (input, context, deadlineMs) => {
    const result = await runner.run(input, context, deadlineMs);
    if ((JSON.stringify(result) ?? '').length > longestResult) throw new Error('the result is too long');
    const read = readOutput?.(isObject(result) ? result : {});
    if (read && !(read.ok && isObject(result)))
      throw new Error(
        `the result is not what the tool promises: ${read.ok ? 'no object' : read.faults.join('; ')}`,
      );
    return result;
  };
  return Object.freeze({
    name,
    description,
    kind,
    version,
    inputSchema,
    sideEffect,
    timeoutMs,
    ...(tenants ? { tenants: new Set(tenants) } : {}),
    readInput,
    run: (input, context, deadlineMs) =>
      drain.during(() =>
        sideEffect
          ? once.run(name, context, deadlineMs, () => run(input, context, deadlineMs))
          : run(input, context, deadlineMs),
      ),
  } satisfies Tool);
}
