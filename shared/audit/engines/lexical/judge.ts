import { claimsOf } from '../../design/claims.ts';
import type { Statement } from '../../design/statements.ts';
import { bestPassages, weigh } from '../../retrieval/passages.ts';
import { type Term, termsOf } from '../../retrieval/terms.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { Judged, Verdict } from '../../verdict.ts';
import { unassessable } from './assessable.ts';
import type { Check, Place, Reading, Tree } from './check.ts';
import { quote, tellingPlaces } from './evidence.ts';
import { checkList, checkRowField } from './listChecks.ts';
import { checkName } from './nameChecks.ts';
import { checkProhibition } from './prohibition.ts';
import { checkQuantities, checkValues } from './quantityChecks.ts';
import { checkRoute } from './routeChecks.ts';

const mostPassages = 4;
/**
 * Shares of a statement's weight that must stand together. Between the two, words alone decide nothing; a fact that is
 * only told, or a thing that must not be, is never missing by its words.
 */
const thresholds = { implemented: 0.55, missing: 0.5, toldMissing: 0.4, sure: 0.36, prohibition: 0.65 };
/** What the words of a statement must weigh, so that where they stand says something; a telling word weighs 1. */
const leastWeight = 1.4;
/** Telling words that a statement must have before it is called missing. */
const fewestTelling = 2;
const borrowedShare = 0.5;
/** What a number that is not where the words are takes from their share. */
const doubt = 0.1;
/** Words that stand for what was said before. */
const refers =
  /^(?:it|they|these|those|this|that|such|otherwise|then|else|its|their)\b|\b(?:without one|of them|of these)\b/i;
/** Telling words beside its names from which on a statement says more than that the names are there. */
const leastRest = 3;
/** Share of their weight of which at least must stand together. */
const restFound = 0.25;

export interface Judgement {
  verdict: Verdict;
  reason: string;
  places: readonly Place[];
  verified: boolean;
}

/** Reads out of a statement what can be looked for, and finds where its words stand together. */
export function read(statement: Statement, { index }: Tree): Reading {
  const terms = weigh(termsWithContext(statement), index);
  const passages = bestPassages(terms, index, mostPassages);
  const files = new Set(passages.map(({ file }) => index.files[file]?.path ?? ''));
  return { statement, claims: claimsOf(statement), terms, passages, files };
}

/** The terms of a statement; one that refers to what was said before it borrows the terms of that, at half their weight. */
function termsWithContext({ requirement, context }: Statement): Term[] {
  const own = termsOf(requirement);
  const isWeak = own.filter(({ prior }) => prior === 1).length < fewestTelling;
  if (context === '' || !(isWeak || refers.test(requirement))) return own;
  const borrowed = termsOf(context).filter(({ stem }) => !own.some((term) => term.stem === stem));
  return [...own, ...borrowed.map((term) => ({ ...term, prior: term.prior * borrowedShare }))];
}

/** Judges one statement: what it names is looked up, the rest is judged by where its words stand together. */
export function judge(statement: Statement, tree: Tree, advice: boolean): Judged {
  const reading = read(statement, tree);
  const { verdict, reason, places, verified } = judgement(reading, tree);
  const { context, cells, prohibits, form, ...stated } = statement;
  const isGap = verdict === 'missing' || verdict === 'partial' || verdict === 'contradicted';
  return {
    ...stated,
    verdict,
    reason,
    evidence: verdict === 'missing' || verdict === 'not_assessable' ? [] : quote(places, tree),
    verified,
    advice: advice && isGap ? adviceFor(verdict, statement) : null,
  };
}

function judgement(reading: Reading, tree: Tree): Judgement {
  const { statement, claims } = reading;
  const forbidden = statement.prohibits ? checkProhibition(reading, tree) : undefined;
  if (forbidden)
    return concluded(forbidden.state === 'contradicted' ? 'contradicted' : 'implemented', [forbidden]);
  const routes = claims.routes.map((claim) => checkRoute(claim, tree));
  const listed = checkList(reading, tree);
  const names = claims.names.map((claim) => ({ claim, check: checkName(claim, reading, tree) }));
  const field = checkRowField(reading, tree);
  const firm = [
    ...routes,
    ...names.flatMap(({ claim, check }) => (check && claim.firm ? [check] : [])),
    ...listed,
    ...(field ? [field] : []),
  ];
  const soft = names.flatMap(({ claim, check }) => (check && !claim.firm ? [check] : []));
  const numbers = [
    ...checkQuantities(reading, tree, placesOf([...firm, ...soft].filter(({ state }) => state === 'found'))),
    ...checkValues(reading, tree),
  ];
  return byNames(firm, soft, numbers, reading, tree) ?? byWords(numbers, soft, reading, tree);
}

const clause = (checks: readonly Check[]) =>
  [...new Set(checks.map(({ says }) => says).filter(Boolean))].slice(0, 4).join('; ');
const sentence = (text: string) => {
  const first = text[0] ?? '';
  return `${first.toUpperCase()}${text.slice(1)}.`;
};
const placesOf = (checks: readonly Check[]) => checks.flatMap(({ places }) => places);

function concluded(verdict: Verdict, checks: readonly Check[], verified = true): Judgement {
  return { verdict, reason: sentence(clause(checks)), places: placesOf(checks), verified };
}

/**
 * What a statement says beside its names, where the source has next to nothing of it; undefined where it has, or where
 * little is said beside them.
 */
function unfoundRest({ claims, terms }: Reading, { index }: Tree): string | undefined {
  const names = [...claims.names, ...claims.routes.map(({ path }) => ({ text: path }))];
  const named = new Set(names.flatMap(({ text }) => stemsOf(text)));
  const rest = terms.filter(({ stem, prior }) => prior === 1 && !named.has(stem));
  if (rest.length < leastRest || (bestPassages(rest, index, 1)[0]?.share ?? 0) >= restFound) return undefined;
  return `the rest of it (${wordList(rest, ({ isKnown }) => !isKnown)}) stands nowhere together`;
}

/** True where the words of a name that is not there stand in the passage that the statement is about. */
function isNamedOtherwise({ claims, terms, passages }: Reading, tree: Tree): boolean {
  const [best] = passages;
  const here = new Set(terms.filter((_, i) => (best?.found[i] ?? 0) > 0).map(({ stem }) => stem));
  return (
    claims.routes.length === 0 &&
    claims.names.some(({ text, kind }) => {
      const keys = stemsOf(text);
      return (
        kind !== 'setting' &&
        keys.length > 1 &&
        keys.every((key) => here.has(key) || tree.index.has(key)) &&
        keys.some((key) => here.has(key))
      );
    })
  );
}

/** Judges by what the statement names; undefined where it names nothing that tells. */
function byNames(
  firm: readonly Check[],
  soft: readonly Check[],
  numbers: readonly Check[],
  reading: Reading,
  tree: Tree,
): Judgement | undefined {
  const contradicted = [...firm, ...numbers].filter(({ state }) => state === 'contradicted');
  const found = [...firm, ...soft].filter(({ state }) => state === 'found');
  const absent = firm.filter(({ state }) => state === 'absent');
  const near = firm.filter(({ state }) => state === 'near');
  const share = reading.passages[0]?.share ?? 0;
  const isMet = found.some(({ isTelling }) => isTelling) || share >= thresholds.missing;
  if (
    contradicted.length > 0 &&
    (found.length > 0 || share >= thresholds.missing || firm.some(({ state }) => state === 'contradicted'))
  )
    return concluded('contradicted', [...contradicted, ...found]);
  if (absent.length + near.length > 0) {
    const lacking = [...absent, ...near];
    if (found.some(({ isTelling }) => isTelling) || found.length >= Math.max(2, lacking.length)) {
      return concluded('partial', [...found.slice(0, 2), ...lacking, ...found.slice(2)], absent.length > 0);
    }
    // What the design names otherwise than the code may be there all the same.
    if (share >= thresholds.implemented && isNamedOtherwise(reading, tree))
      return { ...concluded('partial', lacking, false), places: tellingPlaces(reading, tree, 3) };
    if (absent.length === 0) return { ...concluded('partial', near, false) };
    return concluded('missing', lacking);
  }
  if (found.length === 0) return undefined;
  if (!isMet) return undefined;
  const rest = unfoundRest(reading, tree);
  if (rest)
    return {
      ...concluded(
        'partial',
        [...found, { state: 'unsure', isTelling: false, says: rest, places: [] }],
        false,
      ),
    };
  const lacking = numbers.filter(({ state }) => state === 'absent');
  const unsure = numbers.filter(({ state }) => state === 'unsure');
  if (lacking.length + unsure.length > 0)
    return concluded('partial', [...found, ...lacking, ...unsure], unsure.length === 0);
  return concluded('implemented', [...found, ...numbers.filter(({ state }) => state === 'found')]);
}

/** Judges by where the words of a statement stand together. */
function byWords(numbers: readonly Check[], soft: readonly Check[], reading: Reading, tree: Tree): Judgement {
  const { statement, terms, passages } = reading;
  const cannot = unassessable(statement.requirement);
  const settled = numbers.filter(({ state, isTelling }) => state === 'found' && isTelling);
  const unsaid = (reason: string): Judgement => ({
    verdict: 'not_assessable',
    reason,
    places: [],
    verified: true,
  });
  const telling = terms.filter(({ prior }) => prior === 1);
  if (cannot?.isFirm) return unsaid(cannot.why);
  if (settled.length > 0 && settled.length === numbers.length && (passages[0]?.share ?? 0) >= thresholds.sure)
    return concluded('implemented', settled);
  if (terms.reduce((sum, { prior }) => sum + prior, 0) < leastWeight && soft.length === 0)
    return unsaid('It names too little that source code could show.');
  const best = passages[0];
  const isDoubted = numbers.some(({ state }) => state === 'unsure' || state === 'absent');
  const share = (best?.share ?? 0) - (isDoubted ? doubt : 0);
  const file = tree.index.files[best?.file ?? -1]?.path;
  const contradicted = numbers.filter(({ state }) => state === 'contradicted');
  if (contradicted.length > 0 && share >= thresholds.sure) return concluded('contradicted', contradicted);
  if (share >= (statement.prohibits ? thresholds.prohibition : thresholds.implemented)) {
    const statuses = numbers.filter(({ state }) => state === 'absent');
    const unsure = numbers.filter(({ state }) => state === 'unsure');
    const places = [
      ...placesOf(numbers.filter(({ state }) => state === 'found')),
      ...tellingPlaces(reading, tree, 3),
    ];
    const together = `${wordList(telling, (i) => (best?.found[terms.indexOf(i)] ?? 0) > 0)} stand together in ${file}`;
    if (statuses.length + unsure.length > 0)
      return {
        verdict: 'partial',
        reason: sentence(`${together}; ${clause([...statuses, ...unsure])}`),
        places,
        verified: statuses.length > 0 && unsure.length === 0,
      };
    return { verdict: 'implemented', reason: sentence(together), places, verified: true };
  }
  if (cannot) return unsaid(cannot.why);
  if (telling.length < fewestTelling) return unsaid('It names too little that source code could show.');
  const bar = statement.form === 'told' ? thresholds.toldMissing : thresholds.missing;
  const unknown = telling.filter(({ isKnown }) => !isKnown);
  if (statement.prohibits)
    return unsaid('It says what must not be, and the source has no sign of it either way.');
  if (share >= bar) return unsaid(`Some of its words stand together in ${file}, too few to tell.`);
  const reason =
    unknown.length > 0
      ? `the source has no word of ${wordList(unknown, () => true)}`
      : `its words (${wordList(telling, () => true)}) stand nowhere together in the source`;
  return {
    verdict: 'missing',
    reason: sentence(reason),
    places: [],
    verified: unknown.length > 0 || share < bar * 0.8,
  };
}

type Words = Reading['terms'];

function wordList(terms: Words, keep: (term: Words[number]) => boolean): string {
  const kept = terms.filter(keep);
  return (kept.length > 0 ? kept : terms)
    .slice(0, 4)
    .map(({ word }) => `"${word}"`)
    .join(', ');
}

function adviceFor(verdict: Verdict, { requirement }: Statement): string {
  const short = requirement.length > 80 ? `${requirement.slice(0, 77)}…` : requirement;
  if (verdict === 'contradicted')
    return `Decide which is right, the design or the code, and change the other: ${short}`;
  if (verdict === 'partial') return `Write what is lacking, or take it out of the design: ${short}`;
  return `Write it, or take it out of the design: ${short}`;
}
