import { isDenied, type Manifest, type ToolEntry, toolsAt } from '../manifest/manifest.ts';
import type { DeadLetterProblem } from './instances.ts';
import type { LoadedTool } from './loadTool.ts';

/** As many as a manifest has tools. */
const most = 200;

/** What an instance goes by. */
export interface Standing {
  loaded: ReadonlyMap<string, LoadedTool> | undefined;
  /** Undefined before the first. */
  manifest: Manifest | undefined;
}

/** Versions that did not load on this instance: the last of each tool, until it has loaded or is no longer wanted. */
export class DeadLetters {
  readonly #letters = new Map<string, DeadLetterProblem>();

  note(letter: DeadLetterProblem): void {
    this.#letters.delete(letter.name);
    this.#letters.set(letter.name, letter);
    const oldest = this.#letters.keys().next().value;
    if (this.#letters.size > most && oldest !== undefined) this.#letters.delete(oldest);
  }

  /** Those that are true by now, with what the manifest says of their tools. */
  told({ loaded, manifest }: Standing, now: Date): DeadLetterProblem[] {
    for (const [name, letter] of this.#letters)
      if (isAnswered(letter, loaded?.get(name))) this.#letters.delete(name);
    const letters = [...this.#letters.values()];
    if (!manifest) return [];
    return letters.flatMap((letter) => {
      const entry = entryOf(letter, manifest, now);
      return entry ? [{ ...letter, toolKind: entry.kind, publisher: entry.publisher }] : [];
    });
  }
}

/** The version that was there before was loaded before the letter, whatever it has in common with the one that was not. */
function isAnswered({ at, version, sha256 }: DeadLetterProblem, live: LoadedTool | undefined): boolean {
  if (!live) return false;
  const after = live.since.getTime() - Date.parse(at);
  return after > 0 || (after === 0 && live.entry.version === version && live.entry.sha256 === sha256);
}

/** The entry of this very version, now or planned, unless it is denied. */
function entryOf(
  { name, version, sha256 }: DeadLetterProblem,
  manifest: Manifest,
  now: Date,
): ToolEntry | undefined {
  const { tools, next } = toolsAt(manifest, now);
  return [tools, next?.tools ?? {}]
    .flatMap((all) => (Object.hasOwn(all, name) ? (all[name] ?? []) : []))
    .find(
      (entry) =>
        entry.version === version && entry.sha256 === sha256 && !isDenied(name, entry, manifest.deny),
    );
}
