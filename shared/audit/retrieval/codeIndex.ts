import type { SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { stem, termsOf, words } from './terms.ts';

/** For one file: the lines (0-based) on which each stem stands. */
interface IndexedFile {
  path: string;
  lines: readonly string[];
  text: string;
  lowerText: string;
  stemLines: ReadonlyMap<string, readonly number[]>;
}

const mostLinesPerStem = 50;

/** Which words stand where in a tree. Identifiers count by their parts, comments and texts like code. */
export class CodeIndex {
  readonly files: readonly IndexedFile[];
  readonly #fileCount = new Map<string, number>();

  private constructor(files: readonly IndexedFile[]) {
    this.files = files;
    for (const file of files) {
      for (const key of file.stemLines.keys()) this.#fileCount.set(key, (this.#fileCount.get(key) ?? 0) + 1);
    }
  }

  /** Builds the index, giving way to other work. @throws the signal's reason once it is aborted. */
  static async build(files: readonly SourceFile[], turns: Turns): Promise<CodeIndex> {
    const indexed: IndexedFile[] = [];
    for (const file of files) {
      indexed.push(indexFile(file));
      await turns.giveWay();
    }
    return new CodeIndex(indexed);
  }

  /** Files in which names and words of a text stand, most telling first; equal ones by path. */
  rank(text: string): { path: string; score: number }[] {
    const { literals, stems } = termsOf(text);
    return this.files
      .map((file) => ({
        path: file.path,
        score:
          literals.filter((literal) => findLiteral(file, literal) !== undefined).length * 2 +
          stems.reduce((sum, key) => sum + (file.stemLines.has(key) ? this.weight(key) : 0), 0),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  }

  /**
   * How much a stem tells, 0.3 to 1: a word in every file says little. One that stands nowhere weighs as an average
   * word, as it may be mere prose.
   */
  weight(key: string): number {
    const count = this.#fileCount.get(key) ?? 0;
    if (count === 0) return 0.6;
    const rarity = Math.log(1 + this.files.length / count) / Math.log(1 + this.files.length);
    return 0.3 + 0.7 * rarity;
  }
}

function indexFile({ path, text }: SourceFile): IndexedFile {
  const lines = text.split('\n');
  const stemLines = new Map<string, number[]>();
  const note = (key: string, line: number) => {
    const known = stemLines.get(key);
    if (!known) stemLines.set(key, [line]);
    else if (known.length < mostLinesPerStem && known.at(-1) !== line) known.push(line);
  };
  for (const word of words(path)) note(stem(word), 0);
  for (const [i, line] of lines.entries()) for (const word of words(line)) note(stem(word), i);
  return { path, lines, text, lowerText: text.toLowerCase(), stemLines };
}

const wordChar = /[\w.\\]/;

/** Where a literal stands by itself rather than inside a longer name or path; -1 where it never does. */
function standaloneIndex(text: string, literal: string): number {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    const [before = ' ', after = ' '] = [text[at - 1], text[at + literal.length]];
    if (!wordChar.test(before) && !wordChar.test(after)) return at;
  }
  return -1;
}

/**
 * The line (0-based) of a file on which a literal stands: best by itself, else inside something longer, else in any
 * case; undefined where it stands nowhere.
 */
export function findLiteral(file: IndexedFile, literal: string): number | undefined {
  const lower = literal.toLowerCase();
  const at = [
    () => standaloneIndex(file.text, literal),
    () => file.text.indexOf(literal),
    () => file.lowerText.indexOf(lower),
  ].reduce((found, search) => (found >= 0 ? found : search()), -1);
  if (at < 0) return undefined;
  let line = 0;
  for (let i = file.text.indexOf('\n'); i >= 0 && i < at; i = file.text.indexOf('\n', i + 1)) line++;
  return line;
}
