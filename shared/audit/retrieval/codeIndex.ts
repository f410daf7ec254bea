import type { SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { declarationOf, indentOf } from './declaration.ts';
import { IndexedFile } from './indexedFile.ts';
import { termsOf } from './terms.ts';
import { stem, stemsOf, words } from './words.ts';

/** Lines of a cell, the grain in which the index knows where a word stands. */
export const cellLines = 8;

/** What a word is where it stands, weakest first; a cell keeps the strongest for each word. */
const fields = ['comment', 'path', 'scope', 'string', 'identifier', 'declaration'] as const;
type Field = (typeof fields)[number];
const rank = Object.fromEntries(fields.map((field, i) => [field, i])) as Record<Field, number>;
/** What a word counts as by what it is. */
const fieldWeights = [0.6, 0.65, 0.7, 0.85, 0.95, 1];

/** Work that was left undone says what the code does not do. */
const undone = /\b(?:TODO|FIXME|XXX|not (?:yet )?implemented|unimplemented)\b/i;
/** Cells that a declaration's name counts for at most. */
const longestScope = 60;
const longestIndexedLine = 20_000;
const fileTuning = { saturation: 1.2, lengthShare: 0.5 };

const longestName = 80;
/** Places that are remembered of a name. */
const mostPlaces = 200;

/** A name without case and separators. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Where a word stands: the cell's number, and what the word is there as an index into {@link fieldWeights}. */
type Postings = number[];
const posting = (cell: number, field: number) => cell * 8 + field;

interface Scope {
  indent: number;
  stems: readonly string[];
  fromCell: number;
}

/** Which words stand where in a tree: in paths, declarations, identifiers, texts and comments. */
export class CodeIndex {
  readonly files: readonly IndexedFile[];
  readonly #postings: ReadonlyMap<string, Postings>;
  readonly #scoped: ReadonlyMap<string, Postings>;
  /** By file, its first cell; one more at the end. */
  readonly #firstCells: Uint32Array;
  readonly #fileOfCell: Uint32Array;
  readonly #names: ReadonlyMap<string, readonly number[]>;

  private constructor(builder: Builder) {
    this.files = builder.files;
    this.#postings = builder.postings;
    this.#scoped = builder.scoped;
    this.#names = builder.names;
    this.#firstCells = Uint32Array.from([...builder.firstCells, builder.cells]);
    this.#fileOfCell = new Uint32Array(builder.cells);
    for (const file of this.files.keys())
      this.#fileOfCell.fill(file, this.firstCell(file), this.firstCell(file + 1));
  }

  /** Builds the index, giving way to other work. @throws the signal's reason once it is aborted. */
  static async build(files: readonly SourceFile[], turns: Turns): Promise<CodeIndex> {
    const builder = new Builder();
    const inOrder = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const file of inOrder) await builder.add(file, turns);
    return new CodeIndex(builder);
  }

  get cellCount(): number {
    return this.#fileOfCell.length;
  }

  /** The first cell of a file by its place in {@link files}. */
  firstCell(file: number): number {
    return this.#firstCells[file] ?? 0;
  }

  fileOf(cell: number): number {
    return this.#fileOfCell[cell] ?? 0;
  }

  has(key: string): boolean {
    return this.#postings.has(key);
  }

  /** Cells in which a word stands, ascending. */
  cellsOf(key: string): number[] {
    return (this.#postings.get(key) ?? []).map((entry) => entry >> 3);
  }

  /** Cells in which a name stands, whatever its case and separators; the first of many. */
  cellsOfName(name: string): readonly number[] {
    return this.#names.get(plainName(name)) ?? [];
  }

  /** Calls back for each cell of a word with what the word counts there, 0 to 1. */
  eachCell(key: string, visit: (cell: number, weight: number) => void): void {
    for (const list of [this.#postings.get(key), this.#scoped.get(key)])
      for (const entry of list ?? []) visit(entry >> 3, fieldWeights[entry & 7] ?? 0);
  }

  /** How rare a word is in the tree, 0 to 1; undefined where it stands nowhere. */
  rarity(key: string): number | undefined {
    const count = this.#postings.get(key)?.length ?? 0;
    if (count === 0) return undefined;
    return Math.log(1 + this.cellCount / count) / Math.log(1 + this.cellCount);
  }

  /** Files in which names and words of a text stand, most telling first (BM25); equal ones by path. */
  rank(text: string): { path: string; score: number }[] {
    const scores = new Float64Array(this.files.length);
    const average = this.cellCount / Math.max(1, this.files.length);
    for (const { stem: key, prior } of termsOf(text)) {
      const frequencies = new Map<number, number>();
      this.eachCell(key, (cell, weight) => {
        const file = this.fileOf(cell);
        frequencies.set(file, (frequencies.get(file) ?? 0) + weight);
      });
      const rarity = Math.log(1 + (this.files.length - frequencies.size + 0.5) / (frequencies.size + 0.5));
      for (const [file, frequency] of frequencies) {
        const length = this.firstCell(file + 1) - this.firstCell(file);
        const norm =
          fileTuning.saturation * (1 - fileTuning.lengthShare + (fileTuning.lengthShare * length) / average);
        const score = (prior * rarity * frequency * (fileTuning.saturation + 1)) / (frequency + norm);
        scores[file] = (scores[file] ?? 0) + score;
      }
    }
    return this.files
      .map(({ path }, i) => ({ path, score: scores[i] ?? 0 }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  }
}

class Builder {
  readonly files: IndexedFile[] = [];
  readonly postings = new Map<string, Postings>();
  readonly scoped = new Map<string, Postings>();
  readonly names = new Map<string, number[]>();
  readonly firstCells: number[] = [];
  cells = 0;

  async add(source: SourceFile, turns: Turns): Promise<void> {
    const file = new IndexedFile(source);
    await turns.giveWay();
    const first = this.cells;
    this.files.push(file);
    this.firstCells.push(first);
    this.cells += Math.max(1, Math.ceil(file.lineCount / cellLines));
    const pathStems = stemsOf(source.path.replace(/\.\w+$/, ''));
    for (let cell = first; cell < this.cells; cell++)
      for (const key of pathStems) this.#noteScoped(key, cell, rank.path);
    const scopes: Scope[] = [];
    for (let number = 0; number < file.lineCount; number++) {
      const cell = first + Math.floor(number / cellLines);
      this.#addLine(file, number, cell, scopes);
      if (number % cellLines === 0) await turns.giveWay();
    }
    while (scopes.length > 0) this.#closeScope(scopes, this.cells - 1);
  }

  #addLine(file: IndexedFile, number: number, cell: number, scopes: Scope[]): void {
    const line = file.line(number).slice(0, longestIndexedLine);
    if (line.trim() === '') return;
    const isComment = file.isComment(number);
    if (isComment && undone.test(line)) return;
    const declared = isComment ? undefined : declarationOf(line);
    const indent = indentOf(line);
    while (!/^\s*[)}\]]/.test(line) && indent <= (scopes.at(-1)?.indent ?? -1))
      this.#closeScope(scopes, cell);
    const name = declared ? line.indexOf(declared.name) : -1;
    const nameEnd = name + (declared?.name.length ?? 0);
    for (const { 0: token, index: at } of line.matchAll(/[A-Za-z_$][\w$]*(?:-[\w$]+)*|\d+/g)) {
      const kind = file.kindAt(number, at);
      this.#noteName(token, cell);
      for (const { 0: word, index } of token.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g)) {
        if (word.length < 2) continue;
        const isDeclared = at + index >= name && at + index < nameEnd;
        const field: Field = kind === 'code' ? (isDeclared ? 'declaration' : 'identifier') : kind;
        this.#note(stem(word.toLowerCase()), cell, rank[field]);
      }
    }
    if (declared && declared.kind !== 'value')
      scopes.push({ indent, stems: words(declared.name).map(stem), fromCell: cell });
  }

  #noteName(token: string, cell: number): void {
    if (token.length > longestName) return;
    const parts = token.includes('-') ? [token, ...token.split('-')] : [token];
    for (const part of parts) {
      const key = plainName(part);
      if (key.length < 2) continue;
      const list = this.names.get(key);
      if (!list) this.names.set(key, [cell]);
      else if (list.length < mostPlaces && list.at(-1) !== cell) list.push(cell);
    }
  }

  #note(key: string, cell: number, field: number): void {
    const list = this.postings.get(key);
    const last = list?.at(-1);
    if (!list) this.postings.set(key, [posting(cell, field)]);
    else if (last === undefined || last >> 3 !== cell) list.push(posting(cell, field));
    else if ((last & 7) < field) list[list.length - 1] = posting(cell, field);
  }

  #noteScoped(key: string, cell: number, field: number): void {
    const list = this.scoped.get(key);
    if (!list) this.scoped.set(key, [posting(cell, field)]);
    else list.push(posting(cell, field));
  }

  #closeScope(scopes: Scope[], atCell: number): void {
    const scope = scopes.pop();
    if (!scope) return;
    const until = Math.min(atCell, scope.fromCell + longestScope);
    for (let cell = scope.fromCell + 1; cell <= until; cell++)
      for (const key of scope.stems) this.#noteScoped(key, cell, rank.scope);
  }
}
