import type { Stores } from '../../storage/stores.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity } from '../../storage/tableStore.ts';
import type { ReportFacts } from '../messages/endOfCallReport.ts';
import type { CallFacts } from '../messages/envelope.ts';

/** Partition of calls whose line leads to no tenant: kept, so that nothing is lost, and found by an operator. */
export const unassigned = 'unassigned';

const container = 'calls';
const longestSummary = 30_000;

interface CallRow extends Entity {
  callId: string;
  timeKey: string;
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

  async saveReport(
    tenantId: string,
    callId: string,
    call: CallFacts,
    report: ReportFacts,
    body: Uint8Array,
    receivedAt: string,
  ): Promise<void> {
    const at = report.startedAt ?? call.createdAt ?? report.endedAt ?? receivedAt;
    const key = toKey(callId);
    const reportBlob = `${tenantId}/${at.slice(0, 10)}/${key}.json`;
    const timeKey = `t|${invertedTime(at)}|${key}`;
    const row = {
      partitionKey: tenantId,
      rowKey: key,
      ...toColumns(callId, call, report),
      reportBlob,
      timeKey,
    };
    await this.#stores.blobs.put(container, reportBlob, body, 'application/json');
    const first = await this.#stores.tables.transact(container, [
      { kind: 'insert', entity: row },
      {
        kind: 'insert',
        entity: { partitionKey: tenantId, rowKey: timeKey, ...toColumns(callId, call, report), reportBlob },
      },
    ]);
    if (first === 'conflict') await this.#update(row);
  }

  /** A repeated report: the rows exist, so the facts are merged under the keys of the first. */
  async #update(row: CallRow): Promise<void> {
    const stored = await this.#stores.tables.get<CallRow>(container, row.partitionKey, row.rowKey);
    const timeKey = stored?.timeKey ?? row.timeKey;
    const { timeKey: _, ...facts } = row;
    await this.#stores.tables.transact(container, [
      { kind: 'merge', entity: { ...facts, timeKey } },
      { kind: 'merge', entity: { ...facts, rowKey: timeKey } },
    ]);
  }
}

function toColumns(callId: string, call: CallFacts, report: ReportFacts) {
  return {
    callId,
    status: 'ended',
    callType: call.callType,
    callerNumber: call.callerNumber,
    endedReason: report.endedReason,
    startedAt: report.startedAt,
    endedAt: report.endedAt,
    durationSeconds: report.durationSeconds,
    costUsd: report.costUsd,
    summary: report.summary?.slice(0, longestSummary),
    successEvaluation: report.successEvaluation,
  };
}
