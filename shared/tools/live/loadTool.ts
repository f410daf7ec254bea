import { AppError } from '../../errors.ts';
import type { Manifest, ToolEntry } from '../manifest/manifest.ts';
import type { SchemaCheck } from '../schema/compileSchema.ts';
import type { Tool } from '../tool.ts';
import { Drain } from './drain.ts';
import { LoadFailure } from './loadFailure.ts';
import type { OnceOnly } from './onceOnly.ts';
import { compileSchemas, publishedTool, type Runner } from './publishedTool.ts';
import type { ToolBlobs } from './toolBlobs.ts';

/** Makes a kind of tool runnable: started, checked against its entry, self-tested. @throws LoadFailure. */
export type StartRunner = (
  name: string,
  entry: ToolEntry,
  bundle: Uint8Array,
  readInput: SchemaCheck,
) => Promise<Runner>;

/** A version that is ready to be called. */
export interface LoadedTool {
  tool: Tool;
  entry: ToolEntry;
  since: Date;
  /** Ends it once the calls under way are finished. */
  retire(): void;
}

export interface StartDeps {
  runners: Readonly<Record<ToolEntry['kind'], StartRunner>>;
  once: OnceOnly;
  now: () => Date;
}

export interface LoadDeps extends StartDeps {
  blobs: ToolBlobs;
}

/**
 * Loads a version aside: nothing of it is seen before all of it is right.
 * @throws LoadFailure; AppError where storage does not answer.
 */
export async function loadTool(name: string, entry: ToolEntry, deps: LoadDeps): Promise<LoadedTool> {
  return startTool(name, entry, await deps.blobs.bundle(entry), deps);
}

/** As {@link loadTool}, from a bundle that is there. @throws LoadFailure. */
export async function startTool(
  name: string,
  entry: ToolEntry,
  bundle: Uint8Array,
  { runners, once, now }: StartDeps,
): Promise<LoadedTool> {
  const schemas = await compileSchemas(entry);
  const runner = await runners[entry.kind](name, entry, bundle, schemas.readInput);
  const drain = new Drain(() => runner.retire());
  const tool = publishedTool(name, entry, schemas, runner, once, drain);
  return { tool, entry, since: now(), retire: () => drain.close() };
}

/** The same bundle with the same words, rights and limits. */
export const isSame = (a: ToolEntry, b: ToolEntry) => JSON.stringify(a) === JSON.stringify(b);

/** What went wrong with a version, once for each time it was tried. */
export interface DeadLetter {
  name: string;
  version: string;
  sha256: string;
  reason: LoadFailure['reason'] | 'unavailable';
  message: string;
  sequence: Manifest['sequence'];
}

export function deadLetterOf(
  error: unknown,
  name: string,
  { version, sha256 }: ToolEntry,
  sequence: number,
): DeadLetter {
  const letter = { name, version, sha256, sequence };
  if (error instanceof LoadFailure) return { ...letter, reason: error.reason, message: error.message };
  if (error instanceof AppError)
    return {
      ...letter,
      reason: 'unavailable',
      message: 'Storage did not give the bundle. It is tried again.',
    };
  return { ...letter, reason: 'load', message: 'It does not start.' };
}
