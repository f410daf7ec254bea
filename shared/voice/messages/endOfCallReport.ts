import { membersOf, numberOf, textOf, timeOf } from './tolerant.ts';

/** Vapi's rubrics give booleans, numbers, words or objects. */
function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The lasting facts of a finished call. */
export interface ReportFacts {
  endedReason: string;
  startedAt: string | undefined;
  endedAt: string | undefined;
  durationSeconds: number | undefined;
  /** US dollars, as Vapi bills. */
  costUsd: number | undefined;
  summary: string | undefined;
  successEvaluation: string | undefined;
}

/**
 * Reads a report. Facts come from the message itself: its `call` object is a stale snapshot taken when the call was
 * still ringing, and there is no `report` member.
 */
export function readReport(message: Record<string, unknown>): ReportFacts {
  const analysis = membersOf(message.analysis);
  const startedAt = timeOf(message.startedAt);
  const endedAt = timeOf(message.endedAt) ?? timeOf(message.timestamp);
  const measured = startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : undefined;
  return {
    endedReason: textOf(message.endedReason) ?? 'unknown',
    startedAt,
    endedAt,
    durationSeconds:
      numberOf(message.durationSeconds) ?? (measured !== undefined && measured >= 0 ? measured : undefined),
    costUsd: numberOf(message.cost),
    summary: textOf(analysis.summary) ?? textOf(message.summary),
    successEvaluation: toText(analysis.successEvaluation),
  };
}
