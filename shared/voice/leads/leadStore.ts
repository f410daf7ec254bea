import { AppError } from '../../errors.ts';
import { mostEntries } from '../../http/paging.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, StoredEntity, TableOperation, TableStore } from '../../storage/tableStore.ts';
import { type Page, type PageQuery, readPage } from '../calls/page.ts';
import { isSameNumber } from '../calls/sameNumber.ts';
import { keysBetween, timeKeyOf, timePrefix } from '../calls/timeKey.ts';
import {
  answerKeyOf,
  isFull,
  type LeadKind,
  type LeadRequest,
  type LeadRow,
  type LeadView,
  leadKey,
  leadPrefix,
  pointerKeyOf,
  type SavedLead,
  toLead,
  toLeadView,
  toNextLead,
} from './lead.ts';

export interface LeadQuery extends PageQuery {
  urgency?: string | undefined;
  kind?: LeadKind | undefined;
}

interface LeadPointer extends Entity {
  leadId: string;
  createdAt: string;
}
interface AnswerRow extends Entity {
  leadId: string;
  /** Rows of old have none. */
  change?: SavedLead['change'];
}

const table = 'leads';
/** Row that says that all leads of a partition are listed by time. */
const timedMark = 'm|timed';
/** What one caller says of one service within this time is one lead. */
const sameLeadMs = 24 * 60 * 60 * 1000;
const tries = 20;

/** What a request comes to: the lead as it will be, and what that is written over. */
interface Step {
  lead: LeadRow;
  /** The lead it adds to. */
  adds?: StoredEntity<LeadRow> | undefined;
  /** The lead it goes on with. */
  continues?: StoredEntity<LeadRow> | undefined;
}

/**
 * Leads of a tenant in one partition: `l|leadId` the lead, `t|inverted time|leadId` the same by time, `d|hash(number,
 * service)` the caller's latest for a service, `i|hash(key)` what a request was answered. They are written in one
 * conditional transaction, so a request is done once however often delivered, and nothing a caller said is overwritten.
 * What has no room in a lead any more goes into a next one.
 */
export class LeadStore {
  readonly #tables: TableStore;
  readonly #newId: () => string;
  readonly #timed = new Set<string>();

  constructor(tables: TableStore, newId: () => string) {
    this.#tables = tables;
    this.#newId = newId;
  }

  /**
   * Creates a lead, or adds to the caller's recent one of the same kind for the same service; where that is full, to a
   * new one that goes on with it.
   */
  async save(request: LeadRequest): Promise<SavedLead> {
    const { tenantId, callerNumber, details, kind } = request;
    const answerKey = answerKeyOf(request.idempotencyKey);
    const pointerKey = pointerKeyOf(callerNumber, details.service, kind);
    for (let attempt = 0; attempt < tries; attempt++) {
      const [answered, pointer] = await Promise.all([
        this.#tables.get<AnswerRow>(table, tenantId, answerKey),
        pointerKey ? this.#tables.get<LeadPointer>(table, tenantId, pointerKey) : undefined,
      ]);
      if (answered) return { id: answered.leadId, change: answered.change ?? 'updated', isRepeated: true };
      const { lead, adds, continues } = await this.#step(request, pointer);
      const { leadId, createdAt } = lead;
      const change = adds ? 'updated' : 'created';
      const operations: TableOperation[] = [
        { kind: 'insert', entity: { partitionKey: tenantId, rowKey: answerKey, leadId, change } },
        ...bothRows(lead, adds),
      ];
      if (continues) operations.push(continued(continues, leadId));
      if (pointerKey && !adds) {
        const entity = { partitionKey: tenantId, rowKey: pointerKey, leadId, createdAt };
        operations.push(
          pointer ? { kind: 'replace', entity, etag: pointer.etag } : { kind: 'insert', entity },
        );
      }
      if ((await this.#tables.transact(table, operations)) === 'done')
        return { id: leadId, change, isRepeated: false };
    }
    throw inConflict();
  }

  /** One lead. */
  async get(tenantId: string, leadId: string): Promise<LeadView | undefined> {
    const row = await this.#lead(tenantId, leadKey(leadId));
    return row && toLeadView(row);
  }

  /** All leads of a tenant, in no order. */
  async *list(tenantId: string): AsyncIterable<Entity> {
    for await (const row of this.#tables.list<LeadRow>(table, tenantId, leadPrefix))
      if (!row.isErased) yield row;
  }

  /** Leads of a tenant, latest first; made from `from` on and before `to`. */
  async *listByTime(
    tenantId: string,
    { from, to }: { from?: Date; to?: Date } = {},
  ): AsyncIterable<LeadView> {
    await this.#timeAll(tenantId);
    for await (const row of this.#tables.list(table, tenantId, timePrefix, keysBetween(from, to)))
      yield toLeadView(row);
  }

  /** A page of leads, latest first. @throws AppError `invalid-request` for a limit or cursor that is none. */
  async page(tenantId: string, query: LeadQuery): Promise<Page<LeadView>> {
    await this.#timeAll(tenantId);
    const isAsked = ({ urgency, kind = 'lead' }: Entity) =>
      (query.urgency === undefined || urgency === query.urgency) &&
      (query.kind === undefined || kind === query.kind);
    const page = await readPage(this.#tables, table, tenantId, query, isAsked);
    return { ...page, items: page.items.map(toLeadView) };
  }

  /** Erases the leads that name a number as the caller's or to be called back. Gives how many went. */
  async eraseNumber(tenantId: string, number: string): Promise<number> {
    let erased = 0;
    for await (const row of this.#tables.list<LeadRow>(table, tenantId, leadPrefix)) {
      const isMeant = isSameNumber(row.callerNumber, number) || isSameNumber(row.callbackNumber, number);
      if (row.isErased || isMeant) erased += await this.#erase(tenantId, row.rowKey);
    }
    return erased;
  }

  /** Erases leads last changed before a time; after `most` it stops. Gives how many went. */
  async eraseBefore(tenantId: string, before: Date, most: number): Promise<number> {
    await this.#timeAll(tenantId);
    const range = { ...keysBetween(undefined, before), atOnce: Math.min(most, mostEntries) };
    let erased = 0;
    for await (const row of this.#tables.list<LeadRow>(table, tenantId, timePrefix, range)) {
      if (erased >= most) break;
      if (Date.parse(String(row.updatedAt)) >= before.getTime()) continue;
      erased += await this.#erase(tenantId, leadKey(row.leadId));
      await this.#tables.delete(table, tenantId, row.rowKey);
    }
    return erased;
  }

  async #step(request: LeadRequest, pointer: LeadPointer | undefined): Promise<Step> {
    const { tenantId, now } = request;
    const isRecent = pointer && now.getTime() - Date.parse(pointer.createdAt) < sameLeadMs;
    const before = isRecent ? await this.#lead(tenantId, leadKey(pointer.leadId)) : undefined;
    if (!before) return { lead: toLead(request, this.#newId()) };
    if (isFull(before, request))
      return { lead: toNextLead(request, this.#newId(), before), continues: before };
    return { lead: toLead(request, before.leadId, before), adds: before };
  }

  async #lead(tenantId: string, rowKey: string): Promise<StoredEntity<LeadRow> | undefined> {
    const row = await this.#tables.get<LeadRow>(table, tenantId, rowKey);
    return row?.isErased ? undefined : row;
  }

  /**
   * Erases a lead with all rows that point to it. First its row is emptied, so that a request that would add to it makes
   * a new one instead; it goes last, so that erasing can be taken up again.
   */
  async #erase(tenantId: string, rowKey: string): Promise<number> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const row = await this.#tables.get<LeadRow>(table, tenantId, rowKey);
      if (!row) return 0;
      const { leadId, createdAt, timeKey, answerKeys = '' } = row;
      const pointerKey = String(
        row.pointerKey ?? pointerKeyOf(row.callerNumber, row.service, row.kind) ?? '',
      );
      const entity = { partitionKey: tenantId, rowKey, leadId, createdAt, timeKey, answerKeys, pointerKey };
      const sign = { kind: 'replace', entity: { ...entity, isErased: true }, etag: row.etag } as const;
      if ((await this.#tables.write(table, sign)) === undefined) continue;
      const pointer = pointerKey && (await this.#tables.get<LeadPointer>(table, tenantId, pointerKey));
      if (pointer && pointer.leadId === leadId)
        await this.#tables.delete(table, tenantId, pointerKey, pointer.etag);
      for (const other of [...answerKeys.split('\n'), timeKey ?? '', rowKey])
        if (other !== '') await this.#tables.delete(table, tenantId, other);
      return row.isErased ? 0 : 1;
    }
    throw inConflict();
  }

  /** Gives rows by time to leads of old that have none. Done once for each tenant, until nothing is left to do. */
  async #timeAll(tenantId: string): Promise<void> {
    if (this.#timed.has(tenantId)) return;
    if (!(await this.#tables.get(table, tenantId, timedMark))) {
      let isTimed = true;
      for await (const row of this.#tables.list<LeadRow>(table, tenantId, leadPrefix)) {
        if (row.timeKey !== undefined || row.isErased) continue;
        isTimed = false;
        const { etag: _, ...lead } = row;
        const timeKey = timeKeyOf(row.createdAt, toKey(row.leadId));
        // On a conflict the lead was changed meanwhile, which has given it one, or was erased.
        await this.#tables.transact(table, bothRows({ ...lead, timeKey } as LeadRow, row));
      }
      // An instance of the version before may still be writing: the mark is set when a look finds nothing to do.
      if (!isTimed) return;
      await this.#tables.replace(table, { partitionKey: tenantId, rowKey: timedMark });
    }
    this.#timed.add(tenantId);
  }
}

function inConflict(): AppError {
  return new AppError(
    'storage-unavailable',
    'The lead could not be stored: too many requests for one caller at the same moment.',
  );
}

/** Noted on condition that the full lead is as it was read: what goes on with an erased one would bring it back. */
function continued({ partitionKey, rowKey, etag }: StoredEntity<LeadRow>, by: string): TableOperation {
  return { kind: 'merge', entity: { partitionKey, rowKey, continuedBy: by }, etag };
}

/** A lead's row by id, where it is still as it was read, and the one by time. */
function bothRows(lead: LeadRow, before: StoredEntity<LeadRow> | undefined): TableOperation[] {
  // The row by time of a lead of old takes its other columns as well, which a merge of the news would not bring.
  const { etag, ...known } = before ?? { etag: '' };
  const told = Object.fromEntries(Object.entries(lead).filter(([, value]) => value !== undefined));
  const byTime = { ...known, ...told, rowKey: String(lead.timeKey) } as Entity;
  return [
    before ? { kind: 'merge', entity: lead, etag } : { kind: 'insert', entity: lead },
    { kind: 'replace', entity: byTime },
  ];
}
