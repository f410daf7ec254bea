import type { Obligation } from '../verdict.ts';

/** How binding a sentence is, by its words (RFC 2119). */
export function obligationOf(text: string): Obligation {
  if (/\b(?:must|shall|never|always|required)\b/i.test(text)) return 'must';
  if (/\b(?:should|recommended)\b/i.test(text)) return 'should';
  return /\b(?:may|optional(?:ly)?|could)\b/i.test(text) ? 'may' : 'must';
}
