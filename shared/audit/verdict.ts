import { z } from 'zod';

export const verdicts = ['implemented', 'partial', 'missing', 'contradicted', 'not_assessable'] as const;
export type Verdict = (typeof verdicts)[number];

/** A place in the source that was found there: 1-based line, and the text as it stands. */
export const evidenceSchema = z.object({ file: z.string(), line: z.int().min(1), quote: z.string() });
export type Evidence = z.infer<typeof evidenceSchema>;

/** One requirement of the design and what the source says of it. */
export const requirementSchema = z.object({
  id: z.string(),
  requirement: z.string(),
  /** 1-based line of the design, where known. */
  design_line: z.int().min(1).nullable(),
  verdict: z.enum(verdicts),
  reason: z.string(),
  evidence: z.array(evidenceSchema),
});
export type Requirement = z.infer<typeof requirementSchema>;

const worstFirst: readonly Verdict[] = [
  'contradicted',
  'missing',
  'partial',
  'not_assessable',
  'implemented',
];

/** The verdict of an audit as a whole: the worst of its requirements. */
export function worstVerdict(requirements: readonly Pick<Requirement, 'verdict'>[]): Verdict {
  const found = new Set(requirements.map(({ verdict }) => verdict));
  return worstFirst.find((verdict) => found.has(verdict)) ?? 'not_assessable';
}
