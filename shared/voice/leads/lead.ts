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
  /** Key of the row that repeats this one by time; rows of old have none. */
  timeKey?: string;
  /** Keys of the rows that say what requests for this lead were answered, one a line. */
  answerKeys?: string;
  /** The lead is being erased: the row holds nothing of it any more. */
  isErased?: boolean;
}

/** Answer keys that a row lists; a caller asks for one thing so often on no day. */
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
  const answers = [...(before?.answerKeys?.split('\n') ?? []), answerKeyOf(request.idempotencyKey)];
  return {
    partitionKey: tenantId,
    rowKey: leadKey(leadId),
    leadId,
    kind,
    ...clipped(details),
    message: added(before?.message, details.message),
    notes: added(before?.notes, details.notes),
    callerNumber: clip(callerNumber, longestText),
    callId: clip(callId, longestText),
    createdAt,
    updatedAt: at,
    timeKey: before?.timeKey ?? timeKeyOf(createdAt, toKey(leadId)),
    answerKeys: answers.slice(-mostAnswers).join('\n'),
  };
}

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
  if (typeof before !== 'string' || before === '') return clip(text, longestText);
  if (!text || `\n${before}\n`.includes(`\n${text}\n`)) return before;
  return clip(`${before}\n${text}`, longestText);
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
] as const;

export type LeadView = Partial<Record<(typeof leadFields)[number], Property>>;

/** A row without what is only for keeping it. */
export function toLeadView(row: Entity): LeadView {
  const shown: Entity = { kind: 'lead', ...row };
  return Object.fromEntries(
    leadFields.flatMap((field) => (shown[field] === undefined ? [] : [[field, shown[field]]])),
  );
}
