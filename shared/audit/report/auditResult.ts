import { z } from 'zod';
import {
  baselineComparisonSchema,
  comparisonSchema,
  gateSchema,
  resultFindingSchema,
} from '../gate/outcome.ts';
import { requirementSchema } from '../verdict.ts';
import { tokenReportSchema } from './tokenReport.ts';

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
