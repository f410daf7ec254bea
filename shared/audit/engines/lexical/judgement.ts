import type { Verdict } from '../../verdict.ts';
import type { Check, Place, Reading } from './check.ts';

/** A verdict with what it rests on. */
export interface Judgement {
  verdict: Verdict;
  reason: string;
  places: readonly Place[];
  verified: boolean;
}

/**
 * Shares of a statement's weight that stand together. Between the two, words alone decide nothing; a fact that is only
 * told needs less of it to be left open.
 */
export const thresholds = {
  implemented: 0.54,
  /** From here on a lacking word does not matter. */
  plain: 0.7,
  missing: 0.5,
  toldMissing: 0.4,
  /** Below it what is missing needs no second sign. */
  sure: 0.36,
  /** That what must not be is guarded against takes more than that it is spoken of. */
  prohibition: 0.65,
};

const mostClauses = 4;
const mostWords = 4;

/** What checks say, each once. */
export const clause = (checks: readonly Check[]): string =>
  [...new Set(checks.map(({ says }) => says).filter(Boolean))].slice(0, mostClauses).join('; ');

/** A clause as a sentence; a path at its beginning stays as it is. */
export const sentence = (text: string): string =>
  `${text.replace(/^[a-z](?=[a-z]*[\s(])/, (first) => first.toUpperCase())}.`;

export const placesOf = (checks: readonly Check[]): Place[] => checks.flatMap(({ places }) => places);

export const inState = (checks: readonly Check[], state: Check['state']): Check[] =>
  checks.filter((check) => check.state === state);

export function concluded(verdict: Verdict, checks: readonly Check[], verified = true): Judgement {
  return { verdict, reason: sentence(clause(checks)), places: placesOf(checks), verified };
}

type Words = Reading['terms'];

/** Some words as a reader sees them: `"shelf", "label"`; all of them where none is to be kept. */
export function wordList(terms: Words, keep: (term: Words[number]) => boolean = () => true): string {
  const kept = terms.filter(keep);
  return (kept.length > 0 ? kept : terms)
    .slice(0, mostWords)
    .map(({ word }) => `"${word}"`)
    .join(', ');
}
