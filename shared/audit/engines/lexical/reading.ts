import { claimsOf } from '../../design/claims.ts';
import type { Statement } from '../../design/statements.ts';
import { bestPassages, weigh } from '../../retrieval/passages.ts';
import { type Term, termsOf } from '../../retrieval/terms.ts';
import type { Reading, Tree } from './check.ts';

const mostPassages = 4;
/** Telling words of its own from which on a statement needs none of what stands before it. */
const fewestTelling = 2;
/** What terms of the sentence before count, where a statement refers to it. */
export const borrowedShare = 0.5;
/** Words that stand for what was said before. */
const refers =
  /^(?:it|they|these|those|this|that|such|otherwise|then|else|its|their)\b|\b(?:without one|of them|of these)\b/i;

/** Reads out of a statement what can be looked for, and finds where its words stand together. */
export function read(statement: Statement, { index }: Tree): Reading {
  const terms = weigh(termsWithContext(statement), index);
  const passages = bestPassages(terms, index, mostPassages);
  const files = new Set(passages.map(({ file }) => index.files[file]?.path ?? ''));
  return { statement, claims: claimsOf(statement), terms, passages, files };
}

/** The terms of a statement; one that refers to what was said before borrows the terms of that, at half their weight. */
function termsWithContext({ requirement, context }: Statement): Term[] {
  const own = termsOf(requirement);
  const isWeak = own.filter(({ prior }) => prior === 1).length < fewestTelling;
  if (context === '' || !(isWeak || refers.test(requirement))) return own;
  const borrowed = termsOf(context).filter(({ stem }) => !own.some((term) => term.stem === stem));
  return [...own, ...borrowed.map((term) => ({ ...term, prior: term.prior * borrowedShare }))];
}
