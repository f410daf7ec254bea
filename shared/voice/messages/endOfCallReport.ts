import { z } from 'zod';
import { maybeNumber, maybeObject, maybeText, maybeTime } from './tolerant.ts';

const schema = z.object({
  endedReason: maybeText,
  startedAt: maybeTime,
  endedAt: maybeTime,
  timestamp: maybeTime,
  durationSeconds: maybeNumber,
  cost: maybeNumber,
  summary: maybeText,
  analysis: maybeObject({ summary: maybeText, successEvaluation: z.unknown().optional() }),
});

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
  const report = schema.parse(message);
  const { startedAt, endedAt = report.timestamp } = report;
  const measured = startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : undefined;
  const success = report.analysis?.successEvaluation;
  return {
    endedReason: report.endedReason ?? 'unknown',
    startedAt,
    endedAt,
    durationSeconds:
      report.durationSeconds ?? (measured !== undefined && measured >= 0 ? measured : undefined),
    costUsd: report.cost,
    summary: report.analysis?.summary ?? report.summary,
    successEvaluation: toText(success),
  };
}
