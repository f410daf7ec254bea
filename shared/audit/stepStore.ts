import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { tryJson } from '../tryJson.ts';
import type { StepMemory } from './engines/stepMemory.ts';

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

  async get<T>(kind: string, key: unknown, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      const bytes = await this.#blobs.get(container, nameOf(kind, key));
      return bytes && schema.safeParse(tryJson(Buffer.from(bytes).toString())).data;
    } catch (error) {
      this.#log.warn('audit-step-unreadable', { kind, ...errorFields(error) });
      return undefined;
    }
  }

  async put(kind: string, key: unknown, value: unknown): Promise<void> {
    try {
      const bytes = Buffer.from(JSON.stringify(value));
      await this.#blobs.put(container, nameOf(kind, key), bytes, 'application/json');
    } catch (error) {
      this.#log.warn('audit-step-unwritable', { kind, ...errorFields(error) });
    }
  }
}

function nameOf(kind: string, key: unknown): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([formatVersion, key]))
    .digest('hex');
  return `steps/${kind}/${hash}.json`;
}
