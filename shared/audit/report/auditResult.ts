import type { AuditEngine, EngineAnswer } from '../engines/engine.ts';
import type { AuditInput, SkippedFile } from '../sourceTree.ts';
import { type Requirement, type Verdict, verdicts } from '../verdict.ts';
import type { TokenReport } from './tokenReport.ts';

/** The answer of `POST /api/audit`. */
export interface AuditResult {
  /** Content hash of everything that shaped the answer. */
  audit_id: string;
  /** ISO time of this answer. */
  date: string;
  engine: { name: string; model: string | null; note: string };
  design: string;
  question: string | null;
  summary: string;
  counts: Record<Verdict, number>;
  requirements: Requirement[];
  token_report: TokenReport;
  /** ISO time at which the engine gave the answer. */
  answered_at: string;
  /** Source files that could not be read, and why. */
  skipped_files: SkippedFile[];
  /** Files that are no source by the settings: how many, by extension or excluded folder. */
  unselected_files: Record<string, number>;
}

export interface ResultFacts {
  key: string;
  now: Date;
  engine: Pick<AuditEngine, 'name' | 'model' | 'note'>;
  input: AuditInput;
  answer: EngineAnswer;
  answeredAt: string;
  tokenReport: TokenReport;
}

export function buildAuditResult({
  key,
  now,
  engine,
  input,
  answer,
  answeredAt,
  tokenReport,
}: ResultFacts): AuditResult {
  const count = (verdict: Verdict) => answer.requirements.filter((r) => r.verdict === verdict).length;
  return {
    audit_id: key,
    date: now.toISOString(),
    engine: { name: engine.name, model: engine.model, note: engine.note },
    design: input.design.path,
    question: input.question ?? null,
    summary: answer.summary,
    counts: Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) as Record<
      Verdict,
      number
    >,
    requirements: answer.requirements,
    token_report: tokenReport,
    answered_at: answeredAt,
    skipped_files: [...input.skipped],
    unselected_files: { ...input.unselected },
  };
}
