import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BlobStore } from '../storage/blobStore.ts';
import type { Logger } from '../telemetry/logger.ts';
import { tryJson } from '../tryJson.ts';
import { type KnownGap, knownGapSchema } from './gate/outcome.ts';
import { type JsonBlob, readJsonBlob, writeJsonBlob } from './jsonBlob.ts';

const container = 'audit-jobs';
const runSchema = z.object({ gaps: z.array(knownGapSchema) });

/** The gaps of each project's last run. What cannot be read or written is logged, and compares with nothing. */
export class ProjectRuns {
  readonly #blobs: Pick<BlobStore, 'get' | 'put'>;

  constructor(blobs: Pick<BlobStore, 'get' | 'put'>) {
    this.#blobs = blobs;
  }

  /** Undefined where there was no run. */
  last(project: string, log: Logger): Promise<KnownGap[] | undefined> {
    return readJsonBlob(
      this.#blob(project, log),
      'audit-project-unreadable',
      (text) => runSchema.parse(tryJson(text)).gaps,
    );
  }

  /** Writes where that differs from the run before. */
  async note(
    project: string,
    gaps: readonly KnownGap[],
    previous: readonly KnownGap[] | undefined,
    log: Logger,
  ): Promise<void> {
    if (JSON.stringify(gaps) === JSON.stringify(previous)) return;
    await writeJsonBlob(this.#blob(project, log), 'audit-project-unwritable', { gaps });
  }

  #blob(project: string, log: Logger): JsonBlob {
    return { blobs: this.#blobs, container, name: nameOf(project), log };
  }
}

const nameOf = (project: string) =>
  `projects/${createHash('sha256').update(project).digest('hex').slice(0, 32)}.json`;
