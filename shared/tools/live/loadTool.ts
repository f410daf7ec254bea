import { AppError } from '../../errors.ts';
import type { Manifest, ToolEntry } from '../manifest/manifest.ts';
import type { Tool } from '../tool.ts';
import { Drain } from './drain.ts';
import { LoadFailure } from './loadFailure.ts';
import type { OnceOnly } from './onceOnly.ts';
import { publishedTool, type Runner } from './publishedTool.ts';
import type { ToolBlobs } from './toolBlobs.ts';

/** Makes a kind of tool runnable: started, checked against its entry, self-tested. @throws LoadFailure. */
export type StartRunner = (name: string, entry: ToolEntry, bundle: Uint8Array) => Promise<Runner>;

/** A version that is ready to be called. */
export interface LoadedTool {
  tool: Tool;
  entry: ToolEntry;
  since: Date;
  /** Ends it once the calls under way are finished. */
  retire(): void;
}

export interface LoadDeps {
  blobs: ToolBlobs;
  runners: Readonly<Record<ToolEntry['kind'], StartRunner>>;
  once: OnceOnly;
  now: () => Date;
}

/**
 * Loads a version aside: nothing of it is seen before all of it is right.
 * @throws LoadFailure; AppError where storage does not answer.
 */
export async function loadTool(name: string, entry: ToolEntry, deps: LoadDeps): Promise<LoadedTool> {
  const bundle = await deps.blobs.bundle(entry);
  const runner = await deps.runners[entry.kind](name, entry, bundle);
  const drain = new Drain(() => runner.retire());
  try {
    const tool = await publishedTool(name, entry, runner, deps.once, drain);
    return { tool, entry, since: deps.now(), retire: () => drain.close() };
  } catch (error) {
    runner.retire();
    throw error;
  }
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
