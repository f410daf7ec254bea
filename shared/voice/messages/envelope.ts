import { AppError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { membersOf, textOf, timeOf } from './tolerant.ts';

/** What a message says of its call, whatever its type. */
export interface CallFacts {
  /** Named by the server URL's signed token, never by the message. */
  tenantId?: string;
  callId: string | undefined;
  callType: string | undefined;
  /** ISO time at which Vapi created the call. */
  createdAt: string | undefined;
  /** Vapi's id of the number that was dialled. */
  phoneNumberId: string | undefined;
  /** The number that was dialled, E.164. */
  dialledNumber: string | undefined;
  assistantId: string | undefined;
  /** The caller's number; absent for web calls and withheld numbers. */
  callerNumber: string | undefined;
}

export interface Delivery {
  type: string;
  /** The message as sent. */
  message: Record<string, unknown>;
  call: CallFacts;
}

const toolCallLists = ['toolCallList', 'toolCalls', 'toolWithToolCallList'];

/**
 * Reads the envelope `{"message": {"type": …}}`.
 * @throws AppError `invalid-request` where there is no message or it has no type.
 */
export function readDelivery(body: unknown): Delivery {
  const message = isObject(body) ? body.message : undefined;
  const type = isObject(message) ? (message.type ?? undefined) : undefined;
  // `type` is optional for tool-calls in Vapi's own schema; a list of calls then says what it is.
  const inferred =
    type ??
    (isObject(message) && toolCallLists.some((name) => Array.isArray(message[name]))
      ? 'tool-calls'
      : undefined);
  if (!isObject(message) || typeof inferred !== 'string' || inferred === '') {
    throw new AppError('invalid-request', 'Send a Vapi server message: {"message": {"type": "…", …}}.');
  }
  return { type: inferred, message, call: readCallFacts(message) };
}

function readCallFacts(message: Record<string, unknown>): CallFacts {
  const call = membersOf(message.call);
  const dialled = membersOf(message.phoneNumber);
  const caller = membersOf(message.customer);
  return {
    callId: textOf(call.id),
    callType: textOf(call.type),
    createdAt: timeOf(call.createdAt),
    phoneNumberId: textOf(dialled.id) ?? textOf(call.phoneNumberId),
    dialledNumber: textOf(dialled.number) ?? textOf(membersOf(call.phoneNumber).number),
    assistantId: textOf(call.assistantId),
    callerNumber: textOf(caller.number) ?? textOf(membersOf(call.customer).number),
  };
}
