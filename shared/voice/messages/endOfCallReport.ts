import { amountOf, momentOf } from './bounds.ts';
import { membersOf, numberOf, textOf } from './tolerant.ts';

/** A call of more than half a year, or a bill of more than a million dollars, is a mistake. */
const longestSeconds = 15_000_000;
export const mostUsd = 1_000_000;

/** Vapi's rubrics give booleans, numbers, words or objects. */
function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // Nested more deeply than the stack goes.
    return undefined;
  }
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
  const startedAt = momentOf(message.startedAt);
  const endedAt = momentOf(message.endedAt) ?? momentOf(message.timestamp);
  const measured = startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : undefined;
  const ms = numberOf(message.durationMs);
  const told = [message.durationSeconds, ms === undefined ? undefined : ms / 1000, measured];
  return {
    endedReason: textOf(message.endedReason) ?? 'unknown',
    startedAt,
    endedAt,
    durationSeconds: told.map((seconds) => amountOf(seconds, longestSeconds, 3)).find((s) => s !== undefined),
    costUsd:
      amountOf(message.cost, mostUsd, 6) ?? amountOf(membersOf(message.costBreakdown).total, mostUsd, 6),
    summary: textOf(analysis.summary) ?? textOf(message.summary),
    successEvaluation: toText(analysis.successEvaluation),
  };
}
