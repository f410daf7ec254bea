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
interface LeadRow extends Entity {
  leadId: string;
  notes?: string;
}

/** What one caller says of one service within this time is one lead. */
const sameLeadMs = 24 * 60 * 60 * 1000;
const longestNotes = 8_000;
const tries = 20;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Leads of a tenant in one partition: `l|leadId` the lead, `d|hash(number, service)` the caller's latest for a service,
 * `i|hash(key)` what a request was answered. They are written in one conditional transaction, so a request is done once
 * however often delivered, and nothing a caller said is overwritten.
 */
export class LeadStore {
  readonly #tables: TableStore;
  readonly #newId: () => string;

  constructor(tables: TableStore, newId: () => string) {
    this.#tables = tables;
    this.#newId = newId;
  }

  /** Creates a lead, or adds to the caller's recent one for the same service. Gives the lead's id. */
  async save(request: LeadRequest): Promise<string> {
    const { tenantId, callerNumber, details, now } = request;
    const answerKey = `i|${hash(request.idempotencyKey)}`;
    const pointerKey =
      callerNumber && `d|${hash(JSON.stringify([callerNumber, details.service.toLowerCase()]))}`;
    for (let attempt = 0; attempt < tries; attempt++) {
      const [answered, pointer] = await Promise.all([
        this.#tables.get<AnswerRow>('leads', tenantId, answerKey),
        pointerKey ? this.#tables.get<LeadPointer>('leads', tenantId, pointerKey) : undefined,
      ]);
      if (answered) return answered.leadId;
      const recent = pointer && now.getTime() - Date.parse(pointer.createdAt) < sameLeadMs;
      const lead = recent
        ? await this.#tables.get<LeadRow>('leads', tenantId, leadKey(pointer.leadId))
        : undefined;
      const leadId = lead?.leadId ?? this.#newId();
      const operations: TableOperation[] = [
        { kind: 'insert', entity: { partitionKey: tenantId, rowKey: answerKey, leadId } },
        lead
          ? { kind: 'merge', entity: toRow(request, leadId, lead), etag: lead.etag }
          : { kind: 'insert', entity: toRow(request, leadId) },
      ];
      if (pointerKey && !lead) {
        const entity = { partitionKey: tenantId, rowKey: pointerKey, leadId, createdAt: now.toISOString() };
        operations.push(
          pointer ? { kind: 'replace', entity, etag: pointer.etag } : { kind: 'insert', entity },
        );
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

const leadKey = (leadId: string) => `l|${toKey(leadId)}`;

/** Later details win, but for notes: those add up. */
function toRow(
  { tenantId, details, callerNumber, callId, now }: LeadRequest,
  leadId: string,
  before?: LeadRow,
): Entity {
  const at = now.toISOString();
  const notes = [...new Set([before?.notes, details.notes].filter(Boolean))]
    .join('\n')
    .slice(0, longestNotes);
  return {
    partitionKey: tenantId,
    rowKey: leadKey(leadId),
    leadId,
    ...details,
    notes: notes || undefined,
    callerNumber,
    callId,
    updatedAt: at,
    ...(before ? {} : { createdAt: at }),
  };
}
