import { createHash } from 'node:crypto';
import type { BlobCondition, BlobStore, BlobVersion } from '../../storage/blobStore.ts';
import { largestManifest, type ToolEntry } from '../manifest/manifest.ts';
import { LoadFailure } from './loadFailure.ts';

const container = 'tools';
const manifestName = 'manifest.json';
const historyPrefix = 'manifests/';
const bundleType = 'application/octet-stream';
const historyName = (sequence: number) => `${historyPrefix}${String(sequence).padStart(12, '0')}.json`;
const bundleName = (sha256: string) => `bundles/sha256/${sha256}`;

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What is published, as it lies in storage: one manifest, and bundles by what they hold. */
export class ToolBlobs {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** The signed manifest, where it is no longer the version `etag`. */
  manifest(etag?: string): Promise<BlobVersion | 'unchanged' | undefined> {
    return this.#blobs.getVersion(container, manifestName, etag, largestManifest + 1);
  }

  /** Writes the manifest where nobody else has since. False where somebody has. */
  async putManifest(document: Uint8Array, condition: BlobCondition): Promise<boolean> {
    if (document.byteLength > largestManifest)
      throw new Error(
        `The manifest is larger than ${largestManifest} bytes. Take tools out that nobody uses.`,
      );
    const etag = await this.#blobs.putIf(container, manifestName, document, 'application/json', condition);
    return etag !== undefined;
  }

  /** A manifest as it was published, for going back to. */
  history(sequence: number): Promise<Uint8Array | undefined> {
    return this.#blobs.get(container, historyName(sequence), largestManifest + 1);
  }

  /** Sequences that can be gone back to, newest first. */
  async sequences(): Promise<number[]> {
    const sequences: number[] = [];
    for await (const name of this.#blobs.list(container, historyPrefix))
      sequences.push(Number.parseInt(name.slice(historyPrefix.length), 10));
    return sequences.filter(Number.isSafeInteger).sort((a, b) => b - a);
  }

  async putHistory(sequence: number, document: Uint8Array): Promise<void> {
    await this.#blobs.put(container, historyName(sequence), document, 'application/json');
  }

  /**
   * A bundle that is what the manifest says, byte by byte.
   * @throws LoadFailure for one that is not; AppError where storage does not answer.
   */
  async bundle({ sha256, size }: Pick<ToolEntry, 'sha256' | 'size'>): Promise<Uint8Array> {
    const bytes = await this.#blobs.get(container, bundleName(sha256), size + 1);
    if (!bytes) throw new LoadFailure('missing', 'There is no bundle of this hash in storage.');
    if (bytes.byteLength !== size) throw new LoadFailure('size', `The bundle is not ${size} bytes long.`);
    if (sha256Of(bytes) !== sha256) throw new LoadFailure('hash', 'The bundle is not what was signed.');
    return bytes;
  }

  /** Stores a bundle under its hash. One that is there already stays, unless it was damaged. */
  async putBundle(bytes: Uint8Array): Promise<void> {
    const sha256 = sha256Of(bytes);
    const name = bundleName(sha256);
    const isNew = await this.#blobs.putIf(container, name, bytes, bundleType, 'new');
    if (isNew !== undefined) return;
    const stored = await this.#blobs.get(container, name, bytes.byteLength + 1);
    if (!stored || sha256Of(stored) !== sha256) await this.#blobs.put(container, name, bytes, bundleType);
  }
}
