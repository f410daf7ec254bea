import type { SourceFile } from '../sourceTree.ts';
import type { Stated } from '../verdict.ts';
import { obligationOf } from './obligation.ts';

const mostStatements = 500;
/** Longer ones are no sentence of a design; what follows is not looked at. */
const longestStatement = 4_000;
const modal =
  /\b(must|shall|should|will|has to|have to|needs? to|is required|are required|may not|cannot|never|always|only)\b/i;
const codeSpan = /`[^`]+`/;
const listItem = /^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$/;
const isTableRule = (line: string) => line.includes('|') && /^[\s:|-]+$/.test(line);

interface Block {
  kind: 'item' | 'row' | 'paragraph';
  line: number;
  text: string;
  section: readonly string[];
}

/** Splits Markdown into list items, table rows and paragraphs; code fences and front matter are passed over. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const section: string[] = [];
  let open: Block | undefined;
  let fence: string | undefined;
  let table = 0;
  const close = () => {
    if (open) blocks.push(open);
    open = undefined;
  };
  for (const [i, line] of markdown.split('\n').entries()) {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1];
    if (mark && (fence === undefined || fence === mark)) {
      close();
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const heading = /^(#{1,6})\s(.*)$/.exec(line);
    const item = listItem.exec(line);
    if (heading) {
      close();
      section.splice(heading[1]?.length ?? 1, section.length);
      section[(heading[1]?.length ?? 1) - 1] = (heading[2] ?? '').trim();
    } else if (line.trim() === '') {
      close();
    } else if (/^\s*\|/.test(line)) {
      close();
      table++;
      const cells = line
        .split('|')
        .map((cell) => cell.trim())
        .filter(Boolean);
      if (table > 1 && !isTableRule(line))
        blocks.push({ kind: 'row', line: i + 1, text: cells.join(' — '), section: section.filter(Boolean) });
      continue;
    } else if (item) {
      close();
      open = { kind: 'item', line: i + 1, text: item[2] ?? '', section: section.filter(Boolean) };
    } else if (open) {
      open.text += ` ${line.trim()}`;
    } else {
      open = { kind: 'paragraph', line: i + 1, text: line.trim(), section: section.filter(Boolean) };
    }
    table = 0;
  }
  close();
  return blocks;
}

function sentences(text: string): string[] {
  return text.split(/(?<=[.;!?])\s+(?=[A-Z`"(])/).map((sentence) => sentence.trim());
}

/** Headings of sections that explain rather than oblige; of their prose only what is marked as code counts. */
const context =
  /^(?:\d[\d.]*\s*)?(?:purpose|introduction|overview|background|context|decisions?|rationale|alternatives|non-goals|out of scope|glossary|references)\b/i;

/**
 * The statements of a Markdown design, in its order: list items and table rows, and those sentences of its prose that
 * oblige (must, shall, never, …) or name something in code marks.
 */
export function extractStatements(designs: readonly SourceFile[]): Stated[] {
  return designs
    .flatMap(statementsOf)
    .slice(0, mostStatements)
    .map((statement, i) => ({ id: `R${i + 1}`, ...statement }));
}

function statementsOf({ path, text: markdown }: SourceFile): Omit<Stated, 'id'>[] {
  return blocksOf(markdown).flatMap(({ kind, line, text, section }) => {
    const explains = section.some((heading) => context.test(heading));
    const counts = (statement: string) => codeSpan.test(statement) || (!explains && modal.test(statement));
    const at = (statement: string) => ({
      requirement: statement.slice(0, longestStatement),
      obligation: obligationOf(statement),
      design_file: path,
      design_line: line,
      section: [...section],
    });
    if (kind === 'paragraph') return sentences(text).filter(counts).map(at);
    const wordy = !explains && text.split(/\s+/).length >= 4 && !text.endsWith(':');
    return wordy || counts(text) ? [at(text)] : [];
  });
}
