/** Characters of the longest line a model is given. */
export const longestLine = 1_000;

/** Any text as one line: breaks, blanks and control characters become one blank, what is too long is cut. */
export function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= longestLine) return line;
  // Cut between two halves of a character, the first half goes too.
  return `${line.slice(0, longestLine - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
