import { isObject } from '../../isObject.ts';
import { redactText } from '../../telemetry/redact.ts';
import { clip, longestWord, wordOf } from './bounds.ts';
import { itemsOf, membersOf, textOf } from './tolerant.ts';

/** What a `status-update` says of its call. */
export interface StatusFacts {
  /** `scheduled`, `queued`, `ringing`, `in-progress`, `forwarding`, `ended`, or a word that is new. */
  status: string | undefined;
  /** Only with `ended`. */
  endedReason: string | undefined;
  /** Only with `forwarding`: `number` or `sip`, never the number itself. */
  destinationKind: string | undefined;
  /** Why an inbound call could not be accepted, numbers taken out. */
  inboundError: string | undefined;
}

/** Source: `ServerMessageStatusUpdate` of Vapi's SDK 2.0.1, and captures for the debugging artifacts. */
export function readStatusUpdate(message: Readonly<Record<string, unknown>>): StatusFacts {
  const artifacts = membersOf(message.inboundPhoneCallDebuggingArtifacts);
  const errors = [artifacts.error, artifacts.assistantRequestError].flatMap(
    (error) => errorText(error) ?? [],
  );
  return {
    status: wordOf(message.status),
    endedReason: clip(textOf(message.endedReason), longestWord),
    destinationKind: destinationKind(message.destination),
    inboundError: clip(redactText([...new Set(errors)].join('\n')), longestWord),
  };
}

/** An error as text, or as an object with a message. */
function errorText(error: unknown): string | undefined {
  return textOf(isObject(error) ? error.message : error)?.slice(0, 2 * longestWord);
}

/** The kind of a transfer destination: `number`, `sip`, `assistant` or a word that is new. */
export function destinationKind(destination: unknown): string | undefined {
  return wordOf(membersOf(destination).type);
}

/** The kind of destination of a `transfer-update`, which between assistants of a squad may be told by these alone. */
export function readTransferKind(message: Readonly<Record<string, unknown>>): string {
  return destinationKind(message.destination) ?? (isObject(message.toAssistant) ? 'assistant' : 'unknown');
}

/** One artifact that Vapi tried to put into the customer's own storage. */
export interface ArtifactUpload {
  /** `recording-mono`, `log`, … */
  type: string;
  isStored: boolean;
}

/** Source: `ServerMessageCallArtifactUpload` of Vapi's SDK 2.0.1. */
export function readArtifactUploads(message: Readonly<Record<string, unknown>>): ArtifactUpload[] {
  return itemsOf(message.artifacts).flatMap((item) => {
    const { type, success } = membersOf(item);
    const name = wordOf(type);
    return name === undefined ? [] : [{ type: name, isStored: success === true }];
  });
}
