import { createHash } from 'node:crypto';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, Property } from '../../storage/tableStore.ts';
import { timeKeyOf } from '../calls/timeKey.ts';
import { clip, longestText } from '../messages/bounds.ts';

/** What a caller leaves: a request for a service, a message for somebody, or the wish to be called back. */
export const leadKinds = ['lead', 'message', 'callback'] as const;
export type LeadKind = (typeof leadKinds)[number];

/** What a caller wants, as the model collected it. */
export interface LeadDetails {
  /** The service, or what a message or a call back is about. */
  service?: string | undefined;
  urgency?: string | undefined;
  suburb?: string | undefined;
  /** When a job suits the caller, in their words. */
  preferredTime?: string | undefined;
  /** When the caller wants to be called back, in their words or as ISO time. */
  wantedTime?: string | undefined;
  callerName?: string | undefined;
  callbackNumber?: string | undefined;
  /** What is to be passed on. Several add up. */
  message?: string | undefined;
  /** Several add up. */
  notes?: string | undefined;
}

export interface LeadRequest {
  tenantId: string;
  /** `lead` where not said. */
  kind?: LeadKind | undefined;
  details: LeadDetails;
  callerNumber: string | undefined;
  callId: string | undefined;
  /** The same for every delivery of one request. */
  idempotencyKey: string;
  now: Date;
}

export interface SavedLead {
  id: string;
  /** What the request did; a repeated one is told what it did the first time. */
  change: 'created' | 'updated';
  /** This request had been answered before, and changed nothing now. */
  isRepeated: boolean;
}

export interface LeadRow extends Entity {
  leadId: string;
  createdAt: string;
  /** The lead that this one goes on with, which was full. */
  continues?: string;
  /** The lead that goes on with this one. */
  continuedBy?: string;
  /** Key of the row that repeats this one by time; rows of old have none. */
  timeKey?: string;
  /** Keys of the rows that say what requests for this lead were answered, one a line. */
  answerKeys?: string;
  /** The lead is being erased: the row holds nothing of it any more. */
  isErased?: boolean;
}

/** Answer keys that a row lists. */
const mostAnswers = 300;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

export const leadPrefix = 'l|';
export const leadKey = (leadId: string) => `${leadPrefix}${toKey(leadId)}`;
export const answerKeyOf = (idempotencyKey: string) => `i|${hash(idempotencyKey)}`;

/** Row of the latest lead of a kind that a caller left for a service; none for a caller without a number. */
export function pointerKeyOf(
  callerNumber: Property,
  service: Property,
  kind: Property = 'lead',
): string | undefined {
  if (!callerNumber) return undefined;
  const subject = [callerNumber, String(service ?? '').toLowerCase()];
  return `d|${hash(JSON.stringify(kind === 'lead' ? subject : [...subject, kind]))}`;
}

/** The lead after a request. Later details win, but for message and notes: those add up. */
export function toLead(request: LeadRequest, leadId: string, before?: LeadRow): LeadRow {
  const { tenantId, kind = 'lead', details, callerNumber, callId, now } = request;
  const at = now.toISOString();
  const createdAt = before?.createdAt ?? at;
  const answers = [...answersOf(before), answerKeyOf(request.idempotencyKey)];
  return {
    partitionKey: tenantId,
    rowKey: leadKey(leadId),
    leadId,
    kind,
    ...clipped(details),
    message: clip(added(before?.message, details.message), longestText),
    notes: clip(added(before?.notes, details.notes), longestText),
    callerNumber: clip(callerNumber, longestText),
    callId: clip(callId, longestText),
    createdAt,
    updatedAt: at,
    timeKey: before?.timeKey ?? timeKeyOf(createdAt, toKey(leadId)),
    answerKeys: answers.join('\n'),
  };
}

const answersOf = (row: LeadRow | undefined) => row?.answerKeys?.split('\n') ?? [];

/** True where a row has no room for what a request would add to it. */
export function isFull(row: LeadRow, { details }: LeadRequest): boolean {
  const isTooLong = (before: Property, text: string | undefined) =>
    (added(before, text)?.length ?? 0) > longestText;
  return (
    isTooLong(row.message, details.message) ||
    isTooLong(row.notes, details.notes) ||
    answersOf(row).length >= mostAnswers
  );
}

/**
 * The lead that goes on with one that is full: it has the same details, so that it can be read and forgotten by itself,
 * and of message and notes what is new.
 */
export function toNextLead(request: LeadRequest, leadId: string, before: LeadRow): LeadRow {
  const next = toLead(request, leadId);
  const known = detailFields.flatMap((field) =>
    before[field] === undefined ? [] : [[field, before[field]]],
  );
  const told = Object.entries(next).filter(([, value]) => value !== undefined);
  return { ...next, ...Object.fromEntries([...known, ...told]), continues: before.leadId };
}

/** Details of which the latest is kept. */
const detailFields = [
  'urgency',
  'suburb',
  'preferredTime',
  'wantedTime',
  'callerName',
  'callbackNumber',
] as const satisfies (keyof LeadDetails)[];

function clipped(details: LeadDetails): LeadDetails {
  return Object.fromEntries(
    Object.entries(details).map(([name, text]: [string, string | undefined]) => [
      name,
      clip(text, longestText),
    ]),
  );
}

/** A text with another line, unless it has that one already. */
function added(before: Property, text: string | undefined): string | undefined {
  const line = clip(text, longestText);
  if (typeof before !== 'string' || before === '') return line;
  if (!line || `\n${before}\n`.includes(`\n${line}\n`)) return before;
  return `${before}\n${line}`;
}

/** Columns that tell of a lead, in the order in which to show them. */
export const leadFields = [
  'leadId',
  'kind',
  'createdAt',
  'updatedAt',
  'service',
  'urgency',
  'suburb',
  'preferredTime',
  'wantedTime',
  'callerName',
  'callerNumber',
  'callbackNumber',
  'message',
  'notes',
  'callId',
  'continues',
] as const;

export type LeadView = Partial<Record<(typeof leadFields)[number], Property>>;

/** A row without what is only for keeping it. */
export function toLeadView(row: Entity): LeadView {
  const shown: Entity = { kind: 'lead', ...row };
  return Object.fromEntries(
    leadFields.flatMap((field) => (shown[field] === undefined ? [] : [[field, shown[field]]])),
  );
}
