import { type ClaimedEvidence, locateAll } from '../../evidence.ts';
import type { SourceFile } from '../../sourceTree.ts';
import type { Judged, Stated, Verdict } from '../../verdict.ts';

/** What one part of a tree gave for one requirement. */
export interface PartOpinion {
  verdict: Verdict;
  reason: string;
  evidence: readonly ClaimedEvidence[];
}

/** A verdict that some part proves beats what others lack; what is otherwise anywhere is otherwise. */
const order: readonly Verdict[] = ['contradicted', 'implemented', 'partial', 'missing', 'not_assessable'];

const needsEvidence: ReadonlySet<Verdict> = new Set(['implemented', 'partial', 'contradicted']);

/**
 * The verdict on one requirement from those of the parts. Quotes are looked up in the source, and those that are not
 * there dropped; an opinion that can be shown goes before one that cannot, and what is left without a proof is marked
 * as not verified. Equal for any order of the opinions' parts.
 */
export function mergeOpinions(
  stated: Stated,
  opinions: readonly PartOpinion[],
  files: ReadonlyMap<string, SourceFile>,
): Judged {
  const shown = opinions.map((opinion) => {
    const evidence = needsEvidence.has(opinion.verdict) ? locateAll(opinion.evidence, files) : [];
    return { ...opinion, evidence, verified: evidence.length > 0 || !needsEvidence.has(opinion.verdict) };
  });
  const sorted = shown.toSorted(
    (a, b) =>
      Number(b.verified) - Number(a.verified) ||
      order.indexOf(a.verdict) - order.indexOf(b.verdict) ||
      (a.reason < b.reason ? -1 : 1),
  );
  const proven = sorted.filter(({ verified, verdict }) => verified && needsEvidence.has(verdict));
  const [best = proven[0] ?? silent] = proven.length > 0 ? proven : sorted;
  const same = sorted.filter(
    ({ verdict, verified }) => verdict === best.verdict && verified === best.verified,
  );
  return {
    ...stated,
    verdict: best.verdict,
    reason: oneSentence(best.reason),
    evidence: same.flatMap(({ evidence }) => evidence).slice(0, mostEvidence),
    verified: best.verified,
    advice: null,
  };
}

const mostEvidence = 5;
const silent = {
  verdict: 'not_assessable' as const,
  reason: 'The model said nothing of it.',
  evidence: [],
  verified: false,
};

const longestReason = 400;

/** A model's words on one line, at most so long. */
export function oneSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longestReason ? `${line.slice(0, longestReason - 1)}…` : line;
}
