import { unassessable } from './assessable.ts';
import type { Checks } from './byNames.ts';
import type { Check, Reading, Tree } from './check.ts';
import { tellingPlaces } from './evidence.ts';
import {
  clause,
  concluded,
  inState,
  type Judgement,
  placesOf,
  sentence,
  thresholds,
  wordList,
} from './judgement.ts';
import { borrowedShare } from './reading.ts';

/** What the words of a statement must weigh, so that where they stand says something; a telling word weighs 1. */
const leastWeight = 1.4;
/** Telling words that a statement must have before it is called missing. */
const fewestTelling = 2;
/** A statement of no more telling words than this is short. */
const fewTelling = 4;
/** What the words that are found must weigh; two that stand all over the tree show little. */
const leastMass = 0.9;
/** What a number that is not where the words are takes from their share, and one that is there adds. */
const doubt = 0.1;
/** Telling words of which the source has none, from which on a fact that is only told is missing like others. */
const manyUnknown = 3;
const tooLittle = 'It names too little that source code could show.';

const open = (reason: string): Judgement => ({
  verdict: 'not_assessable',
  reason,
  places: [],
  verified: true,
});

/** Judges by where the words of a statement stand together, and by its numbers. */
export function byWords({ firm, soft, numbers }: Checks, reading: Reading, tree: Tree): Judgement {
  const { statement, terms, passages } = reading;
  const cannot = unassessable(statement.requirement);
  if (cannot?.isFirm) return open(cannot.why);
  const found = passages[0]?.share ?? 0;
  const share = found + bias(numbers);
  const numbered = byNumbers(numbers, found);
  if (numbered) return numbered;
  if (terms.reduce((sum, { prior }) => sum + prior, 0) < leastWeight && soft.length === 0)
    return open(tooLittle);
  if (share >= (statement.prohibits ? thresholds.prohibition : thresholds.implemented))
    return isThin(share, numbers, reading) ? thin(reading, tree) : together(numbers, reading, tree);
  if (cannot) return open(cannot.why);
  if (statement.prohibits)
    return open('It says what must not be, and the source has no sign of it either way.');
  if (inState(firm, 'found').length > 0)
    return open(`${clause(inState(firm, 'found'))}, which alone shows little of it.`);
  return apart(share, reading, tree);
}

/**
 * True where too little of the statement's own is found to call it built: a short one that lacks a word altogether, or
 * one that lives on what was said before it.
 */
function isThin(share: number, numbers: readonly Check[], { terms, passages: [best] }: Reading): boolean {
  if (inState(numbers, 'found').length > 0) return false;
  const telling = terms.filter(({ prior }) => prior === 1);
  const found = telling.filter((term) => (best?.found[terms.indexOf(term)] ?? 0) > 0);
  const mass = found.reduce((sum, { weight }) => sum + weight, 0);
  const hasBorrowed = terms.some(({ prior }) => prior === borrowedShare);
  const lacksWord = telling.length <= fewTelling && telling.some(({ isKnown }) => !isKnown);
  return (
    mass < leastMass ||
    (lacksWord && share < thresholds.plain) ||
    (hasBorrowed && found.length < fewestTelling)
  );
}

function thin({ terms, passages: [best] }: Reading, tree: Tree): Judgement {
  const telling = terms.filter(({ prior }) => prior === 1);
  const unknown = telling.filter(({ isKnown }) => !isKnown);
  const file = tree.index.files[best?.file ?? -1]?.path;
  const lacking =
    unknown.length > 0 ? `, and the source has no word of ${wordList(unknown)}` : ', too few to tell';
  return open(`Some of its words stand together in ${file}${lacking}.`);
}

function bias(numbers: readonly Check[]): number {
  const isDoubted = numbers.some(({ state }) => state === 'unsure' || state === 'absent');
  const isBorneOut = numbers.some(({ state, places }) => state === 'found' && places.length > 0);
  return (isBorneOut ? doubt : 0) - (isDoubted ? doubt : 0);
}

/** A number that is set under a name made of the statement's words decides; undefined where there is none. */
function byNumbers(numbers: readonly Check[], share: number): Judgement | undefined {
  if (share < thresholds.sure) return undefined;
  const contradicted = inState(numbers, 'contradicted');
  if (contradicted.length > 0) return concluded('contradicted', contradicted);
  const settled = inState(numbers, 'found').filter(({ isTelling }) => isTelling);
  return settled.length > 0 && settled.length === numbers.length
    ? concluded('implemented', settled)
    : undefined;
}

function together(numbers: readonly Check[], reading: Reading, tree: Tree): Judgement {
  const { terms, passages } = reading;
  const [best] = passages;
  const here = terms.filter((term, i) => term.prior === 1 && (best?.found[i] ?? 0) > 0);
  const file = tree.index.files[best?.file ?? -1]?.path;
  const words = here.length > 0 ? wordList(here) : wordList(terms);
  const says = here.length === 1 ? `${words} stands in ${file}` : `${words} stand together in ${file}`;
  const places = [...placesOf(inState(numbers, 'found')), ...tellingPlaces(reading, tree, 3)];
  const absent = inState(numbers, 'absent');
  const unsure = inState(numbers, 'unsure');
  if (absent.length + unsure.length === 0)
    return { verdict: 'implemented', reason: sentence(says), places, verified: true };
  const reason = sentence(`${says}; ${clause([...absent, ...unsure])}`);
  return { verdict: 'partial', reason, places, verified: unsure.length === 0 };
}

function apart(share: number, { statement, terms, passages }: Reading, tree: Tree): Judgement {
  const telling = terms.filter(({ prior }) => prior === 1);
  if (telling.length < fewestTelling) return open(tooLittle);
  const file = tree.index.files[passages[0]?.file ?? -1]?.path;
  const unknown = telling.filter(({ isKnown }) => !isKnown);
  const isToldOnly = statement.form === 'told' && unknown.length < manyUnknown;
  if (share >= (isToldOnly ? thresholds.toldMissing : thresholds.missing))
    return open(`Some of its words stand together in ${file}, too few to tell.`);
  const says =
    unknown.length > 0
      ? `the source has no word of ${wordList(unknown)}`
      : `its words (${wordList(telling)}) stand nowhere together in the source`;
  const verified = unknown.length > 1 || share < thresholds.sure;
  return { verdict: 'missing', reason: sentence(says), places: [], verified };
}
