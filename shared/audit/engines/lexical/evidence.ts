import { cellLines } from '../../retrieval/codeIndex.ts';
import { declarationOf } from '../../retrieval/declaration.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { Evidence } from '../../verdict.ts';
import type { Place, Reading, Tree } from './check.ts';

const mostEvidence = 4;
const longestQuote = 200;
const importLine =
  /^\s*(?:import\b|export \*|export \{[^}]*\} from|from \S+ import|using\b|#include|package\b)/;

/** Lines as evidence, as they stand in the source, each once. */
export function quote(places: readonly Place[], { index }: Tree): Evidence[] {
  const files = new Map(index.files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  return places
    .filter(({ file, line }) => !seen.has(`${file}:${line}`) && seen.add(`${file}:${line}`))
    .flatMap(({ file, line }) => {
      const text = files.get(file)?.line(line).trim().slice(0, longestQuote) ?? '';
      return text === '' ? [] : [{ file, line: line + 1, end_line: line + 1, quote: text }];
    })
    .slice(0, mostEvidence);
}

/** The lines of the best passages that bear most of the statement's words, declarations before others. */
export function tellingPlaces({ terms, passages }: Reading, { index }: Tree, most: number): Place[] {
  const weights = new Map(terms.map(({ stem, weight }) => [stem, weight]));
  const best = passages[0]?.share ?? 0;
  return passages
    .filter(({ share }) => share >= best * 0.8)
    .slice(0, 2)
    .flatMap(({ file: fileNumber, cell }, nth) => {
      const file = index.files[fileNumber];
      if (!file) return [];
      const first = Math.max(0, (cell - index.firstCell(fileNumber) - 1) * cellLines);
      const lines = Array.from(
        { length: Math.min(4 * cellLines, file.lineCount - first) },
        (_, i) => first + i,
      );
      return lines
        .map((line) => {
          const text = file.line(line).slice(0, 400);
          const weight = stemsOf(text).reduce((sum, key) => sum + (weights.get(key) ?? 0), 0);
          const isPoor = importLine.test(text) || text.trim().length < 3;
          const factor = isPoor ? 0.1 : file.isComment(line) ? 0.7 : declarationOf(text) ? 1.2 : 1;
          return { place: { file: file.path, line }, weight: weight * factor };
        })
        .filter(({ weight }) => weight > 0)
        .sort((a, b) => b.weight - a.weight || a.place.line - b.place.line)
        .slice(0, nth === 0 ? most : 1)
        .map(({ place }) => place);
    })
    .slice(0, most);
}
