import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { tryJson } from '../tryJson.ts';
import { type KnownGap, knownGapSchema } from './gate/outcome.ts';

const container = 'audit-jobs';
const runSchema = z.object({ gaps: z.array(knownGapSchema) });

/** The gaps of each project's last run. What cannot be read or written is logged, and compares with nothing. */
export class ProjectRuns {
  readonly #blobs: Pick<BlobStore, 'get' | 'put'>;

  constructor(blobs: Pick<BlobStore, 'get' | 'put'>) {
    this.#blobs = blobs;
  }

  /** Undefined where there was no run. */
  async last(project: string, log: Logger): Promise<KnownGap[] | undefined> {
    try {
      const bytes = await this.#blobs.get(container, nameOf(project));
      return bytes && runSchema.parse(tryJson(Buffer.from(bytes).toString())).gaps;
    } catch (error) {
      log.warn('audit-project-unreadable', errorFields(error));
      return undefined;
    }
  }

  /** Writes where that differs from the run before. */
  async note(
    project: string,
    gaps: readonly KnownGap[],
    previous: readonly KnownGap[] | undefined,
    log: Logger,
  ): Promise<void> {
    if (JSON.stringify(gaps) === JSON.stringify(previous)) return;
    try {
      const bytes = Buffer.from(JSON.stringify({ gaps }));
      await this.#blobs.put(container, nameOf(project), bytes, 'application/json');
    } catch (error) {
      log.warn('audit-project-unwritable', errorFields(error));
    }
  }
}

const nameOf = (project: string) =>
  `projects/${createHash('sha256').update(project).digest('hex').slice(0, 32)}.json`;
