/**
 * How Vapi wrote its messages at a time. `2026`: the SDK 2.0.1 types. `2024-11`: costs as an object of older names.
 * `2024-07`: ISO timestamps, texts beside an empty artifact, a report without times and costs. `2024-03`: the same, and
 * functions one at a time, without ids. Source: published types and captured deliveries.
 */
export type Era = '2026' | '2024-11' | '2024-07' | '2024-03';

/** How an entry of `tool-calls` is written. */
export type ToolShape = 'nested' | 'json-text' | 'flat' | 'with-tool';

/** What a call is like before anything is said in it. Times are epoch milliseconds. */
export interface CallFrame {
  callId: string;
  era: Era;
  toolShape: ToolShape;
  type: 'inboundPhoneCall' | 'outboundPhoneCall' | 'webCall';
  createdAt: number;
  /** The line that was dialled, where there is one. */
  phoneNumberId: string | undefined;
  dialledNumber: string | undefined;
  assistantId: string | undefined;
  callerNumber: string | undefined;
  /** Whether messages say the number beside the call, as today, or only within it. */
  isCallerBeside: boolean;
}

export interface Line {
  speaker: 'bot' | 'user';
  text: string;
  at: number;
}

/** What is true of a call, whatever the order its messages come in. */
export interface CallTruth {
  startedAt: number;
  endedAt: number;
  endedReason: string;
  costUsd: number;
  summary: string;
  success: string;
  lines: readonly Line[];
}

export const secondsOf = ({ startedAt, endedAt }: Pick<CallTruth, 'startedAt' | 'endedAt'>) =>
  (endedAt - startedAt) / 1000;

const isEarly = ({ era }: CallFrame) => era === '2024-07' || era === '2024-03';

/** A message around what is its own. */
export function envelope(
  frame: CallFrame,
  type: string,
  at: number,
  members: Record<string, unknown>,
  said: readonly Line[],
): Record<string, unknown> {
  const { phoneNumberId, dialledNumber, callerNumber, isCallerBeside } = frame;
  const customer = callerNumber === undefined ? undefined : { number: callerNumber };
  return {
    type,
    timestamp: isEarly(frame) ? new Date(at).toISOString() : at,
    ...members,
    call: snapshotOf(frame),
    ...(dialledNumber === undefined
      ? {}
      : { phoneNumber: { id: phoneNumberId, number: dialledNumber, provider: 'twilio', assistantId: null } }),
    ...(customer && isCallerBeside ? { customer } : {}),
    artifact: isEarly(frame)
      ? { messages: [], messagesOpenAIFormatted: [] }
      : { messages: vapiMessages(said), messagesOpenAIFormatted: openAiMessages(said) },
  };
}

/** The call as Vapi repeats it in every message: as it was when it was made, and not true any more. */
function snapshotOf({ callId, type, createdAt, phoneNumberId, assistantId, callerNumber }: CallFrame) {
  const made = new Date(createdAt).toISOString();
  return {
    id: callId,
    orgId: '7b1f4a4e-2d6e-4c55-8a3b-9c0de1f2a3b4',
    createdAt: made,
    updatedAt: made,
    type,
    status: type === 'webCall' ? 'queued' : 'ringing',
    startedAt: null,
    endedAt: null,
    endedReason: null,
    cost: 0,
    phoneCallProvider: 'twilio',
    phoneNumberId: phoneNumberId ?? null,
    assistantId: assistantId ?? null,
    squadId: null,
    ...(callerNumber === undefined ? {} : { customer: { number: callerNumber } }),
    monitor: { controlUrl: `https://phone-call-websocket.example.invalid/${callId}/control` },
  };
}

export function vapiMessages(lines: readonly Line[]) {
  const start = lines[0]?.at ?? 0;
  const said = lines.map(({ speaker, text, at }) => ({
    role: speaker,
    message: text,
    time: at,
    endTime: at + 1_500.5,
    secondsFromStart: (at - start) / 1000,
  }));
  return [
    { role: 'system', message: 'You are the receptionist.', time: start, secondsFromStart: 0 },
    ...said,
  ];
}

export function openAiMessages(lines: readonly Line[]) {
  const said = lines.map(({ speaker, text }) => ({
    role: speaker === 'bot' ? 'assistant' : 'user',
    content: text,
  }));
  return [{ role: 'system', content: 'You are the receptionist.' }, ...said];
}

export function transcriptOf(lines: readonly Line[]): string {
  return lines.map(({ speaker, text }) => `${speaker === 'bot' ? 'AI' : 'User'}: ${text}`).join('\n');
}
