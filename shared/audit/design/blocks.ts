import type { SourceFile } from '../sourceTree.ts';
import { barCells, isBarRule, ruleColumns, ruledCells } from './tables.ts';

/** A row's cell and the header above it. */
export interface Cell {
  header: string;
  text: string;
}

/** A piece of a design between headings, on one line. */
export interface Block {
  kind: 'item' | 'row' | 'paragraph' | 'heading';
  text: string;
  /** For each line of the text: its number in the file (1-based) and where in the text it begins. */
  lines: { line: number; start: number }[];
  /** Headings above it, outermost first. */
  section: readonly string[];
  /** What introduces it: the items it lies under, or the line before its list. */
  parents: readonly string[];
  cells: readonly Cell[];
}

const listItem = /^(\s*)(?:([-+•]|\*{1,5})|(?:\d{1,3}|[a-zA-Z])[.)]|\.{1,5})\s+(\S.*)$/;
const hashHeading = /^(#{1,6})\s+(.*)$/;
const equalsHeading = /^(={1,6})\s+(\S.*)$/;
const underline = /^(?:={3,}|-{3,}|~{3,}|\^{3,}|"{3,})\s*$/;
const numberedHeading = /^\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z][^.;:]{0,70}$/;
const directive = /^\s*\.\.\s+(?:code|code-block|sourcecode|literalinclude|image|figure|toctree|math)\b/;
const underlineLevels: Record<string, number> = { '=': 1, '-': 2, '~': 3, '^': 4, '"': 5 };
const routeLine = /^\s*(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+\/\S*\s*$/;

/** Reads a design in Markdown, AsciiDoc, reStructuredText or plain text into its blocks, in order. */
export function blocksOf(design: SourceFile): Block[] {
  return new Reader(design).read();
}

class Reader {
  readonly #lines: readonly string[];
  readonly #isAsciiDoc: boolean;
  readonly #isPlain: boolean;
  readonly #blocks: Block[] = [];
  readonly #section: string[] = [];
  #open: Block | undefined;
  /** Items of the list that is open, with the columns they are indented by. */
  #items: { indent: number; text: () => string }[] = [];
  #introduction: string | undefined;
  #headers: string[] | undefined;
  #columns: [from: number, to: number][] | undefined;
  #fence: string | undefined;
  #isAfterBlank = true;

  constructor({ path, text }: SourceFile) {
    // reStructuredText marks code with two backticks; roles in front of a mark say nothing here.
    this.#lines = text
      .replace(/(?<!`)``(?!`)/g, '`')
      .replace(/:[\w:-]+:(?=`)/g, '')
      .split('\n');
    this.#isAsciiDoc = /\.a(?:sciidoc|doc|sc)$/i.test(path);
    this.#isPlain = !/^#{1,6}\s/m.test(text);
  }

  read(): Block[] {
    let first = 0;
    if (this.#lines[0]?.trim() === '---') {
      const end = this.#lines.indexOf('---', 1);
      if (end > 0) first = end + 1;
    }
    for (let i = first; i < this.#lines.length; i++) i = this.#readLine(i);
    this.#close();
    return this.#blocks;
  }

  /** Reads the line and gives the index of the last one that was read with it. */
  #readLine(i: number): number {
    const line = this.#lines[i] ?? '';
    const fence = this.#fenceOf(line);
    if (this.#fence !== undefined || fence !== undefined) {
      this.#readFenced(line, fence, i);
      return i;
    }
    if (/^\s*<!--/.test(line)) return this.#endOf(i, '-->');
    if (directive.test(line)) return this.#endOfIndented(i);
    if (line.trim() === '') {
      this.#close();
      this.#headers = this.#columns ? this.#headers : undefined;
      this.#isAfterBlank = true;
      return i;
    }
    const end = this.#readHeading(line, i) ?? this.#readTable(line, i);
    if (end !== undefined) return end;
    this.#headers = undefined;
    this.#readText(line, i);
    this.#isAfterBlank = false;
    return i;
  }

  #fenceOf(line: string): string | undefined {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1];
    if (mark) return mark;
    return this.#isAsciiDoc && /^(?:-{4,}|\.{4,})\s*$/.test(line) ? '----' : undefined;
  }

  /** Of code blocks only lines that are nothing but a route are read. */
  #readFenced(line: string, fence: string | undefined, i: number): void {
    this.#close();
    if (this.#fence === undefined) this.#fence = fence;
    else if (fence === this.#fence) this.#fence = undefined;
    else if (routeLine.test(line)) this.#push('row', line.trim(), i);
  }

  #endOf(from: number, mark: string): number {
    for (let i = from; i < this.#lines.length; i++) if (this.#lines[i]?.includes(mark)) return i;
    return this.#lines.length;
  }

  #endOfIndented(from: number): number {
    let i = from;
    while (i + 1 < this.#lines.length && /^(?:\s+\S|\s*$)/.test(this.#lines[i + 1] ?? '')) i++;
    return i;
  }

  #readHeading(line: string, i: number): number | undefined {
    const hash = hashHeading.exec(line) ?? (this.#isAsciiDoc ? equalsHeading.exec(line) : null);
    if (hash) return this.#heading(hash[1]?.length ?? 1, hash[2] ?? '', i, i);
    const next = this.#lines[i + 1] ?? '';
    const isUnderlined =
      underline.test(next) &&
      !this.#isAsciiDoc &&
      !this.#open &&
      !/^[\s|]/.test(line) &&
      !listItem.test(line);
    if (isUnderlined && !underline.test(line))
      return this.#heading(underlineLevels[next[0] ?? '='] ?? 1, line, i, i + 1);
    if (underline.test(line) && !this.#columns) return i;
    const isAlone = this.#isAfterBlank && next.trim() === '';
    if (this.#isPlain && isAlone && (numberedHeading.test(line) || /^[A-Z][A-Z0-9 &/,-]{3,60}$/.test(line)))
      return this.#heading(1 + (/^[\d.]+/.exec(line)?.[0].match(/\.\d/g)?.length ?? 0), line, i, i);
    return undefined;
  }

  #heading(level: number, text: string, i: number, end: number): number {
    this.#close();
    this.#endList();
    this.#columns = undefined;
    const title = text.replace(/\s#+\s*$/, '').trim();
    this.#section.splice(level - 1, this.#section.length);
    this.#push('heading', title, i);
    this.#section[level - 1] = title;
    this.#isAfterBlank = true;
    return end;
  }

  #readTable(line: string, i: number): number | undefined {
    const columns = ruleColumns(line);
    if (columns) {
      this.#close();
      if (!this.#columns) this.#headers = undefined;
      else if (this.#headers && ruleColumns(this.#lines[i + 1] ?? '') === undefined) {
        const goesOn = (this.#lines[i + 1] ?? '').trim() !== '';
        this.#columns = goesOn ? columns : undefined;
        return i;
      }
      this.#columns = columns;
      return i;
    }
    if (this.#columns) {
      this.#row(ruledCells(line, this.#columns), i);
      return i;
    }
    if (this.#isAsciiDoc && /^\|===/.test(line)) return this.#readAsciiDocTable(i);
    if (/^\s*\|={3,}/.test(line) || /^\s*\+[-=+]+\+\s*$/.test(line)) {
      this.#close();
      return i;
    }
    if (
      /^\s*\|/.test(line) ||
      (line.includes('|') && (this.#headers || isBarRule(this.#lines[i + 1] ?? '')))
    ) {
      this.#close();
      if (!isBarRule(line)) this.#row(barCells(line), i);
      return i;
    }
    return undefined;
  }

  /** A table of AsciiDoc: the first line has the headers, the cells of a row may stand on lines of their own. */
  #readAsciiDocTable(from: number): number {
    this.#close();
    let pending: string[] = [];
    let start = from;
    let i = from + 1;
    for (; i < this.#lines.length && !/^\|===/.test(this.#lines[i] ?? ''); i++) {
      const line = this.#lines[i] ?? '';
      if (!line.startsWith('|')) {
        if (pending.length > 0 && line.trim() !== '') pending.push(`${pending.pop()} ${line.trim()}`);
        continue;
      }
      if (pending.length === 0) start = i;
      pending.push(...barCells(line));
      if (pending.length >= (this.#headers?.length ?? 1)) {
        this.#row(pending, start);
        pending = [];
      }
    }
    this.#headers = undefined;
    return i;
  }

  #row(cells: string[], i: number): void {
    if (!this.#headers) {
      this.#headers = cells;
      return;
    }
    const headers = this.#headers;
    const filled = cells
      .map((text, n) => ({ header: headers[n] ?? '', text }))
      .filter(({ text }) => text !== '');
    if (filled.length === 0) return;
    this.#push('row', filled.map(({ text }) => text).join(' — '), i, filled);
  }

  #readText(line: string, i: number): void {
    const item = listItem.exec(line);
    if (item && (!this.#open || this.#open.kind === 'item' || !/^[a-zA-Z.]/.test(line.trim()))) {
      const [, space = '', marks = '', text = ''] = item;
      const opensList = this.#items.length === 0;
      if (this.#open?.kind === 'paragraph') this.#introduction = this.#open.text;
      this.#close();
      const stars = this.#isAsciiDoc ? Math.max(0, marks.length - 1) * 2 : 0;
      const indent = space.length + stars;
      if (opensList && this.#introduction === undefined) this.#introduction = this.#lastParagraph();
      while ((this.#items.at(-1)?.indent ?? -1) >= indent) this.#items.pop();
      const block = this.#start('item', text, i);
      this.#items.push({ indent, text: () => block.text });
    } else if (this.#open) {
      this.#open.lines.push({ line: i + 1, start: this.#open.text.length + 1 });
      this.#open.text += ` ${line.trim()}`;
    } else if (!/^(?: {4}|\t)/.test(line) || this.#items.length > 0) {
      if (!/^\s/.test(line)) this.#endList();
      this.#start('paragraph', line.trim(), i);
    }
  }

  /** The paragraph right before, where it announces what follows. */
  #lastParagraph(): string | undefined {
    const last = this.#blocks.at(-1);
    return last?.kind === 'paragraph' && last.text.trimEnd().endsWith(':') ? last.text : undefined;
  }

  #endList(): void {
    this.#items = [];
    this.#introduction = undefined;
  }

  #start(kind: Block['kind'], text: string, i: number): Block {
    const parents = [this.#introduction ?? '', ...this.#items.map((item) => item.text())].filter(Boolean);
    this.#open = {
      kind,
      text,
      lines: [{ line: i + 1, start: 0 }],
      section: this.#section.filter(Boolean),
      parents,
      cells: [],
    };
    return this.#open;
  }

  #push(kind: Block['kind'], text: string, i: number, cells: readonly Cell[] = []): void {
    const lines = [{ line: i + 1, start: 0 }];
    this.#blocks.push({ kind, text, lines, section: this.#section.filter(Boolean), parents: [], cells });
  }

  #close(): void {
    if (this.#open) this.#blocks.push(this.#open);
    this.#open = undefined;
  }
}
