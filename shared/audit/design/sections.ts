/** What a section of a design does: oblige, explain, or neither. */
export type SectionRole = 'obliges' | 'explains' | 'silent';

const numbering = /^(?:(?:\d+|[IVXivx]+|[A-Za-z])[.)]\s*|\d[\d.]*\s+)*/;
const silent =
  /^(?:non[- ]?(?:goals?|objectives?|requirements)|out of scope|not in scope|exclusions|future|later|roadmap|next steps|open (?:questions|issues|points)|alternatives?|rejected|glossary|terms\b|terminology|definitions|references?|bibliography|see also|further reading|change ?log|revision|version history|document (?:history|control)|table of contents|contents|appendix|acknowledg|authors?|licen[cs]e)/i;
const explains =
  /^(?:purpose|introduction|intro\b|overview|background|context|motivation|history|summary|abstract|vision|rationale|decisions?|design decisions|trade-?offs?|assumptions?|about|problem|why\b|scope|audience|executive)/i;

/**
 * What the headings above a statement make of it: non-goals and references oblige nobody, introductions and decisions
 * explain. The innermost heading that says so decides, but nothing below a silent one obliges.
 */
export function roleOf(headings: readonly string[]): SectionRole {
  const titles = headings.map((heading) => heading.replace(/[*_`]/g, '').replace(numbering, '').trim());
  if (titles.some((title) => silent.test(title))) return 'silent';
  return titles.some((title) => explains.test(title)) ? 'explains' : 'obliges';
}
