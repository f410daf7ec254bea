import type { Obligation } from '../verdict.ts';

/** How binding a sentence is, by its words (RFC 2119): what obliges goes before what recommends, and that before what permits. */
export function obligationOf(text: string): Obligation {
  if (/\b(?:must|shall|never|always|required|has to|have to|may not)\b/i.test(text)) return 'must';
  if (/\b(?:should|recommended|ought to)\b/i.test(text)) return 'should';
  // Who may do so much and no more is bound.
  if (/\bmay\b.*\b(?:no more|not more|at most|up to|only|per)\b/i.test(text)) return 'must';
  return /\b(?:may|optional(?:ly)?|could)\b/i.test(text) ? 'may' : 'must';
}
