import type { SourceFile } from '../sourceTree.ts';
import { type Kind, Segments } from './segments.ts';

const testPath =
  /(?:^|\/)(?:tests?|__tests__|specs?|testing|e2e)\/|[._-](?:test|spec)s?\.\w+$|(?:^|\/)test_[^/]*\.py$|(?:^|\/)conftest\.py$|Tests?\.(?:java|cs|kt)$|_test\.(?:go|py|rb)$/;

/** A file of the index with its lines (0-based) and what each stretch of it is. */
export class IndexedFile {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly #lineStarts: Uint32Array;
  readonly #segments: Segments;

  constructor({ path, text }: SourceFile) {
    this.path = path;
    this.text = text;
    this.isTest = testPath.test(path);
    this.#segments = new Segments(path, text);
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = Uint32Array.from(starts);
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }

  line(number: number): string {
    const end = this.#lineStarts[number + 1];
    return this.text.slice(this.lineStart(number), end === undefined ? undefined : end - 1);
  }

  lineStart(number: number): number {
    return this.#lineStarts[number] ?? this.text.length;
  }

  lineAt(index: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What a character of a line is. */
  kindAt(line: number, column: number): Kind {
    return this.#segments.at(this.lineStart(line) + column);
  }

  /** True for lines of which nothing but comment is there. */
  isComment(line: number): boolean {
    const column = this.line(line).search(/\S/);
    return column >= 0 && this.kindAt(line, column) === 'comment';
  }
}
