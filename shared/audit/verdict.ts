import { z } from 'zod';
import { severities } from './finding.ts';

export const verdicts = ['implemented', 'partial', 'missing', 'contradicted', 'not_assessable'] as const;
export type Verdict = (typeof verdicts)[number];

/** Verdicts that say the source is not as the design wants it. */
export const gapVerdicts: ReadonlySet<Verdict> = new Set(['partial', 'missing', 'contradicted']);

/** How binding a requirement is, by its words (RFC 2119): `must` where it says neither should nor may. */
export const obligations = ['must', 'should', 'may'] as const;
export type Obligation = (typeof obligations)[number];

/** A place in the source that was found there: 1-based lines, and the text as it stands. */
export const evidenceSchema = z.object({
  file: z.string(),
  line: z.int().min(1),
  end_line: z.int().min(1),
  quote: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** A requirement as the design states it. */
export const statedSchema = z.object({
  /** `R1`, `R2`, … in the order of the design. */
  id: z.string(),
  /** On one line, in the words of the design. */
  requirement: z.string(),
  obligation: z.enum(obligations),
  design_file: z.string(),
  /** 1-based. */
  design_line: z.int().min(1),
  /** Headings above it, outermost first. */
  section: z.array(z.string()),
});
export type Stated = z.infer<typeof statedSchema>;

/** A requirement and what the source says of it, as an engine judged it. */
export const judgedSchema = statedSchema.extend({
  verdict: z.enum(verdicts),
  /** One plain sentence. */
  reason: z.string(),
  evidence: z.array(evidenceSchema),
  /** True where the evidence was found in the source, and of a gap where a second look confirmed it. */
  verified: z.boolean(),
  /** What could be done, only where it was asked for. */
  advice: z.string().nullable(),
});
export type Judged = z.infer<typeof judgedSchema>;

/** How a gap stands against the accepted ones, or against the last run of the same project. */
export const gapStates = ['new', 'unchanged', 'accepted'] as const;

/** What the result says of a requirement: the judgement, with all that is computed here and never by a model. */
export const requirementSchema = judgedSchema.extend({
  /** The same for the same requirement in later audits, wherever in the design it stands. */
  fingerprint: z.string(),
  /** Of a gap, by obligation and verdict; `none` for what is no gap. */
  severity: z.enum(severities),
  /** Null for what is no gap, and where there is nothing to compare with. */
  state: z.enum(gapStates).nullable(),
  /** Of an accepted gap: why, and until when (ISO date). */
  accepted: z.object({ reason: z.string(), expires: z.string().nullable() }).nullable(),
});
export type Requirement = z.infer<typeof requirementSchema>;

/** What is wrong comes first. */
export const verdictsWorstFirst: readonly Verdict[] = [
  'contradicted',
  'missing',
  'partial',
  'not_assessable',
  'implemented',
];

/** The verdict of an audit as a whole: the worst of its requirements. */
export function worstVerdict(requirements: readonly Pick<Requirement, 'verdict'>[]): Verdict {
  const found = new Set(requirements.map(({ verdict }) => verdict));
  return verdictsWorstFirst.find((verdict) => found.has(verdict)) ?? 'not_assessable';
}
