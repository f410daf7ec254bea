import { AppError } from '../../errors.ts';
import { mostEntries } from '../../http/paging.ts';
import type { Stores } from '../../storage/stores.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, StoredEntity, TableOperation, TableStore } from '../../storage/tableStore.ts';
import { longestWord, momentOf } from '../messages/bounds.ts';
import type { ReportFacts } from '../messages/endOfCallReport.ts';
import type { CallFacts } from '../messages/envelope.ts';
import type { ReportDetails } from '../messages/reportDetails.ts';
import { CallBlobs } from './callBlobs.ts';
import { outcomeFacts, reportFacts } from './callFacts.ts';
import {
  type CallRow,
  type CallView,
  callsTable,
  type Places,
  placesAt,
  placesOf,
  remainsKey,
  remainsPrefix,
  stateOf,
  toColumns,
  toView,
} from './callRow.ts';
import { type CallState, mergeCall, nothing } from './callState.ts';
import { type CallUsage, toUsage, toUsageColumns, usageOf } from './callUsage.ts';
import { type Page, type PageQuery, readPage } from './page.ts';
import { keyOfTimeKey, keysBetween, timePrefix } from './timeKey.ts';

/** Partition of calls whose line leads to no tenant: kept, so that nothing is lost, and found by an operator. */
export const unassigned = 'unassigned';

/** Each try that fails means that another delivery of the same call was stored. */
const tries = 20;

export interface CallQuery extends PageQuery {
  status?: string | undefined;
  endedReason?: string | undefined;
}

export interface Stored {
  outcome: 'stored' | 'unchanged' | 'erased';
  /** Where the call is; its tenant, where a call without one has been moved there before. */
  tenantId: string;
  usage: CallUsage | undefined;
}

/** What a delivery brings. */
interface News {
  facts: CallState;
  /** ISO time that a call seen for the first time is listed at. */
  seenAt: string;
  report?: { body: Uint8Array; transcript: Uint8Array | undefined; usage: CallUsage };
}

/**
 * Calls: in the tenant's partition one row by call id and one by time, the report as received and the transcript as
 * blobs. Deliveries are merged into the row in whatever order and however often they come; the keys are those of the
 * first one. Of two reports that differ and are stored at the same moment the blob can be either.
 */
export class CallStore {
  readonly #tables: TableStore;
  readonly #blobs: CallBlobs;

  constructor({ tables, blobs }: Pick<Stores, 'blobs' | 'tables'>) {
    this.#tables = tables;
    this.#blobs = new CallBlobs(blobs);
  }

  /** The row of a call; undefined where there is none, or it was erased or moved to its tenant. */
  async get(tenantId: string, callId: string): Promise<StoredEntity<CallRow> | undefined> {
    const row = await this.#row(tenantId, toKey(callId));
    return row?.isErased || row?.movedTo ? undefined : row;
  }

  /** What was said in a call; undefined where nothing was, or there is no such call. */
  async transcript(tenantId: string, callId: string): Promise<string | undefined> {
    const row = await this.get(tenantId, callId);
    const text = row && (await this.#blobs.transcript(row));
    return text && Buffer.from(text).toString();
  }

  /** Calls of a tenant, latest first; from `from` on and before `to`. */
  list(tenantId: string, { from, to }: { from?: Date; to?: Date } = {}): AsyncIterable<Entity> {
    return this.#tables.list(callsTable, tenantId, timePrefix, keysBetween(from, to));
  }

  /** A page of calls, latest first. @throws AppError `invalid-request` for a limit or cursor that is none. */
  async page(tenantId: string, query: CallQuery): Promise<Page<CallView>> {
    const isAsked = ({ status, endedReason }: Entity) =>
      (query.status === undefined || status === query.status) &&
      (query.endedReason === undefined || endedReason === query.endedReason);
    const page = await readPage(this.#tables, callsTable, tenantId, query, isAsked);
    return { ...page, items: page.items.map(toView) };
  }

  /**
   * Merges what a message leaves (`lastingFacts`) into its call. `at` is the time of its receipt.
   * @throws AppError `storage-unavailable`.
   */
  note(tenantId: string, callId: string, facts: CallState, at: Date): Promise<Stored> {
    return this.#store(tenantId, callId, {
      facts,
      seenAt: String(facts.facts.createdAt?.value ?? at.toISOString()),
    });
  }

  /** Notes how a call went, in a word and a sentence; of several the latest stays. */
  noteOutcome(
    tenantId: string,
    callId: string,
    outcome: string,
    note: string | undefined,
    now: Date,
  ): Promise<Stored> {
    return this.note(tenantId, callId, outcomeFacts(outcome, note, now), now);
  }

  /**
   * Stores a report. A repeated one, also one that differs, lands in the same places, and is counted as the first one
   * was. What was kept of the call as {@link unassigned} goes with it.
   */
  async saveReport(
    tenantId: string,
    callId: string,
    call: CallFacts,
    report: ReportFacts,
    body: Uint8Array,
    receivedAt: string,
    details: Partial<ReportDetails> = {},
  ): Promise<Stored> {
    const usage = toUsage(report, receivedAt);
    const transcript = details.transcript === undefined ? undefined : Buffer.from(details.transcript);
    if (tenantId !== unassigned) await this.adopt(tenantId, callId);
    const stored = await this.#store(tenantId, callId, {
      facts: reportFacts(call, report, details, receivedAt),
      seenAt: report.startedAt ?? momentOf(call.createdAt) ?? report.endedAt ?? receivedAt,
      report: { body, transcript, usage },
    });
    return { ...stored, usage: stored.usage ?? usage };
  }

  /**
   * Moves what was kept of a call as {@link unassigned} to its tenant. Whatever of it comes later without a tenant is
   * sent after it. Gives whether there was anything.
   */
  async adopt(tenantId: string, callId: string): Promise<boolean> {
    const key = toKey(callId);
    for (let attempt = 0; attempt < tries; attempt++) {
      const from = await this.#row(unassigned, key);
      if (!from || from.isErased) return false;
      if (from.movedTo) {
        // A move that was cut short can have left these.
        await this.clear(unassigned, key, from.timeKey);
        return false;
      }
      const to = await this.#row(tenantId, key);
      if (!to?.isErased && !(await this.#takeOver(tenantId, key, from, to))) continue;
      if (!(await this.#replaceWithSign(from, { movedTo: tenantId }))) continue;
      await this.clear(unassigned, key, from.timeKey);
      return true;
    }
    throw inConflict();
  }

  /**
   * Erases a call: rows, report and transcript. A sign stays that holds the call's id and what was counted, so that a
   * late delivery does not bring it back. Can be repeated; gives how many calls went.
   */
  async erase(tenantId: string, callId: string): Promise<number> {
    const key = toKey(callId);
    for (let attempt = 0; attempt < tries; attempt++) {
      const row = await this.#row(tenantId, key);
      if (!row) return 0;
      const isGone = row.isErased || row.movedTo !== undefined;
      if (!isGone && !(await this.#replaceWithSign(row, { isErased: true }))) continue;
      await this.clear(tenantId, key, row.timeKey);
      if (tenantId !== unassigned) await this.erase(unassigned, callId);
      return isGone ? 0 : 1;
    }
    throw inConflict();
  }

  /**
   * Erases calls first seen before a time, and the signs of those that were erased or moved. Stops after `most`, and
   * goes on with the next run. Gives how many rows it looked at.
   */
  async eraseBefore(tenantId: string, before: Date, most: number): Promise<number> {
    let erased = 0;
    for (const prefix of [timePrefix, remainsPrefix]) {
      const range = { ...keysBetween(undefined, before, prefix), atOnce: Math.min(most, mostEntries) };
      for await (const { rowKey } of this.#tables.list(callsTable, tenantId, prefix, range)) {
        if (erased >= most) return erased;
        const timeKey = timePrefix + rowKey.slice(prefix.length);
        const key = keyOfTimeKey(timeKey);
        await this.#blobs.delete(placesOf(tenantId, key, timeKey));
        // The row it was found by goes last, so that a run that is cut short is taken up again.
        const others = [key, timeKey].filter((other) => other !== rowKey);
        for (const other of [...others, rowKey]) await this.#tables.delete(callsTable, tenantId, other);
        erased++;
      }
    }
    return erased;
  }

  /** Deletes the blobs and the row by time of a call. */
  async clear(tenantId: string, key: string, timeKey: string): Promise<void> {
    await this.#blobs.delete(placesOf(tenantId, key, timeKey));
    await this.#tables.delete(callsTable, tenantId, timeKey);
  }

  async #store(tenantId: string, callId: string, news: News): Promise<Stored> {
    const key = toKey(callId);
    let put: Places | undefined;
    for (let attempt = 0; attempt < tries; attempt++) {
      const row = await this.#row(tenantId, key);
      if (put && isElsewhere(put, row, tenantId, key)) await this.#blobs.delete(put);
      if (row?.movedTo) return this.#store(row.movedTo, callId, news);
      if (row?.isErased) {
        // A report that was being stored while its call was erased can have left its blobs.
        if (news.report) await this.clear(tenantId, key, row.timeKey);
        return { outcome: 'erased', tenantId, usage: usageOf(row) };
      }
      if (!row && tenantId !== unassigned && (await this.adopt(tenantId, callId))) continue;
      const places = row ? placesOf(tenantId, key, row.timeKey) : placesAt(tenantId, key, news.seenAt);
      const next = toNext(tenantId, callId, places, row, news);
      if (row && isHeldBy(row, next)) return { outcome: 'unchanged', tenantId, usage: usageOf(row) };
      if (news.report) put = places;
      Object.assign(next, await this.#putBlobs(places, row, news.facts, news.report));
      if (await this.#write(key, next, row)) return { outcome: 'stored', tenantId, usage: usageOf(next) };
    }
    throw inConflict();
  }

  #row(tenantId: string, key: string): Promise<StoredEntity<CallRow> | undefined> {
    return this.#tables.get<CallRow>(callsTable, tenantId, key);
  }

  /** Both rows of a call, where it is still as it was read. */
  async #write(key: string, next: CallRow, before: StoredEntity<CallRow> | undefined): Promise<boolean> {
    const byId = { ...next, rowKey: key };
    const byTime = { ...next, rowKey: next.timeKey };
    const steps: TableOperation[] = before
      ? [
          { kind: 'merge', entity: byId, etag: before.etag },
          { kind: 'merge', entity: byTime },
        ]
      : [
          { kind: 'insert', entity: byId },
          { kind: 'replace', entity: byTime },
        ];
    return (await this.#tables.transact(callsTable, steps)) === 'done';
  }

  /** Merges the row of a call without tenant into the tenant's, blobs first. Gives false on a conflict. */
  async #takeOver(
    tenantId: string,
    key: string,
    from: StoredEntity<CallRow>,
    to: StoredEntity<CallRow> | undefined,
  ): Promise<boolean> {
    const places = placesOf(tenantId, key, to?.timeKey ?? from.timeKey);
    const facts = stateOf(from);
    const next = toNext(tenantId, from.callId, places, to, { facts, seenAt: '' });
    const [body, transcript] = await Promise.all([this.#blobs.report(from), this.#blobs.transcript(from)]);
    Object.assign(next, await this.#putBlobs(places, to, facts, { body, transcript }));
    const usage = usageOf(from);
    if (usage && !usageOf(to))
      Object.assign(next, toUsageColumns({ ...usage, countedFor: usage.countedFor ?? unassigned }));
    return this.#write(key, next, to);
  }

  /** Stores what belongs to the latest report, or is the first of its kind. Gives the columns that name it. */
  async #putBlobs(
    places: Places,
    row: CallRow | undefined,
    facts: CallState,
    { body, transcript }: { body?: Uint8Array | undefined; transcript?: Uint8Array | undefined } = {},
  ): Promise<Pick<CallRow, 'reportBlob' | 'transcriptBlob'>> {
    const isLatest = isLatestReport(row, facts);
    const names: Pick<CallRow, 'reportBlob' | 'transcriptBlob'> = {};
    if (body && (isLatest || row?.reportBlob === undefined)) {
      await this.#blobs.putReport(places, body);
      names.reportBlob = places.reportBlob;
    }
    if (transcript && (isLatest || row?.transcriptBlob === undefined)) {
      await this.#blobs.putTranscript(places, transcript);
      names.transcriptBlob = places.transcriptBlob;
    }
    return names;
  }

  /** In place of a row a sign of where it went, or that it was erased. Gives false where the row has changed. */
  async #replaceWithSign(
    row: StoredEntity<CallRow>,
    sign: Pick<CallRow, 'movedTo' | 'isErased'>,
  ): Promise<boolean> {
    const { partitionKey, rowKey, timeKey, etag } = row;
    const usage = usageOf(row);
    const counted = usage ? toUsageColumns(usage) : {};
    const outcome = await this.#tables.transact(callsTable, [
      { kind: 'replace', entity: { partitionKey, rowKey, timeKey, ...counted, ...sign }, etag },
      { kind: 'replace', entity: { partitionKey, rowKey: remainsKey(timeKey) } },
    ]);
    return outcome === 'done';
  }
}

function inConflict(): AppError {
  return new AppError('storage-unavailable', 'The call could not be stored: its rows stay in conflict.');
}

/** The row with the news in it. */
function toNext(
  tenantId: string,
  callId: string,
  { timeKey }: Places,
  row: CallRow | undefined,
  { facts, report }: News,
): CallRow {
  const state = mergeCall(row ? stateOf(row) : nothing, facts);
  const usage = usageOf(row) ?? report?.usage;
  return {
    partitionKey: tenantId,
    rowKey: '',
    callId: callId.slice(0, longestWord),
    timeKey,
    ...toColumns(state),
    ...(usage ? toUsageColumns(usage) : {}),
  };
}

/** True where writing `next` would change nothing. */
function isHeldBy(row: CallRow, next: CallRow): boolean {
  return Object.entries(next).every(([column, value]) => column === 'rowKey' || row[column] === value);
}

/** Whether blobs that were put are not where the row, as it has become meanwhile, says they are. */
function isElsewhere(put: Places, row: CallRow | undefined, tenantId: string, key: string): boolean {
  if (!row || row.movedTo !== undefined) return true;
  return placesOf(tenantId, key, row.timeKey).reportBlob !== put.reportBlob;
}

/** Whether these facts come from the latest report there is. */
function isLatestReport(row: CallRow | undefined, { facts }: CallState): boolean {
  const before = row && stateOf(row).facts.reportedAt;
  return facts.reportedAt !== undefined && (!before || before.at <= facts.reportedAt.at);
}
