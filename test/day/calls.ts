import type { TenantInput } from '../../shared/voice/tenants/tenant.ts';
import { planAsks } from './asks.ts';
import type { Caller } from './caller.ts';
import {
  type CallFrame,
  type CallTruth,
  type Era,
  envelope,
  type Line,
  openAiMessages,
  type ToolShape,
} from './callShape.ts';
import type { Dice } from './dice.ts';
import { reportMessage } from './endMessages.ts';
import type { PlannedCall } from './plannedCall.ts';
import { arrange, type Timed } from './steps.ts';
import { askMessage, type ToolAsk } from './toolAsk.ts';

const eras: readonly Era[] = [
  '2026',
  '2026',
  '2026',
  '2026',
  '2026',
  '2026',
  '2024-11',
  '2024-07',
  '2024-03',
];
const toolShapes: readonly ToolShape[] = ['nested', 'nested', 'json-text', 'flat', 'with-tool'];
const reasons = ['customer-ended-call', 'assistant-ended-call', 'silence-timed-out', 'exceeded-max-duration'];

/** A call from `caller` at `createdAt` (epoch milliseconds), with all its deliveries. */
export function planCall(
  dice: Dice,
  tenant: TenantInput | undefined,
  caller: Caller,
  createdAt: number,
): PlannedCall {
  const frame = planFrame(dice, tenant, caller, createdAt);
  const rounds = planAsks(dice, tenant, caller);
  const truth = planTruth(dice, frame, caller, rounds.length);
  const facts = planFacts(dice, truth);
  const call = {
    frame,
    truth,
    tenantId: tenant?.tenantId,
    caller,
    credential: dice.chance(0.6) ? ('secret' as const) : ('hmac' as const),
    asks: rounds.flat(),
    ...facts,
  };
  return { ...call, steps: arrange(dice, messagesOf(dice, call, rounds)) };
}

type Told = Omit<PlannedCall, 'steps'>;

function planFrame(
  dice: Dice,
  tenant: TenantInput | undefined,
  caller: Caller,
  createdAt: number,
): CallFrame {
  const [ownId] = tenant?.phoneNumberIds ?? [];
  const isByNumber = !caller.isOnWeb;
  return {
    callId: dice.uuid(),
    era: dice.pick(eras),
    toolShape: dice.pick(toolShapes),
    type: caller.isOnWeb ? 'webCall' : dice.chance(0.9) ? 'inboundPhoneCall' : 'outboundPhoneCall',
    createdAt,
    phoneNumberId: isByNumber ? (ownId ?? dice.uuid()) : undefined,
    dialledNumber: isByNumber ? (tenant?.phoneNumbers?.[0] ?? '+61255599999') : undefined,
    assistantId: caller.isOnWeb ? tenant?.assistantIds?.[0] : undefined,
    callerNumber: caller.shown,
    isCallerBeside: dice.chance(0.8),
  };
}

function planTruth(dice: Dice, { createdAt }: CallFrame, { name }: Caller, rounds: number): CallTruth {
  const startedAt = createdAt + dice.int(300, 2_500);
  const lines: Line[] = [];
  let at = startedAt;
  const say = (speaker: Line['speaker'], text: string, afterMs: number) => {
    at += afterMs;
    lines.push({ speaker, text, at });
  };
  for (let i = 0; i < Math.max(2, rounds + 1); i++) {
    say('bot', `How can I help with ${dice.word()}?`, dice.int(800, 4_000));
    const said = i === 0 ? `It is ${name}, about ${dice.word()}.` : `Yes, the ${dice.word()} please.`;
    say('user', said, dice.int(1_500, 9_000));
  }
  return {
    startedAt,
    endedAt: at + dice.int(500, 20_000),
    endedReason: dice.pick(reasons),
    costUsd: dice.int(1_000, 400_000) / 1e6,
    summary: `${name} asked about ${dice.word()}.`,
    success: dice.pick(['true', 'false']),
    lines,
  };
}

function planFacts(dice: Dice, { endedAt }: CallTruth) {
  const isReported = dice.chance(0.94);
  const summary = `On second thoughts it was ${dice.word()}.`;
  return {
    isReported,
    reportedAt: endedAt + dice.int(1_000, 9_000),
    amended: isReported && dice.chance(0.05) ? { summary, success: dice.pick(['true', 'false']) } : undefined,
    isStartTold: dice.chance(0.95),
    isEndTold: dice.chance(isReported ? 0.93 : 0.6),
    hangs: dice.chance(0.06) ? dice.int(1, 2) : 0,
    isForwarded: dice.chance(0.04),
  };
}

function messagesOf(dice: Dice, call: Told, rounds: readonly ToolAsk[][]): Timed[] {
  const { frame, truth } = call;
  const asked = frame.type === 'inboundPhoneCall' ? [assistantRequest(call)] : [];
  return [...asked, ...statuses(call), ...tools(call, rounds), ...noise(dice, call), ...reports(call, truth)];
}

function assistantRequest({ frame }: Told): Timed {
  const at = frame.createdAt + 20;
  return { at, message: envelope(frame, 'assistant-request', at, {}, []), isFixed: true };
}

function statuses(call: Told): Timed[] {
  const { frame, truth, isStartTold, isEndTold, isForwarded } = call;
  const status = (at: number, members: Record<string, unknown>): Timed => ({
    at,
    message: envelope(
      frame,
      'status-update',
      at,
      members,
      truth.lines.filter((line) => line.at < at),
    ),
  });
  const forwardedAt = truth.endedAt - 200;
  const destination = { type: 'number', number: '+61255500000' };
  return [
    ...(isStartTold ? [status(truth.startedAt, { status: 'in-progress' })] : []),
    ...(isForwarded
      ? [
          status(forwardedAt, { status: 'forwarding', destination }),
          {
            at: forwardedAt + 5,
            message: envelope(frame, 'transfer-update', forwardedAt + 5, { destination }, []),
          },
        ]
      : []),
    ...(isEndTold ? [status(truth.endedAt, { status: 'ended', endedReason: truth.endedReason })] : []),
  ];
}

/** The caller's words lead to what the model asks for, round by round; the last ones come just before the end. */
function tools({ frame, truth }: Told, rounds: readonly ToolAsk[][]): Timed[] {
  const heard = truth.lines.filter(({ speaker }) => speaker === 'user');
  const last = heard.at(-1)?.at ?? truth.startedAt;
  return rounds.flatMap((asks, i) => {
    const at = (heard[i]?.at ?? last) + 300 + i;
    const said = truth.lines.filter((line) => line.at < at);
    // Before 2024-07 a message held one function.
    const messages = frame.era === '2024-03' ? asks.map((ask) => [ask]) : [asks];
    return messages.map((some, n) => ({
      at: at + n / 10,
      message: askMessage(frame, some, at + n, said),
      asks: some,
      isFixed: true,
    }));
  });
}

/** What a call says all the time and nobody keeps, and the hangs, which are counted. */
function noise(dice: Dice, { frame, truth, hangs }: Told): Timed[] {
  const { lines } = truth;
  const some = lines.filter(() => dice.chance(0.6));
  const heard = some.flatMap(({ speaker, text, at }): Timed[] => {
    const role = speaker === 'bot' ? 'assistant' : 'user';
    const said = lines.filter((line) => line.at <= at);
    const kinds = {
      'conversation-update': { messagesOpenAIFormatted: openAiMessages(said) },
      transcript: { role, transcriptType: 'final', transcript: text },
      'speech-update': { role, status: 'started', turn: 1 },
      'assistant.started': {},
      'user-interrupted': {},
    };
    const type = dice.pick(Object.keys(kinds) as (keyof typeof kinds)[]);
    return [{ at: at + 1, message: envelope(frame, type, at + 1, kinds[type], said) }];
  });
  const hung = Array.from({ length: hangs }, (_, i): Timed => {
    const at = truth.startedAt + 1_000 + i * 777;
    return { at, message: envelope(frame, 'hang', at, {}, []) };
  });
  return [...heard, ...hung];
}

function reports({ frame, isReported, reportedAt, amended }: Told, truth: CallTruth): Timed[] {
  if (!isReported) return [];
  const made = (at: number, change?: typeof amended): Timed => ({
    at,
    message: reportMessage(frame, truth, at, 1, change),
    again: reportMessage(frame, truth, at, 2, change),
  });
  return [made(reportedAt), ...(amended ? [made(reportedAt + 60_000, amended)] : [])];
}
