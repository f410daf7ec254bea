import { severities } from '../finding.ts';
import { asGap, worstGapFirst } from '../gate/gapVerdict.ts';
import type { Requirement } from '../verdict.ts';

/** Whether a gap counts at the gate: open, or only listed because nobody verified it or somebody accepted it. */
export const gapStandings = ['open', 'unverified', 'accepted'] as const;
export type GapStanding = (typeof gapStandings)[number];

/** Undefined for what is no gap. */
export function standingOf({ verdict, verified, accepted }: Requirement): GapStanding | undefined {
  if (!asGap(verdict)) return undefined;
  if (accepted) return 'accepted';
  return verified ? 'open' : 'unverified';
}

/** Gaps that count first, by severity; then those that do not; then what could not be assessed, and what is met. */
export function worstFirst(requirements: readonly Requirement[]): Requirement[] {
  return requirements
    .map((one, place) => ({ one, rank: [...rankOf(one), place] }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ one }) => one);
}

/** The gaps among them, in the same order. */
export const worstGaps = (requirements: readonly Requirement[]): Requirement[] =>
  worstFirst(requirements.filter(({ verdict }) => asGap(verdict)));

function rankOf(one: Requirement): number[] {
  const standing = standingOf(one);
  const gap = asGap(one.verdict);
  if (!standing || !gap) return [gapStandings.length, one.verdict === 'not_assessable' ? 0 : 1, 0];
  return [gapStandings.indexOf(standing), severities.indexOf(one.severity), worstGapFirst.indexOf(gap)];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, i) => rank !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
