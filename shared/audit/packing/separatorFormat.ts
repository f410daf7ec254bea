import type { SourceFile } from '../sourceTree.ts';

/**
 * The separator format: each part begins with a line of its own, `#FILE_START# path`, and its content follows as it
 * is. A content line that looks like such a header gets a backslash in front, one that already has backslashes one
 * more, so no file can forge another and every packed text has exactly one reading.
 */
const headerLine = /^\\*#(?:FILE|HLD|TASK|QUESTION)_START#/gm;
const escapedLine = /^\\(?=\\*#(?:FILE|HLD|TASK|QUESTION)_START#)/gm;

export type PartKind = 'FILE' | 'HLD' | 'TASK' | 'QUESTION';

export function escapeContent(text: string): string {
  // Hardly any file has one, and looking for a word is much faster than for a pattern.
  return text.includes('_START#') ? text.replace(headerLine, '\\$&') : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not stand in a header
const unsafeInName = /[%\u0000-\u001f\u007f\u2028\u2029]/g;

/** One part: header line, escaped content, line end. Token counts of parts add up to that of their concatenation. */
export function packPart(kind: PartKind, name: string, text: string): string {
  const shown = name.replace(unsafeInName, encodeURIComponent);
  return `#${kind}_START#${shown === '' ? '' : ` ${shown}`}\n${escapeContent(text)}\n`;
}

export function packFile({ path, text }: SourceFile): string {
  return packPart('FILE', path, text);
}

/** Files in the order given; the caller sorts them. */
export function pack(files: readonly SourceFile[]): string {
  return files.map(packFile).join('');
}

/** The files a packed text stands for: `unpack(pack(files))` equals `files`. */
export function unpack(packed: string): SourceFile[] {
  return packed
    .split(/^#FILE_START# /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      const text = part.slice(end + 1, -1).replace(escapedLine, '');
      return { path: decodeURIComponent(part.slice(0, end)), text };
    });
}
