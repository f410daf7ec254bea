import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from '../../shared/storage/stores.ts';
import { type Beat, Instances } from '../../shared/tools/live/instances.ts';
import { ToolJournal } from '../../shared/tools/live/journal.ts';
import { liveMs, type ToolsStatus, toolsStatus } from '../../shared/tools/live/status.ts';
import { ToolBlobs } from '../../shared/tools/live/toolBlobs.ts';
import { type Manifest, type ToolEntry, toolsAt } from '../../shared/tools/manifest/manifest.ts';
import {
  publicKeyOf,
  readManifest,
  readPublicKey,
  type SigningKey,
  signManifest,
  type TrustedKey,
} from '../../shared/tools/manifest/signing.ts';
import type { BuiltTool } from './builtTool.ts';
import {
  changesOf,
  entryOf,
  type Imprint,
  type Make,
  nextManifest,
  restoredManifest,
} from './publication.ts';

/** What is published, with the version a change is bound to. */
export interface Published {
  /** Undefined where nothing is, or what is counts for nothing. */
  manifest: Manifest | undefined;
  /** Why no app takes what is there. */
  problem?: string;
  /** As it lies there, signed; absent where nothing is published. */
  document?: Uint8Array;
  condition: { etag: string } | 'new';
  /** The highest sequence that apps have taken. */
  floor: number;
}

/** A version that is to be live. */
export type Expected = Pick<ToolEntry, 'sha256'> & { name: string };

/** How a publication has reached the instances in use. */
export interface Settled {
  live: number;
  /** Instances that do not have it yet. */
  late: string[];
  /** Versions that an instance could not load, with why. */
  refused: string[];
}

const lookMs = 250;

/** Publishes tools: the only writer of the manifest. */
export class Publisher {
  readonly #stores: Stores;
  readonly #blobs: ToolBlobs;
  readonly #instances: Instances;
  readonly #key: SigningKey;
  readonly #trusted: readonly TrustedKey[];
  readonly #publisher: string;

  /** @param trusted other keys that what is there may be signed with, while keys rotate. */
  constructor(stores: Stores, key: SigningKey, trusted: readonly TrustedKey[], publisher: string) {
    this.#stores = stores;
    this.#blobs = new ToolBlobs(stores.blobs);
    this.#instances = new Instances(stores.tables);
    this.#key = key;
    const publicKey = readPublicKey(publicKeyOf(key.privateKey));
    this.#trusted = [...trusted, { keyId: key.keyId, publicKey }];
    this.#publisher = publisher;
  }

  /** What is published now. What lies there counts only as far as an app would take it. */
  async read(): Promise<Published> {
    const [found, floor] = await Promise.all([this.#blobs.manifest(), this.#instances.read()]);
    if (!found || found === 'unchanged') return { manifest: undefined, condition: 'new', floor };
    const { bytes: document, etag } = found;
    const there = { manifest: undefined, document, condition: { etag }, floor };
    const read = readManifest(document, this.#trusted);
    if (!read.ok) return { ...there, problem: this.#strange(read.problem) };
    const { sequence } = read.manifest;
    if (sequence < floor)
      return { ...there, problem: `It has the sequence ${sequence}, and apps have taken ${floor} already.` };
    return { ...there, manifest: read.manifest };
  }

  /** What was published under a sequence. @throws Error where that is not known. */
  async past(sequence: number): Promise<Manifest> {
    const document = await this.#blobs.history(sequence);
    if (!document) throw new Error(`Nothing is kept of the sequence ${sequence}. ${await this.#kept()}`);
    const read = readManifest(document, this.#trusted);
    if (!read.ok) throw new Error(this.#strange(read.problem));
    if (read.manifest.sequence !== sequence)
      throw new Error(`What is kept as sequence ${sequence} is another. Somebody has moved it there.`);
    return read.manifest;
  }

  /** The newest that was published before and had other tools; undefined where nothing had. */
  async before(manifest: Manifest, now: Date): Promise<Manifest | undefined> {
    const { tools } = toolsAt(manifest, now);
    const top = manifest.restores ?? manifest.sequence;
    for (const sequence of await this.#blobs.sequences()) {
      if (sequence >= top) continue;
      const past = await this.past(sequence);
      if (changesOf(tools, toolsAt(past, now).tools).some(({ kind }) => kind !== 'same')) return past;
    }
    return undefined;
  }

  /** Stores bundles, also where one that is there was damaged. */
  async store(built: readonly BuiltTool[]): Promise<void> {
    for (const { bundle } of built) await this.#blobs.putBundle(bundle);
  }

  /**
   * Stores the bundles, then the manifest that names them and no longer those that are gone. Gives its sequence.
   * @param seen what the change was decided upon; whatever is there by default.
   */
  async replace(
    built: readonly BuiltTool[],
    gone: readonly string[],
    imprint: Omit<Imprint, 'publisher'>,
    seen?: Published,
  ): Promise<number> {
    await this.store(built);
    return this.change(
      ({ tools: before }) => {
        const tools = Object.fromEntries(Object.entries(before).filter(([name]) => !gone.includes(name)));
        for (const { name, draft } of built)
          tools[name] = entryOf(draft, { ...imprint, publisher: this.#publisher });
        return { tools };
      },
      imprint,
      seen,
    );
  }

  /** @throws Error for what no app would take, and where somebody else has published in the meantime. */
  async change(make: Make, imprint: Pick<Imprint, 'now' | 'activeFrom'>, seen?: Published): Promise<number> {
    const published = seen ?? (await this.read());
    if (published.problem) throw new Error(`${published.problem} ${await this.#kept()}`);
    const next = nextManifest(published.manifest, make, imprint, published.floor);
    return this.#publish(next, published, imprint.now);
  }

  /** Puts back what was there, also over something that counts for nothing. Gives the new sequence. */
  async restore(past: Manifest, now: Date, published: Published): Promise<number> {
    const [newest = 0] = await this.#blobs.sequences();
    const above = Math.max(published.manifest?.sequence ?? 0, published.floor, newest);
    const deny = published.manifest?.deny ?? past.deny;
    return this.#publish(restoredManifest(past, deny, now, above), published, now);
  }

  /**
   * Waits until every instance that is in use goes by the sequence and has these versions, or has said that it cannot
   * load one.
   */
  async settled(
    sequence: number,
    waitMs: number,
    wake = async () => {},
    expected: readonly Expected[] = [],
  ): Promise<Settled> {
    const end = performance.now() + waitMs;
    for (;;) {
      await wake();
      const beats = await this.#instances.list(new Date(Date.now() - liveMs));
      const late = beats.filter((beat) => beat.sequence < sequence || !hasAll(beat, expected));
      const refused = [...new Set(late.flatMap((beat) => refusedBy(beat, sequence, expected)))];
      if (late.length === 0 || refused.length > 0 || performance.now() > end)
        return { live: beats.length, late: late.map(({ instance }) => instance), refused };
      await sleep(lookMs);
    }
  }

  /** What the instances in use say of themselves. */
  async status(): Promise<ToolsStatus> {
    const since = new Date(Date.now() - liveMs);
    return toolsStatus(await this.#instances.list(since));
  }

  async #publish(next: Manifest, published: Published, now: Date): Promise<number> {
    const { manifest, document: before, condition } = published;
    const document = signManifest(next, [this.#key]);
    const read = readManifest(document, this.#trusted);
    if (!read.ok) throw new Error(`No app would take this: ${read.problem}`);
    if (manifest && before) await this.#blobs.putHistory(manifest.sequence, before);
    if (!(await this.#blobs.putManifest(document, condition)))
      throw new Error('Somebody else has published at the same time. Look, and try again.');
    // Only what was published is kept to go back to, not what loses a race; and nobody goes back before it by mistake.
    await this.#blobs.putHistory(next.sequence, document);
    await this.#instances.raise(next.sequence);
    await this.#note(manifest, next, now);
    return next.sequence;
  }

  #strange(problem: string): string {
    return `What is published was not signed by ${this.#key.keyId} or a key of GATEHOUSE_TOOL_KEYS: ${problem}`;
  }

  async #kept(): Promise<string> {
    const kept = (await this.#blobs.sequences()).slice(0, 5);
    return kept.length > 0
      ? `npm run tools -- rollback SEQUENCE puts back what was there; kept are ${kept.join(', ')}.`
      : 'Nothing is kept to go back to.';
  }

  async #note(before: Manifest | undefined, after: Manifest, now: Date): Promise<void> {
    const wanted = after.next?.tools ?? after.tools;
    const changed = changesOf(before?.tools ?? {}, wanted)
      .filter(({ kind }) => kind !== 'same')
      .map(({ name }) => ({ name, version: wanted[name]?.version, sha256: wanted[name]?.sha256 }));
    const journal = new ToolJournal(this.#stores.blobs, `publisher-${this.#key.keyId}`, () => now);
    const { sequence, deny, next } = after;
    const event = { sequence, publisher: this.#publisher, changed, deny, activeFrom: next?.activeFrom };
    await journal.write({ kind: 'published', ...event });
  }
}

const hasAll = ({ tools }: Beat, expected: readonly Expected[]) =>
  expected.every(({ name, sha256 }) => tools.some((tool) => tool.name === name && tool.sha256 === sha256));

const refusedBy = ({ problems }: Beat, sequence: number, expected: readonly Expected[]): string[] =>
  expected.flatMap(({ name, sha256 }) =>
    problems
      .filter((one) => one.sequence === sequence && one.name === name && one.sha256 === sha256)
      .map(({ message }) => `${name}: ${message}`),
  );
