import type { Obligation } from '../verdict.ts';

/** How binding a sentence is, by its words (RFC 2119): what obliges goes before what recommends, and that before what permits. */
export function obligationOf(text: string): Obligation {
  if (/\b(?:must|shall|never|always|required|has to|have to)\b/i.test(text)) return 'must';
  if (/\b(?:should|recommended|ought to)\b/i.test(text)) return 'should';
  return /\b(?:may|optional(?:ly)?|could)\b/i.test(text) && !/\bmay not\b/i.test(text) ? 'may' : 'must';
}
