import { isObject } from '../../isObject.ts';
import type { ToolEntry } from '../manifest/manifest.ts';
import type { SchemaCheck } from '../schema/compileSchema.ts';
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

/** What arguments and results are held to. */
export interface Schemas {
  readInput: SchemaCheck;
  readOutput: SchemaCheck | undefined;
}

/** @throws LoadFailure `schema`. */
export async function compileSchemas({ inputSchema, outputSchema }: ToolEntry): Promise<Schemas> {
  return {
    readInput: await compileOrFail(inputSchema, 'inputSchema'),
    readOutput: outputSchema && (await compileOrFail(outputSchema, 'outputSchema')),
  };
}

/**
 * A version of a tool as the registry has it: arguments and result held to its schemas, and where it has effects, once
 * for each idempotency key.
 */
export function publishedTool(
  name: string,
  entry: ToolEntry,
  { readInput, readOutput }: Schemas,
  runner: Runner,
  once: OnceOnly,
  drain: Drain,
): Tool {
  const { kind, version, description, inputSchema, sideEffect, timeoutMs, tenants } = entry;
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
          ? once.run(name, context, deadlineMs, (leftMs) => run(input, context, leftMs))
          : run(input, context, deadlineMs),
      ),
  } satisfies Tool);
}
