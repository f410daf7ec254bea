import type { CodeIndex } from './codeIndex.ts';
import { splitWord } from './findName.ts';
import type { Term } from './terms.ts';

/** A term with what it weighs in this tree. */
export interface WeighedTerm extends Term {
  weight: number;
  /** Whether it stands anywhere in the tree. */
  isKnown: boolean;
}

/** A stretch of a file on which the words of a statement stand together. */
export interface Passage {
  file: number;
  /** The first of its two middle cells; those before and behind count less. */
  cell: number;
  /** Share of the statement's weight found there, 0 to 1; what else the file has counts in part. */
  share: number;
  /** By term, how well it is found in the passage, 0 to 1. */
  found: readonly number[];
}

/** What a word counts in the cells next to the middle ones, elsewhere in the file, and elsewhere in the tree. */
const distant = { near: 0.75, file: 0.25, tree: 0.05 };
/** An absent word weighs less than a rare one: prose has words that code never needs. */
const absentRarity = 0.62;
const leastRarity = 0.25;

/** Weighs terms by how rare they are in the tree. */
export function weigh(terms: readonly Term[], index: CodeIndex): WeighedTerm[] {
  return terms.map((term) => {
    const rarity = rarityOf(term, index);
    const scale = leastRarity + (1 - leastRarity) * (rarity ?? absentRarity);
    return { ...term, weight: term.prior * scale, isKnown: rarity !== undefined };
  });
}

function rarityOf({ stem: key, word, joined }: Term, index: CodeIndex): number | undefined {
  const parts = partsOf(word, key, index);
  const own = index.rarity(key) ?? parts?.reduce((most, part) => Math.max(most, index.rarity(part) ?? 0), 0);
  return own ?? joined.map((one) => index.rarity(one)).find((rarity) => rarity !== undefined);
}

/** A word that code writes as two (`timezone`, `timeZone`), as the two where both are known. */
function partsOf(word: string, key: string, index: CodeIndex): [string, string] | undefined {
  if (index.has(key) || word.length < 7) return undefined;
  const [head, tail] = splitWord(word, index);
  return head !== undefined && tail !== undefined ? [head, tail] : undefined;
}

/** Finds the passages of a tree in which most of the weight of some terms stands together, best first. */
export function bestPassages(terms: readonly WeighedTerm[], index: CodeIndex, most: number): Passage[] {
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0 || index.cellCount === 0) return [];
  const cells = new Float32Array(index.cellCount);
  const files = new Float32Array(index.files.length);
  let anywhere = 0;
  const perTerm = terms.map((term) => foundCells(term, index));
  for (const [i, found] of perTerm.entries()) {
    const weight = terms[i]?.weight ?? 0;
    const inFiles = new Map<number, number>();
    for (const [cell, value] of found.windows) cells[cell] = (cells[cell] ?? 0) + weight * value;
    for (const [cell, value] of found.cells) {
      const file = index.fileOf(cell);
      inFiles.set(file, Math.max(inFiles.get(file) ?? 0, value));
    }
    for (const [file, value] of inFiles) files[file] = (files[file] ?? 0) + weight * value;
    anywhere += found.cells.size > 0 ? weight : 0;
  }
  const shareOf = (cell: number) => {
    const here = cells[cell] ?? 0;
    const inFile = Math.max(here, files[index.fileOf(cell)] ?? 0);
    const score = here + distant.file * (inFile - here) + distant.tree * (anywhere - inFile);
    return (score / total) * (index.files[index.fileOf(cell)]?.isTest ? 0.7 : 1);
  };
  return topCells(cells, shareOf, most).map((cell) => ({
    file: index.fileOf(cell),
    cell,
    share: Math.min(1, shareOf(cell)),
    found: perTerm.map(({ windows }) => windows.get(cell) ?? 0),
  }));
}

/** For a term: what it counts in each cell it stands in, and in each passage that begins at a cell. */
function foundCells(term: WeighedTerm, index: CodeIndex) {
  const cells = new Map<number, number>();
  const note = (cell: number, weight: number) => {
    if ((cells.get(cell) ?? 0) < weight) cells.set(cell, weight);
  };
  const parts = partsOf(term.word, term.stem, index);
  if (parts) {
    const heads = new Set(index.cellsOf(parts[0]));
    index.eachCell(parts[1], (cell, weight) => {
      if (heads.has(cell)) note(cell, weight);
    });
  } else for (const key of [term.stem, ...term.joined]) index.eachCell(key, note);
  const windows = new Map<number, number>();
  for (const [cell, weight] of cells) {
    const file = index.fileOf(cell);
    for (const [offset, factor] of windowFactors) {
      const start = cell + offset;
      if (start < 0 || start >= index.cellCount || index.fileOf(start) !== file) continue;
      const value = weight * factor;
      if ((windows.get(start) ?? 0) < value) windows.set(start, value);
    }
  }
  return { cells, windows };
}

const windowFactors: readonly [offset: number, factor: number][] = [
  [0, 1],
  [-1, 1],
  [-2, distant.near],
  [1, distant.near],
];

/** The best cells by score, at most one of neighbours; equal ones in the order of the tree. */
function topCells(cells: Float32Array, scoreOf: (cell: number) => number, most: number): number[] {
  const top: { cell: number; score: number }[] = [];
  for (let cell = 0; cell < cells.length; cell++) {
    if ((cells[cell] ?? 0) === 0) continue;
    const score = scoreOf(cell);
    if (top.length >= most * 3 && score <= (top.at(-1)?.score ?? 0)) continue;
    const at = top.findIndex((other) => other.score < score);
    top.splice(at < 0 ? top.length : at, 0, { cell, score });
    if (top.length > most * 3) top.pop();
  }
  const kept: number[] = [];
  for (const { cell } of top) {
    if (kept.length >= most) break;
    if (!kept.some((other) => Math.abs(other - cell) <= 1)) kept.push(cell);
  }
  return kept;
}
