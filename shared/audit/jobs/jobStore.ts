import type { Stores } from '../../storage/stores.ts';
import type { AuditRequest } from '../auditRequest.ts';
import type { Share } from '../intake/memoryRoom.ts';
import type { AuditResult } from '../report/auditResult.ts';
import { type JobRow, jobRowKey, jobsContainer, jobsTable, type StoredJob } from './jobRow.ts';
import { packRequest, unpackRequest } from './requestFile.ts';

const requestOf = (id: string) => `${id}/request.jsonl.gz`;
const resultOf = (id: string) => `${id}/result.json`;

/** Jobs with what was asked and what came of it. The row says what there is; blobs without one are never looked at. */
export class JobStore {
  readonly #tables: Stores['tables'];
  readonly #blobs: Stores['blobs'];

  constructor({ tables, blobs }: Pick<Stores, 'tables' | 'blobs'>) {
    this.#tables = tables;
    this.#blobs = blobs;
  }

  get(id: string): Promise<StoredJob | undefined> {
    return this.#tables.get<JobRow>(jobsTable, id, jobRowKey);
  }

  async insert(row: JobRow): Promise<void> {
    await this.#tables.write(jobsTable, { kind: 'insert', entity: row });
  }

  /** Moves a job on from the version that was read; undefined where it is no longer that one. */
  async move({ etag }: StoredJob, row: JobRow): Promise<StoredJob | undefined> {
    const { etag: _, ...entity } = row as StoredJob;
    const written = await this.#tables.write(jobsTable, { kind: 'replace', entity: entity as JobRow, etag });
    return written === undefined ? undefined : ({ ...entity, etag: written } as StoredJob);
  }

  async putRequest(id: string, request: AuditRequest): Promise<void> {
    await this.#blobs.put(jobsContainer, requestOf(id), await packRequest(request), 'application/gzip');
  }

  /** Undefined where the request is gone, or was never stored whole. Its size is told to `share`. */
  async request(id: string, share?: Pick<Share, 'hold'>): Promise<AuditRequest | undefined> {
    const packed = await this.#blobs.get(jobsContainer, requestOf(id));
    return packed && unpackRequest(packed, share && ((bytes) => share.hold(bytes)));
  }

  /** The source is not kept for longer than it is worked at. */
  dropRequest(id: string): Promise<void> {
    return this.#blobs.delete(jobsContainer, requestOf(id));
  }

  async putResult(id: string, result: AuditResult): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(result));
    await this.#blobs.put(jobsContainer, resultOf(id), bytes, 'application/json');
  }

  async result(id: string): Promise<AuditResult | undefined> {
    const bytes = await this.#blobs.get(jobsContainer, resultOf(id));
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as AuditResult);
  }

  dropResult(id: string): Promise<void> {
    return this.#blobs.delete(jobsContainer, resultOf(id));
  }

  /** Deletes a job and all that belongs to it, the row last: until then it can be deleted again. */
  async remove(id: string): Promise<void> {
    await Promise.all([this.dropRequest(id), this.dropResult(id)]);
    await this.#tables.delete(jobsTable, id, jobRowKey);
  }

  /** Jobs that are not to be known any more. */
  expired(now: Date): AsyncIterable<StoredJob> {
    return this.#tables.listBefore<JobRow>(jobsTable, 'expiresAt', now);
  }

  /** Unfinished jobs that nobody sees to. */
  overdue(now: Date): AsyncIterable<StoredJob> {
    return this.#tables.listBefore<JobRow>(jobsTable, 'overdueAt', now);
  }
}
