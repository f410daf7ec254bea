import type { Requirement } from '../verdict.ts';
import type { Accepted, Baseline } from './baseline.ts';
import { asGap } from './gapVerdict.ts';
import type { ResultFinding } from './outcome.ts';

/**
 * The baseline that accepts every gap and finding of a result as it stands. What was accepted already keeps its own
 * reason and date.
 *
 * @param expires last day on which what is new in it is accepted, as YYYY-MM-DD
 */
export function toBaseline(
  result: { requirements: readonly Requirement[]; findings: readonly ResultFinding[] },
  reason: string,
  expires?: string,
): Baseline {
  const terms = (accepted: Requirement['accepted']) => ({
    reason: accepted?.reason ?? reason,
    ...dated(accepted ? accepted.expires : (expires ?? null)),
  });
  const gaps = result.requirements.flatMap(({ fingerprint, requirement, verdict, accepted }): Accepted[] => {
    const gap = asGap(verdict);
    return gap ? [{ fingerprint, verdict: gap, requirement, ...terms(accepted) }] : [];
  });
  const findings = distinct(result.findings).map(
    ({ kind, fingerprint, message, accepted }): Accepted => ({
      kind,
      fingerprint,
      message,
      ...terms(accepted),
    }),
  );
  return { version: 1, accepted: [...gaps, ...findings] };
}

const dated = (expires: string | null) => (expires === null ? {} : { expires });

/** The same thing in two places has one fingerprint. */
const distinct = (findings: readonly ResultFinding[]) => [
  ...new Map(findings.map((finding) => [finding.fingerprint, finding])).values(),
];
