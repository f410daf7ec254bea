import { clip, oneLine } from './text.ts';

/**
 * Text from outside as a line of Markdown: no markup of its own but the code marks it came with, nobody mentioned, no
 * issue referred to, no link made of an address, no mathematics.
 */
export function plain(text: string): string {
  return oneLine(text)
    .split(/((?<!`)`[^`]+`(?!`))/)
    .map((piece, i) => (i % 2 === 1 ? piece : escapeMarks(piece)))
    .join('')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&')
    .trim();
}

/** Text as inline code; the fence is longer than any run of backticks in it. */
export function code(text: string, most?: number): string {
  const line = most === undefined ? oneLine(text) : clip(text, most);
  if (line === '') return '';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/**
 * Markdown in a cell of a table, where a stroke is escaped even within code. A backslash before it in code would take
 * the escape away, so they are set apart.
 */
export function cell(markdown: string): string {
  return markdown.replace(
    /(\\*)\|/g,
    (_, before: string) => `${before}${before.length % 2 === 1 ? ' ' : ''}\\|`,
  );
}

function escapeMarks(text: string): string {
  return text
    .replace(/[\\*_[\]<>#~`&$]/g, '\\$&')
    .replace(/([@#])(?=[\p{L}\p{N}])/gu, '$1&#8203;')
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, '\\$&');
}
