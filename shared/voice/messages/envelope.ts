import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { maybeObject, maybeText, maybeTime } from './tolerant.ts';

const phoneNumber = maybeObject({ id: maybeText, number: maybeText });
const customer = maybeObject({ number: maybeText });

const common = z.object({
  call: maybeObject({
    id: maybeText,
    createdAt: maybeTime,
    type: maybeText,
    phoneNumberId: maybeText,
    assistantId: maybeText,
    phoneNumber,
    customer,
  }),
  phoneNumber,
  customer,
});

/** What a message says of its call, whatever its type. */
export interface CallFacts {
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

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
  const { call, phoneNumber: dialled, customer: caller } = common.parse(message);
  return {
    callId: call?.id,
    callType: call?.type,
    createdAt: call?.createdAt,
    phoneNumberId: dialled?.id ?? call?.phoneNumberId,
    dialledNumber: dialled?.number ?? call?.phoneNumber?.number,
    assistantId: call?.assistantId,
    callerNumber: caller?.number ?? call?.customer?.number,
  };
}
