import { z } from 'zod';

export const severities = ['high', 'medium', 'low', 'none'] as const;
export type Severity = (typeof severities)[number];

export const findingKinds = ['secret', 'instruction', 'undocumented'] as const;
export type FindingKind = (typeof findingKinds)[number];

/**
 * Something found beside the requirements: a secret in the source, a text in the source that addresses whoever reads
 * it as a model, or what the source offers and the design does not know.
 */
export const findingSchema = z.object({
  kind: z.enum(findingKinds),
  /** What was found, in a stable short form: `azure-storage-key`, `route`. */
  rule: z.string(),
  severity: z.enum(severities),
  /** One plain sentence; never the secret itself. */
  message: z.string(),
  file: z.string(),
  /** 1-based. */
  line: z.int().min(1),
  /** The same for the same thing in later audits, whatever line it has moved to. */
  fingerprint: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;
