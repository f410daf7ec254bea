import { z } from 'zod';
import { findingKinds, findingSchema, severities } from '../finding.ts';
import { requirementSchema, verdicts } from '../verdict.ts';
import { tokenReportSchema } from './tokenReport.ts';

/** A requirement as another run knew it. */
export const knownGapSchema = z.object({
  fingerprint: z.string(),
  requirement: z.string(),
  verdict: z.enum(verdicts),
});
export type KnownGap = z.infer<typeof knownGapSchema>;

/** How the gaps of this audit stand against others: those accepted in a baseline, or those of the project's last run. */
const comparisonSchema = z.object({
  /** Gaps that were not there. */
  new: z.array(knownGapSchema),
  /** Gaps that were there and are closed. */
  fixed: z.array(knownGapSchema),
  /** Gaps that are as they were. */
  unchanged: z.array(knownGapSchema),
  /** Entries of requirements that the design does not state any more, or that have expired. */
  stale: z.array(knownGapSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const baselineComparisonSchema = comparisonSchema.extend({
  /** Accepted findings that are not there any more, or whose acceptance has expired. */
  stale_findings: z.array(
    z.object({ kind: z.enum(findingKinds), fingerprint: z.string(), message: z.string() }),
  ),
});
export type BaselineComparison = z.infer<typeof baselineComparisonSchema>;

const resultFindingSchema = findingSchema.extend({
  /** Why it is accepted, and until when (ISO date); null where it is not. */
  accepted: requirementSchema.shape.accepted,
});
/** A finding as the result tells it. */
export type ResultFinding = z.infer<typeof resultFindingSchema>;

export const gateSchema = z.object({
  passed: z.boolean(),
  /** What fails it, as it was asked for: `high`, `high,medium:5`, `none`. */
  fail_on: z.string(),
  /** Why it failed, a sentence each. */
  reasons: z.array(z.string()),
  /** Gaps that count against it, by severity: verified and not accepted. */
  counted: z.object({ high: z.int(), medium: z.int(), low: z.int() }),
});
export type Gate = z.infer<typeof gateSchema>;

export const auditResultSchema = z.object({
  /** Content hash of everything that shaped the engine's answer. */
  audit_id: z.string(),
  /** ISO time of this answer. */
  date: z.iso.datetime(),
  /** As the pipeline names what it audits; null without a name. */
  project: z.string().nullable(),
  engine: z.object({ name: z.string(), model: z.string().nullable(), note: z.string() }),
  /** Paths of the design's files. */
  design: z.array(z.string()),
  question: z.string().nullable(),
  summary: z.string(),
  gate: gateSchema,
  counts: z.object({
    implemented: z.int(),
    partial: z.int(),
    missing: z.int(),
    contradicted: z.int(),
    not_assessable: z.int(),
  }),
  requirements: z.array(requirementSchema),
  findings: z.array(resultFindingSchema),
  /** Null without a baseline, and without an earlier run. */
  compared: z.object({
    baseline: baselineComparisonSchema.nullable(),
    previous: comparisonSchema.nullable(),
  }),
  token_report: tokenReportSchema,
  /** ISO time at which the engine gave the answer. */
  answered_at: z.iso.datetime(),
  /** Source files that could not be read or were left out one by one, and why. */
  skipped_files: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** Files that are no source by the settings: how many, by extension or excluded folder. */
  unselected_files: z.record(z.string(), z.int()),
});
/** The answer of `POST /api/audit`. */
export type AuditResult = z.infer<typeof auditResultSchema>;

/** For whoever reads results, at `/api/schemas/audit`. */
export function auditResultJsonSchema(): object {
  return { ...z.toJSONSchema(auditResultSchema), title: 'The result of an audit' };
}

export { severities };
