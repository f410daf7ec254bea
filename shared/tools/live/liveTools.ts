import { raceDeadline } from '../../deadline.ts';
import { isDenied, type Manifest, type ToolEntry } from '../manifest/manifest.ts';
import { type ManifestRefusal, readManifest, type TrustedKey } from '../manifest/signing.ts';
import type { ToolSource } from '../registry.ts';
import type { Tool } from '../tool.ts';
import { createToolSet, type ToolSet } from '../toolSet.ts';
import { LoadFailure } from './loadFailure.ts';
import {
  type DeadLetter,
  deadLetterOf,
  isSame,
  type LoadDeps,
  type LoadedTool,
  loadTool,
} from './loadTool.ts';

/** What happens to tools, for the journal and the log. Nothing in it is secret. */
export type ToolEvent =
  | { kind: 'swapped'; sequence: number; loaded: string[]; removed: string[] }
  | { kind: 'refused'; refusal: ManifestRefusal | 'expired' | 'replayed'; problem: string; sequence?: number }
  | ({ kind: 'dead-letter'; cause: unknown } & DeadLetter)
  | { kind: 'unavailable'; cause: unknown };

/** The highest sequence any instance has gone by: a fresh one takes no older manifest either. */
export interface SequenceFloor {
  read(): Promise<number>;
  raise(sequence: number): Promise<void>;
}

export interface LiveToolsOptions extends LoadDeps {
  builtIns: readonly Tool[];
  keys: readonly TrustedKey[];
  /** Names and hashes that are not run, whatever is signed. */
  deny: readonly string[];
  /** The manifest is looked at no more often. */
  pollMs: number;
  floor: SequenceFloor;
  report(event: ToolEvent): void;
  /** After each look at the manifest. */
  looked?(live: LiveTools): Promise<void>;
}

interface Pending {
  set: ToolSet;
  loaded: ReadonlyMap<string, LoadedTool>;
  activeAt: number;
}

/** A version that did not load is tried again after so long, twice that, and so on up to the longest. */
const retryMs = { first: 30_000, longest: 600_000 };

/**
 * The tools as they are published. The manifest is looked at when tools are used, never by a timer: an instance may be
 * frozen in between. Whoever asks gets what is there at once; only the very first may wait.
 */
export class LiveTools implements ToolSource {
  readonly #options: LiveToolsOptions;
  #set: ToolSet;
  #loaded: ReadonlyMap<string, LoadedTool> = new Map();
  #pending: Pending | undefined;
  #manifest: Manifest | undefined;
  #etag: string | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #hasChecked = false;
  #refreshing: Promise<void> | undefined;
  readonly #failed = new Map<string, { entry: ToolEntry; again: number; waitMs: number }>();

  constructor(options: LiveToolsOptions) {
    this.#options = options;
    this.#set = createToolSet(options.builtIns);
  }

  current(): ToolSet {
    this.#activate();
    if (this.#now() - this.#checkedAt >= this.#options.pollMs) void this.refresh();
    return this.#set;
  }

  async ready(deadlineMs: number): Promise<ToolSet> {
    const set = this.current();
    if (this.#hasChecked) return set;
    await raceDeadline(this.refresh(), deadlineMs);
    return this.current();
  }

  /** Versions that are live, with what they were loaded from. */
  get loaded(): ReadonlyMap<string, LoadedTool> {
    return this.#loaded;
  }

  /** Looks at the manifest now, or joins a look under way. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh()
      .catch((cause: unknown) => this.#options.report({ kind: 'unavailable', cause }))
      .then(() => {
        this.#checkedAt = this.#now();
        void this.#options.looked?.(this);
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #now = () => this.#options.now().getTime();

  async #refresh(): Promise<void> {
    const found = await this.#options.blobs.manifest(this.#etag);
    if (found !== 'unchanged' && found) {
      const manifest = await this.#accept(found.bytes);
      this.#etag = found.etag;
      if (manifest) {
        this.#manifest = manifest;
        await this.#load(manifest);
      }
    } else if (this.#manifest && this.#isRetryDue()) await this.#load(this.#manifest);
    this.#hasChecked = true;
  }

  async #accept(document: Uint8Array): Promise<Manifest | undefined> {
    const { keys, floor, report } = this.#options;
    const read = readManifest(document, keys);
    if (!read.ok) {
      report({ kind: 'refused', refusal: read.refusal, problem: read.problem });
      return undefined;
    }
    const { sequence, expiresAt } = read.manifest;
    const refuse = (refusal: 'expired' | 'replayed', problem: string) => {
      report({ kind: 'refused', refusal, problem, sequence });
      return undefined;
    };
    if (Date.parse(expiresAt) <= this.#now()) return refuse('expired', `It expired at ${expiresAt}.`);
    const newest = Math.max(this.#manifest?.sequence ?? 0, await floor.read());
    if (sequence < newest || sequence === this.#manifest?.sequence)
      return refuse('replayed', `Its sequence ${sequence} is not above ${newest}.`);
    await floor.raise(sequence);
    return read.manifest;
  }

  async #load(manifest: Manifest): Promise<void> {
    const wanted = Object.entries(manifest.tools).filter(
      ([name, entry]) => !isDenied(name, entry, [...manifest.deny, ...this.#options.deny]),
    );
    const known = this.#pending?.loaded ?? this.#loaded;
    const tried = await Promise.all(
      wanted.map(
        async ([name, entry]) => [name, await this.#version(name, entry, known.get(name), manifest)] as const,
      ),
    );
    const loaded = new Map<string, LoadedTool>();
    for (const [name, tool] of tried) if (tool) loaded.set(name, tool);
    for (const name of this.#failed.keys())
      if (!Object.hasOwn(manifest.tools, name)) this.#failed.delete(name);
    const sequence = this.#pending?.set.sequence ?? this.#set.sequence;
    const isNew =
      sequence !== manifest.sequence || [...loaded].some(([name, tool]) => known.get(name) !== tool);
    if (isNew) this.#swapIn(manifest, loaded);
  }

  #swapIn(manifest: Manifest, loaded: ReadonlyMap<string, LoadedTool>): void {
    const tools = [...loaded.values()].map(({ tool }) => tool).sort((a, b) => (a.name < b.name ? -1 : 1));
    const set = createToolSet([...this.#options.builtIns, ...tools], manifest.sequence);
    const superseded = this.#pending;
    const activeAt = manifest.activeFrom ? Date.parse(manifest.activeFrom) : Number.NEGATIVE_INFINITY;
    this.#pending = { set, loaded, activeAt };
    if (superseded) this.#retire(superseded.loaded, [loaded, this.#loaded]);
    this.#activate();
  }

  /** The version the manifest names; where it does not load, the one before; where there is none, nothing. */
  async #version(
    name: string,
    entry: ToolEntry,
    before: LoadedTool | undefined,
    { sequence }: Manifest,
  ): Promise<LoadedTool | undefined> {
    if (before && isSame(before.entry, entry)) return before;
    const failed = this.#failed.get(name);
    if (failed && isSame(failed.entry, entry) && this.#now() < failed.again) return before;
    try {
      if (this.#options.builtIns.some((tool) => tool.name === name))
        throw new LoadFailure('built-in', 'A tool of the deployment has this name, and cannot be replaced.');
      const tool = await loadTool(name, entry, this.#options);
      this.#failed.delete(name);
      return tool;
    } catch (error) {
      const waited = failed && isSame(failed.entry, entry) ? failed.waitMs * 2 : retryMs.first;
      const waitMs = Math.min(waited, retryMs.longest);
      this.#failed.set(name, { entry, again: this.#now() + waitMs, waitMs });
      this.#options.report({
        kind: 'dead-letter',
        cause: error,
        ...deadLetterOf(error, name, entry, sequence),
      });
      return before;
    }
  }

  #isRetryDue(): boolean {
    return [...this.#failed.values()].some(({ again }) => this.#now() >= again);
  }

  #activate(): void {
    const pending = this.#pending;
    if (!pending || this.#now() < pending.activeAt) return;
    const before = this.#loaded;
    this.#pending = undefined;
    this.#set = pending.set;
    this.#loaded = pending.loaded;
    this.#retire(before, [pending.loaded]);
    const loaded = [...pending.loaded]
      .filter(([name, tool]) => before.get(name) !== tool)
      .map(([name]) => name);
    const removed = [...before.keys()].filter((name) => !pending.loaded.has(name));
    this.#options.report({ kind: 'swapped', sequence: pending.set.sequence, loaded, removed });
  }

  /** Versions that nobody can be given any more; calls under way are finished by them. */
  #retire(old: ReadonlyMap<string, LoadedTool>, kept: readonly ReadonlyMap<string, LoadedTool>[]): void {
    for (const [name, tool] of old) if (kept.every((map) => map.get(name) !== tool)) tool.retire();
  }
}
