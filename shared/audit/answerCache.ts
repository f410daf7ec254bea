import { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { engineAnswerSchema } from './engines/engine.ts';
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

  async get(key: string, log: Logger): Promise<CachedAnswer | undefined> {
    try {
      const bytes = await this.#blobs.get(container, `${key}.json`);
      return bytes && cachedSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    } catch (error) {
      log.warn('audit-cache-unreadable', { key, ...errorFields(error) });
      return undefined;
    }
  }

  async put(key: string, value: CachedAnswer, log: Logger): Promise<void> {
    try {
      await this.#blobs.put(container, `${key}.json`, Buffer.from(JSON.stringify(value)), 'application/json');
    } catch (error) {
      log.warn('audit-cache-unwritable', { key, ...errorFields(error) });
    }
  }
}
