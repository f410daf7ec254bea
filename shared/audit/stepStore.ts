import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import type { Logger } from '../telemetry/logger.ts';
import { tryJson } from '../tryJson.ts';
import type { StepMemory } from './engines/stepMemory.ts';
import { type JsonBlob, readJsonBlob, writeJsonBlob } from './jsonBlob.ts';

const container = 'audit-cache';

/** Raise it when what is stored for a step changes its shape. */
const formatVersion = 1;

/**
 * Results of finished steps in Blob Storage, by content. A store that cannot be reached makes an audit dearer and never
 * fails it: it counts as nothing remembered, and is logged.
 */
export class BlobStepMemory implements StepMemory {
  readonly #blobs: Pick<BlobStore, 'get' | 'put'>;
  readonly #log: Logger;

  constructor(blobs: Pick<BlobStore, 'get' | 'put'>, log: Logger) {
    this.#blobs = blobs;
    this.#log = log;
  }

  get<T>(kind: string, key: unknown, schema: z.ZodType<T>): Promise<T | undefined> {
    return readJsonBlob(
      this.#blob(kind, key),
      'audit-step-unreadable',
      (text) => schema.safeParse(tryJson(text)).data,
    );
  }

  put(kind: string, key: unknown, value: unknown): Promise<void> {
    return writeJsonBlob(this.#blob(kind, key), 'audit-step-unwritable', value);
  }

  #blob(kind: string, key: unknown): JsonBlob {
    return { blobs: this.#blobs, container, name: nameOf(kind, key), log: this.#log, about: { kind } };
  }
}

function nameOf(kind: string, key: unknown): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([formatVersion, key]))
    .digest('hex');
  return `steps/${kind}/${hash}.json`;
}
