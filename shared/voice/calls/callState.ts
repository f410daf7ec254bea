/** What a row can say of a call: text, a number, or a truth. */
export type Fact = string | number | boolean;

/**
 * The columns of a call that deliveries fill, and which of two facts stays. `latest`: that of the weightier source, then
 * of the later delivery, then the larger value. `earliest`: that of the weightier source, then the earlier time.
 */
export const callColumns = {
  status: 'latest',
  callType: 'latest',
  callerNumber: 'latest',
  dialledNumber: 'latest',
  phoneNumberId: 'latest',
  assistantId: 'latest',
  endedReason: 'latest',
  createdAt: 'earliest',
  queuedAt: 'earliest',
  ringingAt: 'earliest',
  assistantStartedAt: 'earliest',
  startedAt: 'earliest',
  forwardedAt: 'earliest',
  endedAt: 'earliest',
  reportedAt: 'latest',
  deletedAt: 'earliest',
  deletionFailedAt: 'earliest',
  durationSeconds: 'latest',
  costUsd: 'latest',
  transportCostUsd: 'latest',
  transcriberCostUsd: 'latest',
  modelCostUsd: 'latest',
  voiceCostUsd: 'latest',
  vapiCostUsd: 'latest',
  analysisCostUsd: 'latest',
  knowledgeBaseCostUsd: 'latest',
  voicemailDetectionCostUsd: 'latest',
  otherCostUsd: 'latest',
  turns: 'latest',
  turnLatencyAverage: 'latest',
  turnLatencyWorst: 'latest',
  modelLatencyAverage: 'latest',
  voiceLatencyAverage: 'latest',
  transcriberLatencyAverage: 'latest',
  endpointingLatencyAverage: 'latest',
  assistantInterrupted: 'latest',
  userInterrupted: 'latest',
  summary: 'latest',
  successEvaluation: 'latest',
  structuredData: 'latest',
  structuredOutputs: 'latest',
  forwardedTo: 'latest',
  transferRecords: 'latest',
  recordingUrl: 'latest',
  stereoRecordingUrl: 'latest',
  inboundError: 'latest',
  outcome: 'latest',
  outcomeNote: 'latest',
} as const satisfies Record<string, 'latest' | 'earliest'>;

export type CallColumn = keyof typeof callColumns;
export const columnNames = Object.keys(callColumns) as CallColumn[];

/** Things that happen several times in a call, each kept as a mark of its own so that a repeated delivery adds none. */
export const markNames = ['hangMarks', 'transferMarks', 'artifactMarks'] as const;
export type MarkName = (typeof markNames)[number];

/** Marks of one kind that are kept, the smallest first; a call with more is counted as having so many. */
export const mostMarks = 100;

/** A fact with what decides between it and another. */
export interface Known {
  value: Fact;
  /** Weight of where it comes from; for a status, how far the call has come. */
  source: number;
  /** Milliseconds: when it was said; 0 where that does not matter. */
  at: number;
}

/** Where facts come from, by weight. */
export const sources = { guess: 0, update: 1, report: 2 } as const;

/** All that is known of a call. */
export interface CallState {
  facts: Readonly<Partial<Record<CallColumn, Known>>>;
  marks: Readonly<Partial<Record<MarkName, readonly string[]>>>;
}

export const nothing: CallState = { facts: {}, marks: {} };

/** Statuses in the order a call passes through them; a word that is not among these says less than any. */
const statuses = ['scheduled', 'queued', 'ringing', 'in-progress', 'forwarding', 'ended'];
export const statusRank = (status: Fact) => statuses.indexOf(String(status)) + 1;

/**
 * Two pieces of knowledge of one call as one. Commutative, associative and idempotent: deliveries give the same state in
 * whatever order and however often they come.
 */
export function mergeCall(a: CallState, b: CallState): CallState {
  const facts: Partial<Record<CallColumn, Known>> = {};
  for (const column of columnNames) {
    const known = stronger(column, a.facts[column], b.facts[column]);
    if (known) facts[column] = known;
  }
  const marks: Partial<Record<MarkName, readonly string[]>> = {};
  for (const name of markNames) {
    const all = new Set([...(a.marks[name] ?? []), ...(b.marks[name] ?? [])]);
    if (all.size > 0) marks[name] = [...all].sort().slice(0, mostMarks);
  }
  return { facts, marks };
}

function stronger(column: CallColumn, a: Known | undefined, b: Known | undefined): Known | undefined {
  if (!a || !b) return a ?? b;
  if (a.source !== b.source) return a.source > b.source ? a : b;
  if (callColumns[column] === 'earliest') return a.value <= b.value ? a : b;
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return isLarger(b.value, a.value) ? b : a;
}

/** Any order will do as long as it is always the same one. */
function isLarger(a: Fact, b: Fact): boolean {
  return typeof a === typeof b ? a > b : typeof a > typeof b;
}

/** Facts of one delivery; what is undefined says nothing. Times of columns that keep the earliest are their values. */
export function factsFrom(
  values: Partial<Record<CallColumn, Fact | undefined>>,
  source: number,
  at: number,
): CallState {
  const facts: Partial<Record<CallColumn, Known>> = {};
  for (const column of columnNames) {
    const value = values[column];
    if (value === undefined) continue;
    if (column === 'status') facts.status = { value, source: statusRank(value), at: 0 };
    else facts[column] = { value, source, at: callColumns[column] === 'earliest' ? 0 : at };
  }
  return { facts, marks: {} };
}
