import { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import type { Logger } from '../telemetry/logger.ts';
import { engineAnswerSchema } from './engines/engine.ts';
import { type JsonBlob, readJsonBlob, writeJsonBlob } from './jsonBlob.ts';
import { judgedSchema, requirementSchema } from './verdict.ts';

const markedSchema = judgedSchema.extend({ fingerprint: requirementSchema.shape.fingerprint });

const cachedSchema = z.object({
  answer: engineAnswerSchema.extend({ requirements: z.array(markedSchema) }),
  tokens: z.object({ json: z.int().min(0), packed: z.int().min(0) }),
  createdAt: z.iso.datetime(),
});
export type CachedAnswer = z.infer<typeof cachedSchema>;

const container = 'audit-cache';

/**
 * Answers by content hash in Blob Storage. The cache is never the reason an audit fails: a store that cannot be
 * reached, or an entry that cannot be read, counts as a miss and is logged.
 */
export class AnswerCache {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  get(key: string, log: Logger): Promise<CachedAnswer | undefined> {
    return readJsonBlob(this.#blob(key, log), 'audit-cache-unreadable', (text) =>
      cachedSchema.parse(JSON.parse(text)),
    );
  }

  put(key: string, value: CachedAnswer, log: Logger): Promise<void> {
    return writeJsonBlob(this.#blob(key, log), 'audit-cache-unwritable', value);
  }

  #blob(key: string, log: Logger): JsonBlob {
    return { blobs: this.#blobs, container, name: `${key}.json`, log, about: { key } };
  }
}
