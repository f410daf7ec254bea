import { type CodeIndex, cellLines, plainName } from './codeIndex.ts';
import { stemsOf } from './words.ts';

const shortestFuzzy = 6;
const mostCells = 200;
const longestLine = 500;

/** A name in the tree that differs from a missing one by a few letters; undefined where there is none. */
export function nearestName(text: string, index: CodeIndex): string | undefined {
  const wanted = plainName(text);
  if (wanted.length < shortestFuzzy) return undefined;
  const keys = stemsOf(text).filter((key) => index.has(key));
  const cells = new Set(keys.flatMap((key) => index.cellsOf(key)).slice(0, mostCells));
  for (const cell of cells) {
    const file = index.files[index.fileOf(cell)];
    if (!file || file.isTest) continue;
    const first = (cell - index.firstCell(index.fileOf(cell))) * cellLines;
    for (let line = first; line < Math.min(first + cellLines, file.lineCount); line++) {
      for (const [name] of file
        .line(line)
        .slice(0, longestLine)
        .matchAll(/[A-Za-z_$][\w$-]+/g)) {
        const plain = plainName(name);
        if (Math.abs(plain.length - wanted.length) <= 2 && plain !== wanted && distance(plain, wanted) <= 2)
          return name;
      }
    }
  }
  return undefined;
}

/** Letters to be changed, added or taken away to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
