import { secondsOf } from './callShape.ts';
import type { Plan } from './plan.ts';
import type { PlannedCall } from './plannedCall.ts';
import type { ToolAsk } from './toolAsk.ts';

/** What must be told of a call, by the names the API gives; what is undefined must not be there. */
export interface ExpectedCall {
  callId: string;
  status: string | undefined;
  callType: string | undefined;
  callerNumber: string | undefined;
  dialledNumber: string | undefined;
  createdAt: string | undefined;
  startedAt: string | undefined;
  endedAt: string | undefined;
  endedReason: string | undefined;
  durationSeconds: number | undefined;
  costUsd: number | undefined;
  summary: string | undefined;
  successEvaluation: string | undefined;
  turns: number | undefined;
  hangs: number | undefined;
  transfers: number | undefined;
  outcome: unknown;
  outcomeNote: unknown;
}

/** One lead, message or wish to be rung back, and the requests that made it what it is. */
export interface ExpectedWish {
  kind: 'lead' | 'message' | 'callback';
  asks: { id: string; callId: string }[];
  /** By the names of the API; what nobody said is not there. */
  details: Record<string, unknown>;
  /** Lines of what adds up. */
  lines: { notes: string[]; message: string[] };
}

export interface Expected {
  tenantId: string;
  calls: ExpectedCall[];
  wishes: ExpectedWish[];
  /** Types of events its own system wants; none without one. */
  subscribed: readonly string[];
  usage: { calls: number; seconds: number; usd: number };
}

export const everyEvent = [
  'lead.created',
  'lead.updated',
  'message.taken',
  'callback.requested',
  'call.ended',
];

/** Whose calls are that are nobody's. */
export const nobody = 'unassigned';

/** What must be stored at the end of the day, by tenant, from the plan alone. */
export function expectedOf({ tenants, threads }: Plan): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const { tenantId, delivery } of [...tenants, { tenantId: nobody, delivery: undefined }]) {
    const subscribed = delivery ? (delivery.events ?? everyEvent) : [];
    const usage = { calls: 0, seconds: 0, usd: 0 };
    expected.set(tenantId, { tenantId, calls: [], wishes: [], subscribed, usage });
  }
  for (const { calls } of threads) {
    const open = new Map<string, ExpectedWish>();
    for (const call of calls) {
      const whose = expected.get(call.tenantId ?? nobody);
      if (whose) addCall(whose, call, open);
    }
  }
  return expected;
}

function addCall(whose: Expected, call: PlannedCall, open: Map<string, ExpectedWish>): void {
  const told = toldOf(call);
  if (told) whose.calls.push(told);
  for (const ask of call.asks) {
    const wish = addWish(whose, call, ask, open);
    wish?.asks.push({ id: ask.id, callId: call.frame.callId });
  }
  if (!call.isReported) return;
  whose.usage.calls++;
  if (!hasFigures(call)) return;
  whose.usage.seconds += secondsOf(call.truth);
  whose.usage.usd += call.truth.costUsd;
}

/** Reports of the first eras named neither times nor costs. */
const hasFigures = ({ isReported, frame }: PlannedCall) =>
  isReported && (frame.era === '2026' || frame.era === '2024-11');

const iso = (ms: number) => new Date(ms).toISOString();

/** Undefined for a call of which nothing lasting was ever said. */
function toldOf(call: PlannedCall): ExpectedCall | undefined {
  const { frame, truth, isReported, isStartTold, isEndTold, isForwarded, hangs, reportedAt } = call;
  const outcome = call.asks.findLast(({ effect }) => effect === 'outcome')?.args;
  const status = statusOf(call);
  if (status === undefined && hangs === 0 && !outcome) return undefined;
  // Of what was told only by a tool nothing else is known.
  const isKnown = status !== undefined || hangs > 0;
  const timed = hasFigures(call);
  const guessedEnd = isReported ? reportedAt : undefined;
  const endedAt = timed || isEndTold ? truth.endedAt : guessedEnd;
  const said = call.amended ?? truth;
  return {
    callId: frame.callId,
    status,
    callType: isKnown ? frame.type : undefined,
    callerNumber: isKnown ? frame.callerNumber : undefined,
    dialledNumber: isKnown ? frame.dialledNumber : undefined,
    createdAt: isKnown ? iso(frame.createdAt) : undefined,
    startedAt: timed || isStartTold ? iso(truth.startedAt) : undefined,
    endedAt: endedAt === undefined ? undefined : iso(endedAt),
    endedReason: isReported || isEndTold ? truth.endedReason : undefined,
    durationSeconds: timed ? secondsOf(truth) : undefined,
    costUsd: timed ? truth.costUsd : undefined,
    summary: isReported ? said.summary : undefined,
    successEvaluation: isReported ? said.success : undefined,
    turns: isReported ? truth.lines.length : undefined,
    hangs: hangs > 0 ? hangs : undefined,
    transfers: isForwarded ? 1 : undefined,
    outcome: outcome?.outcome,
    outcomeNote: outcome?.note,
  };
}

function statusOf({
  isReported,
  isEndTold,
  isForwarded,
  isStartTold,
  steps,
}: PlannedCall): string | undefined {
  if (isReported || isEndTold) return 'ended';
  if (isForwarded) return 'forwarding';
  const isStarted = isStartTold || steps.some(({ message }) => message.type === 'assistant.started');
  return isStarted ? 'in-progress' : undefined;
}

const added = { lead: 'notes', message: 'message', callback: 'notes' } as const;

/** The API's name of each argument. */
const names: Readonly<Record<string, string>> = {
  service: 'service',
  for_whom: 'service',
  about: 'service',
  urgency: 'urgency',
  suburb: 'suburb',
  preferred_time: 'preferredTime',
  wanted_time: 'wantedTime',
  caller_name: 'callerName',
  callback_number: 'callbackNumber',
};

/** A caller who is known says more of the same thing; of one who is not, every request stands for itself. */
function addWish(
  whose: Expected,
  { caller }: PlannedCall,
  { id, args, effect }: ToolAsk,
  open: Map<string, ExpectedWish>,
): ExpectedWish | undefined {
  if (effect !== 'lead' && effect !== 'message' && effect !== 'callback') return undefined;
  const about = String(args.service ?? args.for_whom ?? args.about ?? '').toLowerCase();
  const key = caller.number === undefined ? id : `${effect} ${about}`;
  let wish = open.get(key);
  if (!wish) {
    wish = { kind: effect, asks: [], details: {}, lines: { notes: [], message: [] } };
    wish.details.callerNumber = caller.number;
    open.set(key, wish);
    whose.wishes.push(wish);
  }
  for (const [name, value] of Object.entries(args)) {
    const field = names[name];
    if (field !== undefined && value !== null) wish.details[field] = value;
  }
  const line = args[effect === 'message' ? 'message' : 'notes'];
  if (typeof line === 'string') wish.lines[added[effect]].push(line);
  return wish;
}
