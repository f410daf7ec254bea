import { bestPassages } from '../../retrieval/passages.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { Check, Reading, Tree } from './check.ts';
import { tellingPlaces } from './evidence.ts';
import { concluded, inState, type Judgement, thresholds, wordList } from './judgement.ts';

/** Telling words beside its names from which on a statement says more than that the names are there. */
const leastRest = 3;
/** Share of their weight of which at least must stand together. */
const restFound = 0.2;

/** What looking up the parts of a statement came to. */
export interface Checks {
  /** Routes, fields and names whose absence tells. */
  firm: readonly Check[];
  /** Names whose absence tells little. */
  soft: readonly Check[];
  numbers: readonly Check[];
}

/** Judges by what the statement names; undefined where it names nothing that tells. */
export function byNames(checks: Checks, reading: Reading, tree: Tree): Judgement | undefined {
  const { firm, soft, numbers } = checks;
  const found = inState([...firm, ...soft], 'found');
  const lacking = [...inState(firm, 'absent'), ...inState(firm, 'near')];
  const contradicted = inState([...firm, ...numbers], 'contradicted');
  const isAbout = found.length > 0 || (reading.passages[0]?.share ?? 0) >= thresholds.missing;
  if (inState(firm, 'contradicted').length > 0 || (contradicted.length > 0 && isAbout && firm.length > 0))
    return concluded('contradicted', [...contradicted, ...found]);
  if (lacking.length > 0) return lackingNames(lacking, found, reading, tree);
  const isTold = found.some(({ isTelling }) => isTelling);
  return found.length > 0 && (isTold || isAboutPassage(reading))
    ? withRest(found, numbers, reading, tree)
    : undefined;
}

const isAboutPassage = ({ passages }: Reading) => (passages[0]?.share ?? 0) >= thresholds.missing;

function lackingNames(
  lacking: readonly Check[],
  found: readonly Check[],
  reading: Reading,
  tree: Tree,
): Judgement {
  const hasAbsent = inState(lacking, 'absent').length > 0;
  // What may only be spelled otherwise is no gap that is sure.
  const isSure = hasAbsent && !lacking.some(({ hasNear }) => hasNear);
  const isPartly = found.some(({ isTelling }) => isTelling) || found.length >= Math.max(2, lacking.length);
  if (isPartly) return concluded('partial', [...found.slice(0, 2), ...lacking, ...found.slice(2)], isSure);
  // What the design names otherwise than the code may be there all the same.
  if ((reading.passages[0]?.share ?? 0) >= thresholds.plain && isNamedOtherwise(reading, tree))
    return { ...concluded('partial', lacking, false), places: tellingPlaces(reading, tree, 3) };
  return hasAbsent ? concluded('missing', lacking, isSure) : concluded('partial', lacking, false);
}

/** All names are there: what is said beside them and the numbers decide. */
function withRest(
  found: readonly Check[],
  numbers: readonly Check[],
  reading: Reading,
  tree: Tree,
): Judgement {
  const rest = unfoundRest(reading, tree);
  if (rest) return concluded('partial', [...found, rest], false);
  const absent = inState(numbers, 'absent');
  const unsure = inState(numbers, 'unsure');
  if (absent.length + unsure.length > 0)
    return concluded('partial', [...found, ...absent, ...unsure], unsure.length === 0);
  return concluded('implemented', [...found, ...inState(numbers, 'found')]);
}

/**
 * What a statement says beside its names, where the source has next to nothing of it; undefined where it has, or where
 * little is said beside them.
 */
function unfoundRest({ claims, terms }: Reading, { index }: Tree): Check | undefined {
  const names = [...claims.names, ...claims.routes.map(({ path }) => ({ text: path }))];
  const named = new Set(names.flatMap(({ text }) => stemsOf(text)));
  const rest = terms.filter(({ stem, prior }) => prior === 1 && !named.has(stem));
  if (rest.length < leastRest || (bestPassages(rest, index, 1)[0]?.share ?? 0) >= restFound) return undefined;
  const says = `the rest of it (${wordList(rest, ({ isKnown }) => !isKnown)}) stands nowhere together`;
  return { state: 'unsure', isTelling: false, says, places: [] };
}

/** True where the words of a name that is not there stand in the passage that the statement is about. */
function isNamedOtherwise({ claims, terms, passages: [best] }: Reading, { index }: Tree): boolean {
  const here = new Set(terms.filter((_, i) => (best?.found[i] ?? 0) > 0).map(({ stem }) => stem));
  if (claims.routes.length > 0) return false;
  return claims.names.some(({ text, kind }) => {
    const keys = stemsOf(text);
    const isKnown = keys.every((key) => here.has(key) || index.has(key));
    return kind !== 'setting' && keys.length > 1 && isKnown && keys.some((key) => here.has(key));
  });
}
