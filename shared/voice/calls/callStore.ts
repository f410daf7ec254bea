import type { Stores } from '../../storage/stores.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity } from '../../storage/tableStore.ts';
import type { ReportFacts } from '../messages/endOfCallReport.ts';
import type { CallFacts } from '../messages/envelope.ts';

/** Partition of calls whose line leads to no tenant: kept, so that nothing is lost, and found by an operator. */
export const unassigned = 'unassigned';

const container = 'calls';
/** A property of a table row holds 32 K characters; more would be refused. */
const longestSummary = 30_000;
const longestWord = 1_000;
const tries = 5;

interface CallRow extends Entity {
  timeKey: string;
  reportBlob: string;
}

/** Larger for earlier times, so that row keys list the latest call first. */
function invertedTime(iso: string): string {
  return String(9_999_999_999_999 - Date.parse(iso)).padStart(13, '0');
}

/**
 * Finished calls: one row by call id and one by time in the tenant's partition, and the report as received in a blob.
 * Storing the same call again, also at the same moment, changes nothing but the facts.
 */
export class CallStore {
  readonly #stores: Pick<Stores, 'blobs' | 'tables'>;

  constructor(stores: Pick<Stores, 'blobs' | 'tables'>) {
    this.#stores = stores;
  }

  get(tenantId: string, callId: string): Promise<Entity | undefined> {
    return this.#stores.tables.get(container, tenantId, toKey(callId));
  }

  /** Calls of a tenant, latest first. */
  list(tenantId: string): AsyncIterable<Entity> {
    return this.#stores.tables.list(container, tenantId, 't|');
  }

  /**
   * Stores a report. The keys of its rows and its blob are those of the first delivery, so that a repeated one, also
   * one that differs, lands in the same places.
   */
  async saveReport(
    tenantId: string,
    callId: string,
    call: CallFacts,
    report: ReportFacts,
    body: Uint8Array,
    receivedAt: string,
  ): Promise<void> {
    const { tables, blobs } = this.#stores;
    const key = toKey(callId);
    const at = report.startedAt ?? call.createdAt ?? report.endedAt ?? receivedAt;
    for (let attempt = 0; attempt < tries; attempt++) {
      const stored = await tables.get<CallRow>(container, tenantId, key);
      const { timeKey, reportBlob } = stored ?? placesOf(tenantId, key, at);
      const facts = { partitionKey: tenantId, ...toColumns(callId, call, report), reportBlob };
      const kind = stored ? 'merge' : 'insert';
      await blobs.put(container, reportBlob, body, 'application/json');
      const outcome = await tables.transact(container, [
        { kind, entity: { ...facts, rowKey: key, timeKey } },
        { kind, entity: { ...facts, rowKey: timeKey } },
      ]);
      // On a conflict another delivery of the same call was faster: its rows are there now.
      if (outcome === 'done') return;
    }
    throw new Error('the call could not be stored: its rows stay in conflict');
  }

  /** Takes away a call kept as {@link unassigned} once its tenant is known. */
  async removeUnassigned(callId: string): Promise<void> {
    const { tables, blobs } = this.#stores;
    const key = toKey(callId);
    const stored = await tables.get<CallRow>(container, unassigned, key);
    if (!stored) return;
    await blobs.delete(container, stored.reportBlob);
    await tables.delete(container, unassigned, stored.timeKey);
    await tables.delete(container, unassigned, key);
  }
}

function placesOf(tenantId: string, key: string, at: string): Pick<CallRow, 'timeKey' | 'reportBlob'> {
  return {
    timeKey: `t|${invertedTime(at)}|${key}`,
    reportBlob: `${tenantId}/${at.slice(0, 10)}/${key}.json`,
  };
}

function toColumns(callId: string, call: CallFacts, report: ReportFacts) {
  return {
    callId: callId.slice(0, longestWord),
    status: 'ended',
    callType: call.callType?.slice(0, longestWord),
    callerNumber: call.callerNumber?.slice(0, longestWord),
    endedReason: report.endedReason.slice(0, longestWord),
    startedAt: report.startedAt,
    endedAt: report.endedAt,
    durationSeconds: report.durationSeconds,
    costUsd: report.costUsd,
    summary: report.summary?.slice(0, longestSummary),
    successEvaluation: report.successEvaluation?.slice(0, longestSummary),
  };
}
