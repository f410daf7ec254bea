import { isDeepStrictEqual } from 'node:util';
import { mapAtMost } from '../../atMost.ts';
import { raceDeadline } from '../../deadline.ts';
import { isDenied, type Manifest, type ToolEntry, type Tools, toolsAt } from '../manifest/manifest.ts';
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

/** Tools that are loaded and wait for their moment. */
interface Pending {
  loaded: ReadonlyMap<string, LoadedTool>;
  activeAt: number;
}

/** Versions loaded at a time: each may start a process. */
const mostAtOnce = 4;

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

  /** What it goes by, or will once all of it is loaded. */
  get manifest(): Manifest | undefined {
    return this.#manifest;
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
    // The same once more: somebody has put back what was there.
    if (isDeepStrictEqual(read.manifest, this.#manifest)) return undefined;
    const newest = Math.max(this.#manifest?.sequence ?? 0, await floor.read());
    if (sequence < newest || sequence === this.#manifest?.sequence)
      return refuse('replayed', `Its sequence ${sequence} is not above ${newest}.`);
    await floor.raise(sequence);
    return read.manifest;
  }

  async #load(manifest: Manifest): Promise<void> {
    const { tools, next } = toolsAt(manifest, this.#options.now());
    const loaded = await this.#versions(tools, this.#loaded, manifest);
    const planned = next && {
      loaded: await this.#versions(next.tools, loaded, manifest),
      activeAt: Date.parse(next.activeFrom),
    };
    this.#forgetFailures([tools, next?.tools ?? {}], manifest);
    const old = [this.#loaded, this.#pending?.loaded ?? new Map()];
    this.#pending = planned;
    const isNew =
      this.#set.sequence !== manifest.sequence ||
      [...loaded].some(([name, tool]) => this.#loaded.get(name) !== tool);
    if (isNew) this.#swap(loaded, manifest.sequence);
    this.#retire(old);
    this.#activate();
  }

  /** Makes these the tools there are, all at once. */
  #swap(after: ReadonlyMap<string, LoadedTool>, sequence: number): void {
    const before = this.#loaded;
    const tools = [...after.values()].map(({ tool }) => tool).sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#set = createToolSet([...this.#options.builtIns, ...tools], sequence);
    this.#loaded = after;
    const loaded = [...after].filter(([name, tool]) => before.get(name) !== tool).map(([name]) => name);
    const removed = [...before.keys()].filter((name) => !after.has(name));
    this.#options.report({ kind: 'swapped', sequence, loaded, removed });
  }

  /** Loads what is not denied; what is loaded already, for now or for later, is taken as it is. */
  async #versions(
    tools: Tools,
    before: ReadonlyMap<string, LoadedTool>,
    manifest: Manifest,
  ): Promise<ReadonlyMap<string, LoadedTool>> {
    const deny = [...manifest.deny, ...this.#options.deny];
    const wanted = Object.entries(tools).filter(([name, entry]) => !isDenied(name, entry, deny));
    const known = [before, this.#loaded, this.#pending?.loaded];
    const versions = await mapAtMost(wanted, mostAtOnce, async ([name, entry]) => {
      const same = known.map((map) => map?.get(name)).find((one) => one && isSame(one.entry, entry));
      if (same) return [name, same] as const;
      const last = before.get(name);
      const fallback = last && !isDenied(name, last.entry, deny) ? last : undefined;
      return [name, (await this.#attempt(name, entry, manifest)) ?? fallback] as const;
    });
    return new Map(versions.filter((one): one is [string, LoadedTool] => one[1] !== undefined));
  }

  /** The version, where it loads now or was not tried a moment ago. */
  async #attempt(name: string, entry: ToolEntry, { sequence }: Manifest): Promise<LoadedTool | undefined> {
    const failed = this.#failed.get(name);
    const isKnown = failed !== undefined && isSame(failed.entry, entry);
    if (isKnown && this.#now() < failed.again) return undefined;
    try {
      if (this.#options.builtIns.some((tool) => tool.name === name))
        throw new LoadFailure('built-in', 'A tool of the deployment has this name, and cannot be replaced.');
      const tool = await loadTool(name, entry, this.#options);
      this.#failed.delete(name);
      return tool;
    } catch (cause) {
      const waitMs = Math.min(isKnown ? failed.waitMs * 2 : retryMs.first, retryMs.longest);
      this.#failed.set(name, { entry, again: this.#now() + waitMs, waitMs });
      this.#options.report({ kind: 'dead-letter', cause, ...deadLetterOf(cause, name, entry, sequence) });
      return undefined;
    }
  }

  /** What is no longer wanted is not tried again. */
  #forgetFailures(wanted: readonly Tools[], { deny }: Manifest): void {
    for (const [name, { entry }] of this.#failed) {
      const isWanted = wanted.some(
        (tools) => Object.hasOwn(tools, name) && isSame(tools[name] ?? entry, entry),
      );
      if (!isWanted || isDenied(name, entry, deny)) this.#failed.delete(name);
    }
  }

  #isRetryDue(): boolean {
    return [...this.#failed.values()].some(({ again }) => this.#now() >= again);
  }

  #activate(): void {
    const pending = this.#pending;
    if (!pending || this.#now() < pending.activeAt) return;
    const old = [this.#loaded, pending.loaded];
    this.#pending = undefined;
    this.#swap(pending.loaded, this.#set.sequence);
    this.#retire(old);
  }

  /** Ends versions that nobody can be given any more; calls under way are finished by them. */
  #retire(old: readonly ReadonlyMap<string, LoadedTool>[]): void {
    const kept = new Set([...this.#loaded.values(), ...(this.#pending?.loaded.values() ?? [])]);
    for (const tool of new Set(old.flatMap((map) => [...map.values()]))) if (!kept.has(tool)) tool.retire();
  }
}
