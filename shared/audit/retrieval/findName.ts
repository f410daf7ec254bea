import { type CodeIndex, cellLines, plainName } from './codeIndex.ts';
import { declarationOf } from './declaration.ts';
import type { IndexedFile } from './indexedFile.ts';
import { stem, stemsOf } from './words.ts';

/** How a name stands in the source, best first. */
export type Standing = 'declared' | 'code' | 'text' | 'import' | 'comment' | 'test';
const standings: readonly Standing[] = ['declared', 'code', 'text', 'import', 'comment', 'test'];

/** Where a name was found. */
export interface FoundName {
  file: IndexedFile;
  /** 0-based. */
  line: number;
  standing: Standing;
  /** False where case or separators differ: `max_retries` for `maxRetries`. */
  isExact: boolean;
  /** As the source writes it. */
  written: string;
}

const mostCells = 400;
const mostLooked = 5_000;
const longestLine = 2_000;
const importLine =
  /^\s*(?:import\b|export\s+(?:\*|\{[^}]*\})\s*from|from\s+\S+\s+import|using\s|#include|package\s|require\b|(?:const|let|var)\s+[\w{},\s]+=\s*require\()/;
const wordChar = /[\w$]/;

/**
 * Finds a name in code, best place first in mind: as it is, else in another case or with other separators. Files in
 * `preferred` win among equals. Undefined where it stands nowhere.
 */
export function findName(
  name: string,
  index: CodeIndex,
  preferred?: ReadonlySet<string>,
): FoundName | undefined {
  const candidates = candidateCells(name, index);
  const wanted = plainName(name);
  let best: { place: FoundName; rank: number } | undefined;
  for (const cell of candidates) {
    const fileNumber = index.fileOf(cell);
    const file = index.files[fileNumber];
    if (!file) continue;
    const first = (cell - index.firstCell(fileNumber)) * cellLines;
    for (let line = first; line < Math.min(file.lineCount, first + cellLines); line++) {
      const place = findInLine(name, wanted, file, line);
      if (!place) continue;
      const rank = rankOf(place) + (preferred?.has(file.path) ? -0.6 : 0);
      if (!best || rank < best.rank) best = { place, rank };
    }
    if (best && best.rank < 0 && !preferred) break;
  }
  return best?.place;
}

/** Cells with all words of a name, whether code writes them apart or as one. */
function candidateCells(name: string, index: CodeIndex): number[] {
  const known = name.includes('/') ? [] : index.cellsOfName(name);
  if (known.length > 0) return [...known];
  const pieces = (name.match(/[A-Za-z0-9]+/g) ?? []).map((piece) => stem(piece.toLowerCase()));
  const [only = ''] = pieces;
  const split = pieces.length === 1 && /^[a-z]+$/.test(name) ? splitWord(name, index) : [];
  const ways = [stemsOf(name), pieces, split].map((keys) => keys.filter((key) => key.length >= 2));
  const cells = new Set<number>();
  for (const keys of ways) {
    const [rarest = [], ...others] = keys
      .map((key) => index.cellsOf(key))
      .sort((a, b) => a.length - b.length);
    const sets = others.map((list) => new Set(list));
    for (const cell of rarest.slice(0, mostLooked)) if (sets.every((set) => set.has(cell))) cells.add(cell);
    if (keys.length === 1 && keys[0] === only && cells.size > 0) break;
  }
  return [...cells].slice(0, mostCells);
}

/** A word written as one that the tree knows as two. */
export function splitWord(word: string, index: CodeIndex): string[] {
  for (let at = 3; at <= word.length - 3; at++) {
    const parts = [stem(word.slice(0, at)), stem(word.slice(at))];
    if (parts.every((part) => index.has(part))) return parts;
  }
  return [];
}

const rankOf = ({ standing, isExact }: FoundName) =>
  standings.indexOf(standing) + (isExact ? 0 : standing === 'comment' || standing === 'test' ? 0.5 : 1.2);

function findInLine(name: string, wanted: string, file: IndexedFile, line: number): FoundName | undefined {
  const text = file.line(line).slice(0, longestLine);
  const exact = standaloneIndex(text, name);
  const at = exact >= 0 ? exact : variantIndex(text, wanted);
  if (at < 0) return undefined;
  const written = exact >= 0 ? name : (/^['"]?[\w$.-]+/.exec(text.slice(at))?.[0] ?? name);
  return { file, line, standing: standingOf(file, line, text, at, written), isExact: exact >= 0, written };
}

/** Where a name stands by itself rather than inside a longer one; -1 where it never does. */
export function standaloneIndex(text: string, name: string): number {
  const [first = '', last = ''] = [name[0], name.at(-1)];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before = ' ', after = ' '] = [text[at - 1], text[at + name.length]];
    const isWhole =
      !(wordChar.test(first) && wordChar.test(before)) && !(wordChar.test(last) && wordChar.test(after));
    if (isWhole) return at;
  }
  return -1;
}

/** Where the name stands in another case or with other separators; -1 where it never does. */
function variantIndex(text: string, wanted: string): number {
  if (wanted.length < 2) return -1;
  for (const { 0: token, index } of text.matchAll(/[A-Za-z_$][\w$]*(?:[.:-][A-Za-z_$][\w$]*)*/g)) {
    if (plainName(token) === wanted) return index;
    for (const { 0: part, index: offset } of token.matchAll(/[\w$]+/g))
      if (plainName(part) === wanted) return index + offset;
    for (const { 0: part, index: offset } of token.matchAll(/[\w$-]+/g))
      if (plainName(part) === wanted) return index + offset;
  }
  return -1;
}

function standingOf(file: IndexedFile, line: number, text: string, at: number, written: string): Standing {
  if (file.isTest) return 'test';
  const kind = file.kindAt(line, at);
  if (kind === 'comment') return 'comment';
  if (importLine.test(text)) return 'import';
  if (kind === 'string') return 'text';
  return declarationOf(text)?.name === written ? 'declared' : 'code';
}
