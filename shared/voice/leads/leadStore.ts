import { createHash } from 'node:crypto';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, TableOperation, TableStore } from '../../storage/tableStore.ts';

/** What a caller wants, as the model collected it. */
export interface LeadDetails {
  service: string;
  urgency?: string | undefined;
  suburb?: string | undefined;
  preferredTime?: string | undefined;
  callerName?: string | undefined;
  callbackNumber?: string | undefined;
  notes?: string | undefined;
}

export interface LeadRequest {
  tenantId: string;
  details: LeadDetails;
  callerNumber: string | undefined;
  callId: string | undefined;
  /** The same for every delivery of one request. */
  idempotencyKey: string;
  now: Date;
}

interface LeadPointer extends Entity {
  leadId: string;
  createdAt: string;
}
interface AnswerRow extends Entity {
  leadId: string;
}

/** Calls of one number within this time add to one lead. */
const sameLeadMs = 24 * 60 * 60 * 1000;
const tries = 5;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Leads of a tenant in one partition: `l|leadId` the lead, `d|hash(number)` the caller's latest, `i|hash(key)` what a
 * request was answered. The three are written in one transaction, so a request is done once however often delivered.
 */
export class LeadStore {
  readonly #tables: TableStore;
  readonly #newId: () => string;

  constructor(tables: TableStore, newId: () => string) {
    this.#tables = tables;
    this.#newId = newId;
  }

  /** Creates a lead, or adds to the caller's recent one. Gives the lead's id. */
  async save(request: LeadRequest): Promise<string> {
    const { tenantId, callerNumber, now } = request;
    const answerKey = `i|${hash(request.idempotencyKey)}`;
    for (let attempt = 0; attempt < tries; attempt++) {
      const pointerKey = callerNumber === undefined ? undefined : `d|${hash(callerNumber)}`;
      const [answered, pointer] = await Promise.all([
        this.#tables.get<AnswerRow>('leads', tenantId, answerKey),
        pointerKey === undefined ? undefined : this.#tables.get<LeadPointer>('leads', tenantId, pointerKey),
      ]);
      if (answered) return answered.leadId;
      const recent = pointer && now.getTime() - Date.parse(pointer.createdAt) < sameLeadMs;
      const leadId = recent ? pointer.leadId : this.#newId();
      const operations: TableOperation[] = [
        { kind: 'insert', entity: { partitionKey: tenantId, rowKey: answerKey, leadId } },
      ];
      operations.push({ kind: recent ? 'merge' : 'insert', entity: toRow(request, leadId, !recent) });
      if (pointerKey !== undefined && !recent) {
        const entity = { partitionKey: tenantId, rowKey: pointerKey, leadId, createdAt: now.toISOString() };
        operations.push({ kind: pointer ? 'replace' : 'insert', entity });
      }
      if ((await this.#tables.transact('leads', operations)) === 'done') return leadId;
    }
    throw new Error('the lead could not be stored: too many requests for one caller at the same moment');
  }

  /** All leads of a tenant. */
  list(tenantId: string): AsyncIterable<Entity> {
    return this.#tables.list('leads', tenantId, 'l|');
  }
}

function toRow(
  { tenantId, details, callerNumber, callId, now }: LeadRequest,
  leadId: string,
  isNew: boolean,
): Entity {
  const at = now.toISOString();
  return {
    partitionKey: tenantId,
    rowKey: `l|${toKey(leadId)}`,
    leadId,
    ...details,
    callerNumber,
    callId,
    updatedAt: at,
    ...(isNew ? { createdAt: at } : {}),
  };
}
