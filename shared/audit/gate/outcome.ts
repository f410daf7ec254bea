import { z } from 'zod';
import { findingKinds, findingSchema } from '../finding.ts';
import { requirementSchema, verdicts } from '../verdict.ts';

/** A requirement as another run knew it. */
export const knownGapSchema = z.object({
  fingerprint: z.string(),
  requirement: z.string(),
  verdict: z.enum(verdicts),
});
export type KnownGap = z.infer<typeof knownGapSchema>;

/** How the gaps of this audit stand against others: those accepted in a baseline, or those of the project's last run. */
export const comparisonSchema = z.object({
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

export const baselineComparisonSchema = comparisonSchema.extend({
  /** Accepted findings that are not there any more, or whose acceptance has expired. */
  stale_findings: z.array(
    z.object({ kind: z.enum(findingKinds), fingerprint: z.string(), message: z.string() }),
  ),
});
export type BaselineComparison = z.infer<typeof baselineComparisonSchema>;

export const resultFindingSchema = findingSchema.extend({
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
