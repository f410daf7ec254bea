import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from '../../shared/storage/stores.ts';
import { Instances } from '../../shared/tools/live/instances.ts';
import { ToolJournal } from '../../shared/tools/live/journal.ts';
import { liveMs, type ToolsStatus, toolsStatus } from '../../shared/tools/live/status.ts';
import { ToolBlobs } from '../../shared/tools/live/toolBlobs.ts';
import type { Manifest } from '../../shared/tools/manifest/manifest.ts';
import {
  publicKeyOf,
  readManifest,
  readPublicKey,
  type SigningKey,
  signManifest,
  type TrustedKey,
} from '../../shared/tools/manifest/signing.ts';
import { changeOf, entryOf, type Imprint, nextManifest } from './publication.ts';
import type { BuiltTool } from './toolSource.ts';

/** What is published, with the version a change is bound to. */
interface Published {
  manifest: Manifest | undefined;
  /** As it lies there, signed; absent where nothing is published. */
  document?: Uint8Array;
  condition: { etag: string } | 'new';
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
    this.#trusted = [...trusted, { keyId: key.keyId, publicKey, kinds: ['http', 'code'] }];
    this.#publisher = publisher;
  }

  /** What is published now. @throws Error where it was signed by another key: what it says is not known. */
  async read(): Promise<Published> {
    const found = await this.#blobs.manifest();
    if (!found || found === 'unchanged') return { manifest: undefined, condition: 'new' };
    const { bytes: document, etag } = found;
    return { manifest: this.#verified(document), document, condition: { etag } };
  }

  /** What was published under a sequence before the one that is. @throws Error where that is not known. */
  async past(sequence: number): Promise<Manifest> {
    const document = await this.#blobs.history(sequence);
    if (!document) throw new Error(`Nothing is kept of the sequence ${sequence}.`);
    return this.#verified(document);
  }

  /** Stores the bundles, then the manifest that names them and no longer those that are gone. Gives its sequence. */
  async replace(
    built: readonly BuiltTool[],
    gone: readonly string[],
    imprint: Omit<Imprint, 'publisher'>,
  ): Promise<number> {
    for (const { bundle } of built) await this.#blobs.putBundle(bundle);
    return this.change(({ manifest }) => {
      const kept = Object.entries(manifest?.tools ?? {}).filter(([name]) => !gone.includes(name));
      const tools = Object.fromEntries(kept);
      for (const { name, draft } of built)
        tools[name] = entryOf(draft, { ...imprint, publisher: this.#publisher });
      return { tools };
    }, imprint);
  }

  /** @throws Error for what no app would take, and where somebody else has published in the meantime. */
  async change(
    make: (published: Published) => Partial<Pick<Manifest, 'tools' | 'deny'>>,
    imprint: Pick<Imprint, 'now' | 'activeFrom'>,
  ): Promise<number> {
    const published = await this.read();
    const { manifest, document: before } = published;
    const floor = await this.#instances.read();
    const next = nextManifest(manifest, make(published), imprint, floor);
    const document = signManifest(next, [this.#key]);
    const read = readManifest(document, this.#trusted);
    if (!read.ok) throw new Error(`No app would take this: ${read.problem}`);
    // Only what was published is kept to go back to, not what loses a race.
    if (manifest && before) await this.#blobs.putHistory(manifest.sequence, before);
    if (!(await this.#blobs.putManifest(document, published.condition)))
      throw new Error('Somebody else has published at the same time. Look, and try again.');
    await this.#note(manifest, next, imprint.now);
    return next.sequence;
  }

  /** Waits until every instance that is in use goes by the sequence. Gives the names of those that do not in time. */
  async settled(
    sequence: number,
    waitMs: number,
    wake = async () => {},
  ): Promise<{ live: number; late: string[] }> {
    const end = performance.now() + waitMs;
    for (;;) {
      await wake();
      const beats = await this.#instances.list(new Date(Date.now() - liveMs));
      const late = beats.filter((beat) => beat.sequence < sequence).map(({ instance }) => instance);
      if (late.length === 0 || performance.now() > end) return { live: beats.length, late };
      await sleep(lookMs);
    }
  }

  /** What the instances in use say of themselves. */
  async status(): Promise<ToolsStatus> {
    const since = new Date(Date.now() - liveMs);
    return toolsStatus(await this.#instances.list(since));
  }

  #verified(document: Uint8Array): Manifest {
    const read = readManifest(document, this.#trusted);
    if (read.ok) return read.manifest;
    throw new Error(
      `What is published was not signed by ${this.#key.keyId} or a key of GATEHOUSE_TOOL_KEYS: ${read.problem}`,
    );
  }

  async #note(before: Manifest | undefined, after: Manifest, now: Date): Promise<void> {
    const names = new Set([...Object.keys(before?.tools ?? {}), ...Object.keys(after.tools)]);
    const changed = [...names]
      .map((name) => ({ name, before: before?.tools[name], after: after.tools[name] }))
      .filter(({ name, before: old, after: now }) => changeOf(name, old, now).kind !== 'same')
      .map(({ name, after: entry }) => ({ name, version: entry?.version, sha256: entry?.sha256 }));
    const journal = new ToolJournal(this.#stores.blobs, `publisher-${this.#key.keyId}`, () => now);
    const event = { sequence: after.sequence, publisher: this.#publisher, changed, deny: after.deny };
    await journal.write({ kind: 'published', ...event });
  }
}
