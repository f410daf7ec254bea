import type { Evidence, Requirement } from '../verdict.ts';
import { clip, oneLine } from './text.ts';
import { verdictNames } from './verdictNames.ts';

const longestRequirement = 200;
const longestReason = 600;
const longestQuote = 90;
const mostEvidence = 3;

export type Told = Pick<
  Requirement,
  'id' | 'requirement' | 'design_file' | 'design_line' | 'verdict' | 'reason' | 'evidence' | 'verified'
>;

/** A verdict as one plain sentence on one line, with the lines that show it. It is not escaped for any format. */
export function verdictSentence(told: Told): string {
  const { id, requirement, design_file, design_line, evidence } = told;
  const wanted = `${oneLine(id)} “${clip(requirement, longestRequirement)}” (${oneLine(design_file)}:${design_line})`;
  const proof = evidence.length > 0 ? ` [${proofOf(evidence)}]` : '';
  return `${wanted} ${outcomeOf(told)}${proof}.`;
}

/** The same where requirement and lines are shown beside it. */
export const verdictStatement = (told: Told): string => `${oneLine(told.id)} ${outcomeOf(told)}.`;

function outcomeOf({ verdict, reason, verified }: Told): string {
  const doubt = verified ? '' : ' (unverified)';
  return `is ${verdictNames[verdict]}${doubt}: ${clip(reason, longestReason).replace(/[.\s]+$/, '')}`;
}

function proofOf(evidence: readonly Evidence[]): string {
  const shown = evidence
    .slice(0, mostEvidence)
    .map(({ file, line, quote }) => `${oneLine(file)}:${line} “${clip(quote, longestQuote)}”`);
  const more = evidence.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
