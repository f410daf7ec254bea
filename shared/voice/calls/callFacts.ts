import { clip, longestText, longestWord, momentOf } from '../messages/bounds.ts';
import type { ReportFacts } from '../messages/endOfCallReport.ts';
import type { CallFacts, Delivery } from '../messages/envelope.ts';
import type { ReportDetails } from '../messages/reportDetails.ts';
import { readArtifactUploads, readStatusUpdate, readTransferKind } from '../messages/statusUpdate.ts';
import {
  type CallColumn,
  type CallState,
  factsFrom,
  type MarkName,
  mergeCall,
  sources,
} from './callState.ts';

type Values = Parameters<typeof factsFrom>[0];

/** The column that keeps when a call was first seen in a status. */
const statusTimes = new Map<string | undefined, CallColumn>([
  ['queued', 'queuedAt'],
  ['ringing', 'ringingAt'],
  ['in-progress', 'startedAt'],
  ['forwarding', 'forwardedAt'],
  ['ended', 'endedAt'],
  ['deletion-failed', 'deletionFailedAt'],
]);

/**
 * What a message leaves in its call's row; undefined where it leaves nothing. Time is the message's own `timestamp`, so
 * that a repeated delivery says the same again; one without is timed by its receipt, and counts as often as it comes.
 *
 * | message | leaves |
 * |---|---|
 * | every one below | type of call, caller, number dialled, its id, assistant id, when the call was created |
 * | `status-update` | status, since when; reason of the end; kind of forwarding destination; why it was not accepted |
 * | `assistant.started` | since when an assistant speaks; status `in-progress` |
 * | `transfer-update` | one transfer more, with its kind |
 * | `hang` | one hang more |
 * | `call.artifact.upload` | which artifacts were stored in the customer's own storage, and which could not be |
 * | `call.deleted`, `call.delete.failed` | when |
 * | `end-of-call-report` | everything else; its ticket is processed by `CallStore.saveReport` |
 * | `session.*`, `chat.*` | nothing: these are of text conversations, which have no call |
 * | `assistant-request` | nothing: a caller hears it ring, and nothing is written meanwhile |
 * | all others | nothing: they are of the moment (speech, transcripts, model output), or requests that are answered |
 */
export function lastingFacts({ type, message, call }: Delivery, receivedAt: Date): CallState | undefined {
  const time = momentOf(message.timestamp) ?? receivedAt.toISOString();
  const said = eventFacts(type, message, time);
  return said && mergeCall(identityFacts(call, time), said);
}

function eventFacts(
  type: string,
  message: Readonly<Record<string, unknown>>,
  time: string,
): CallState | undefined {
  const update = (values: Values) => factsFrom(values, sources.update, Date.parse(time));
  switch (type) {
    case 'status-update':
      return statusFacts(message, time);
    case 'assistant.started':
      return update({ status: 'in-progress', assistantStartedAt: time });
    case 'transfer-update':
      return marked('transferMarks', [`${time} ${readTransferKind(message)}`]);
    case 'hang':
      return marked('hangMarks', [time]);
    case 'call.artifact.upload':
      return marked(
        'artifactMarks',
        readArtifactUploads(message).map(({ type, isStored }) => `${type} ${isStored ? 'stored' : 'failed'}`),
      );
    case 'call.deleted':
      return update({ deletedAt: time });
    case 'call.delete.failed':
      return update({ deletionFailedAt: time });
    default:
      return undefined;
  }
}

function statusFacts(message: Readonly<Record<string, unknown>>, time: string): CallState {
  const { status, endedReason, destinationKind, inboundError } = readStatusUpdate(message);
  const since = statusTimes.get(status);
  return factsFrom(
    {
      status,
      endedReason: status === 'ended' ? endedReason : undefined,
      forwardedTo: destinationKind,
      inboundError,
      ...(since ? { [since]: time } : {}),
    },
    sources.update,
    Date.parse(time),
  );
}

function marked(name: MarkName, marks: readonly string[]): CallState {
  return { facts: {}, marks: marks.length > 0 ? { [name]: marks } : {} };
}

/** Who called whom, as every message of the call repeats it. */
export function identityFacts(call: CallFacts, time: string): CallState {
  return factsFrom(
    {
      callType: clip(call.callType, longestWord),
      callerNumber: clip(call.callerNumber, longestWord),
      dialledNumber: clip(call.dialledNumber, longestWord),
      phoneNumberId: clip(call.phoneNumberId, longestWord),
      assistantId: clip(call.assistantId, longestWord),
      createdAt: momentOf(call.createdAt),
    },
    sources.update,
    Date.parse(time),
  );
}

/** What a report says, which outweighs all that was said during the call, and of two reports the later. */
export function reportFacts(
  call: CallFacts,
  report: ReportFacts,
  details: Partial<ReportDetails>,
  receivedAt: string,
): CallState {
  const { transcript: _, ...columns } = details;
  const endedAt = momentOf(report.endedAt);
  const time = details.reportedAt ?? endedAt ?? momentOf(receivedAt) ?? receivedAt;
  const at = Date.parse(time);
  const isEndTold = endedAt !== undefined && endedAt !== details.reportedAt;
  const isReasonTold = report.endedReason !== 'unknown';
  const told = factsFrom(
    {
      ...columns,
      status: 'ended',
      endedReason: isReasonTold ? clip(report.endedReason, longestWord) : undefined,
      startedAt: momentOf(report.startedAt),
      endedAt: isEndTold ? endedAt : undefined,
      durationSeconds: report.durationSeconds,
      costUsd: report.costUsd,
      summary: clip(report.summary, longestText),
      successEvaluation: clip(report.successEvaluation, longestText),
      reportedAt: time,
    },
    sources.report,
    at,
  );
  const guessed = factsFrom(
    { endedReason: isReasonTold ? undefined : 'unknown', endedAt: isEndTold ? undefined : endedAt },
    sources.guess,
    at,
  );
  return mergeCall(identityFacts(call, time), mergeCall(told, guessed));
}

/** What a tool noted of how the call went. */
export function outcomeFacts(outcome: string, note: string | undefined, at: Date): CallState {
  const values = { outcome: clip(outcome, longestWord), outcomeNote: clip(note, longestText) };
  return factsFrom(values, sources.update, at.getTime());
}
