import type { Quantity } from '../../design/quantities.ts';
import { quantitiesOf } from '../../design/quantities.ts';
import { cellLines } from '../../retrieval/codeIndex.ts';
import { stemsOf } from '../../retrieval/words.ts';
import { agrees, type NamedNumber, numbersIn } from '../../structure/numbers.ts';
import type { Turns } from '../../turns.ts';
import type { Check, Place, Reading, Tree } from './check.ts';
import { borrowedShare } from './reading.ts';
import { checkStatus } from './statusChecks.ts';

/** Words of names that say that a number is a bound, not of what. */
const generic = new Set(
  stemsOf(
    'max maximum min minimum limit default value size count time number total timeout ms seconds minutes hours days weeks bytes kb mb percent length amount allowed threshold interval duration ttl window the of in per rate ahead most least',
  ),
);
const bounds = new Set(
  stemsOf('max maximum min minimum limit default threshold most least size length port count number'),
);
/** Weight that a line must share with the statement before its numbers count against it. */
const leastShared = 0.9;
/** A unit that is rarer than this tells by itself what a number is of. */
const rareUnit = 0.7;
/** A passage with less of a statement is not what it is about. */
const leastPassage = 0.45;
const mostLines = 2_000;

/** Checks the numbers that a statement sets against those where its words stand, and those of names like it. */
export async function checkQuantities(
  reading: Reading,
  tree: Tree,
  near: readonly Place[],
  turns: Turns,
): Promise<Check[]> {
  const set = new Set(reading.claims.values.map(({ value }) => Number(value.replaceAll(/[,_]/g, ''))));
  const firm = reading.claims.quantities.filter(({ firm: isFirm, value }) => isFirm && !set.has(value));
  const checks: Check[] = [];
  for (const quantity of firm) {
    const check =
      quantity.unit === 'status'
        ? checkStatus(quantity, reading, tree)
        : checkQuantity(quantity, firm, reading, tree, near);
    if (check) checks.push(check);
    await turns.giveWay();
  }
  return checks;
}

function checkQuantity(
  quantity: Quantity,
  all: readonly Quantity[],
  reading: Reading,
  tree: Tree,
  near: readonly Place[],
): Check | undefined {
  const candidates = namedAlike(reading, tree);
  const agreeing = candidates.find(({ number }) => agrees(quantity, number));
  if (agreeing) return told(quantity, agreeing.number, agreeing.isSure);
  const nearby = numberNearby(quantity, reading, tree) ?? numberAround(quantity, near, tree);
  if (nearby)
    return {
      state: 'found',
      isTelling: false,
      says: `${quantity.text} stands in ${nearby.file}`,
      places: [nearby],
    };
  const other = candidates.find(
    ({ number, isSure }) =>
      isSure && isComparable(quantity, number) && !all.some((one) => agrees(one, number)),
  );
  if (other)
    return {
      state: 'contradicted',
      isTelling: true,
      says: `the design says ${quantity.text}, and \`${other.number.name}\` in ${other.number.file} is ${other.number.text.trim()}`,
      places: [{ file: other.number.file, line: other.number.line }],
    };
  // What a statement borrows from the one before says nothing of where its own numbers stand.
  const hasBorrowed = reading.terms.some(({ prior }) => prior === borrowedShare);
  const stated = hasBorrowed
    ? undefined
    : (statedOtherwise(quantity, reading, tree) ?? soleOther(quantity, all, reading, tree));
  if (stated)
    return {
      state: 'contradicted',
      isTelling: true,
      says: `the design says ${quantity.text}, and ${stated.place.file} says ${stated.text}`,
      places: [stated.place],
    };
  if (quantity.unit === 'count' && (quantity.value < 10 || !quantity.isBound)) return undefined;
  return {
    state: 'unsure',
    isTelling: false,
    says: `the figure "${quantity.text}" does not stand near it`,
    places: [],
  };
}

/** A text in one of the passages that tells another number of the same thing: "minimum key size of 1024 bits". */
function statedOtherwise(
  quantity: Quantity,
  { passages, terms }: Reading,
  { index }: Tree,
): { place: Place; text: string } | undefined {
  const noun = stemsOf(quantity.text.replace(/[\d.,_]+/g, ' '))[0];
  if (noun === undefined) return undefined;
  const weights = new Map(terms.map(({ stem, weight }) => [stem, weight]));
  for (const { file: fileNumber, cell } of passages.slice(0, 2)) {
    const file = index.files[fileNumber];
    if (!file) continue;
    const first = Math.max(0, (cell - index.firstCell(fileNumber) - 1) * cellLines);
    for (let line = first; line < Math.min(file.lineCount, first + 4 * cellLines); line++) {
      const text = file.line(line).slice(0, 400);
      const shared = stemsOf(text).reduce((sum, key) => sum + (weights.get(key) ?? 0), 0);
      const other =
        /\d/.test(text) && shared >= leastShared
          ? quantitiesOf(text).find(
              (one) =>
                one.unit === quantity.unit && one.base !== quantity.base && stemsOf(one.text).includes(noun),
            )
          : undefined;
      if (other) return { place: { file: file.path, line }, text: other.text };
    }
  }
  return undefined;
}

/**
 * The one other time or size with a unit in the passage that the statement is about; undefined where there are several,
 * or where a name somewhere has the quantity.
 */
function soleOther(
  quantity: Quantity,
  all: readonly Quantity[],
  { passages: [best] }: Reading,
  { index, structure }: Tree,
): { place: Place; text: string } | undefined {
  const file = index.files[best?.file ?? -1];
  if (!best || !file || best.share < leastPassage || (quantity.unit !== 'time' && quantity.unit !== 'size'))
    return undefined;
  if (structure.numbers.some((number) => number.units.length > 0 && agrees(quantity, number)))
    return undefined;
  const first = (best.cell - index.firstCell(best.file)) * cellLines;
  const others = new Map<number, { place: Place; text: string }>();
  for (let line = first; line < Math.min(file.lineCount, first + 2 * cellLines); line++) {
    if (file.isComment(line)) continue;
    for (const number of numbersIn(file.line(line))) {
      const [unit] = number.units;
      if (unit === undefined || number.value < 2 || all.some((one) => agrees(one, number))) continue;
      others.set(number.value * unit, { place: { file: file.path, line }, text: number.text.trim() });
    }
  }
  return others.size === 1 ? [...others.values()][0] : undefined;
}

const told = (quantity: Quantity, { name, file, line }: NamedNumber, isTelling: boolean): Check => ({
  state: 'found',
  isTelling,
  says: `\`${name}\` in ${file} is ${quantity.text}`,
  places: [{ file, line }],
});

/** Numbers whose names are made of the statement's words, best first; sure where the name says what the bound is of. */
function namedAlike({ terms, statement, files, claims }: Reading, { structure, index }: Tree) {
  const counted = new Set(claims.quantities.flatMap(({ text }) => stemsOf(text.replace(/[\d.,_]+/g, ' '))));
  const weights = new Map(terms.map(({ stem, weight }) => [stem, weight]));
  const around = new Set(stemsOf(`${statement.context} ${statement.section.at(-1) ?? ''}`));
  const own = new Set(stemsOf(statement.requirement));
  const telling = terms.filter(({ prior }) => prior === 1);
  const saysAll = ({ stems }: NamedNumber) => telling.every(({ stem }) => stems.includes(stem));
  return structure.numbers
    .map((number) => {
      const named = number.stems.filter((key) => !generic.has(key) && !/^\d+$/.test(key));
      const known = named.filter((key) => weights.has(key) || own.has(key) || around.has(key));
      const strength = known.reduce(
        (sum, key) => sum + Math.max(weights.get(key) ?? 0, own.has(key) ? 0.2 : 0.1),
        0,
      );
      const isAll = named.length > 0 && known.length === named.length;
      const isHere = files.has(number.file);
      // `LIMIT` in `requestId.ts` is a limit of what the file is about.
      const ofFile = stemsOf(number.file.replace(/^.*\/|\.\w+$/g, ''));
      const isOfFile = named.length === 0 && isHere && ofFile.every((key) => own.has(key));
      const saysUnit = number.stems.some(
        (key) => counted.has(key) && !generic.has(key) && (isHere || (index.rarity(key) ?? 0) >= rareUnit),
      );
      const isSure =
        (isAll && strength > 0.3 && (isHere || strength > 0.7 || saysAll(number))) ||
        (saysUnit && known.length * 2 >= named.length) ||
        isOfFile;
      return {
        number,
        isSure,
        strength: strength + (isHere ? 0.3 : 0),
        isAlike: isAll || isSure || (isHere && known.length > 0),
      };
    })
    .filter(({ isAlike }) => isAlike)
    .sort((a, b) => Number(b.isSure) - Number(a.isSure) || b.strength - a.strength);
}

/** A time is not held against a number that is told to be a size, nor a size against a time. */
function isComparable({ unit, text }: Quantity, { value, units, stems }: NamedNumber): boolean {
  // Of counts, a name that neither says what is counted nor that it is a bound may be of anything.
  const counted = stemsOf(text).filter((key) => !/^\d+$/.test(key));
  if (unit === 'count' && !stems.some((key) => counted.includes(key) || bounds.has(key))) return false;
  if (value === 0 || value === 1) return false;
  if (stems.some((key) => counted.includes(key))) return true;
  const isTime =
    stems.some((key) => /^(?:timeout|ttl|interv|durat|ms|second|minut|hour|dai|expir|delai|age)/.test(key)) ||
    units.length > 0;
  const isSize = stems.some((key) => /^(?:byte|size|kb|mb)/.test(key));
  if (unit === 'time') return isTime && !isSize;
  if (unit === 'size') return !isTime || isSize;
  return !isTime || units.length === 0;
}

/** A line in one of the passages on which the quantity stands. */
function numberNearby(quantity: Quantity, { passages }: Reading, { index }: Tree): Place | undefined {
  for (const { file: fileNumber, cell } of passages) {
    const file = index.files[fileNumber];
    if (!file) continue;
    const first = Math.max(0, (cell - index.firstCell(fileNumber) - 1) * cellLines);
    for (let line = first; line < Math.min(file.lineCount, first + 4 * cellLines); line++) {
      if (file.isComment(line)) continue;
      const text = file.line(line);
      if (numbersIn(text).some((number) => agrees(quantity, number))) return { file: file.path, line };
      if (
        quantitiesOf(text).some(
          (one) => one.unit === quantity.unit && one.base === quantity.base && /["'`]/.test(text),
        )
      )
        return { file: file.path, line };
    }
  }
  return undefined;
}

/** A line in the folders of named things on which the quantity stands. */
function numberAround(quantity: Quantity, near: readonly Place[], { index }: Tree): Place | undefined {
  const folders = new Set(near.map(({ file }) => folderOf(file)));
  const files = new Set(near.map(({ file }) => file));
  for (const file of index.files) {
    if (file.isTest || !folders.has(folderOf(file.path))) continue;
    for (let line = 0; line < Math.min(file.lineCount, mostLines); line++) {
      const text = file.line(line);
      if (
        /\d/.test(text) &&
        !file.isComment(line) &&
        // A bare number is any number, but for where the rest is told.
        numbersIn(text).some(
          (number) => agrees(quantity, number) && (number.units.length > 0 || files.has(file.path)),
        )
      )
        return { file: file.path, line };
    }
  }
  return undefined;
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
