import type { Verdict } from '../verdict.ts';

export const worstGapFirst = ['contradicted', 'missing', 'partial'] as const satisfies readonly Verdict[];
export type GapVerdict = (typeof worstGapFirst)[number];

/** The verdict where it says that there is a gap. */
export function asGap(verdict: Verdict): GapVerdict | undefined {
  return worstGapFirst.find((gap) => gap === verdict);
}

/** Whether a gap is worse than another: contradicted than missing, missing than partial. */
export function isWorse(gap: GapVerdict, than: GapVerdict): boolean {
  return worstGapFirst.indexOf(gap) < worstGapFirst.indexOf(than);
}
