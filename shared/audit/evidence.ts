import type { SourceFile } from './sourceTree.ts';
import type { Evidence } from './verdict.ts';

/** A quote as a model gave it, before anyone looked. */
export interface ClaimedEvidence {
  file: string;
  quote: string;
}

const longestQuote = 400;
const mostLines = 12;
const trimmedLines = (text: string) => text.split('\n').map((line) => line.trim());

/** A brace or a keyword stands in every file; a quote that shows something has a name in it and is not tiny. */
const isTelling = (quote: string) =>
  quote.replace(/\s/g, '').length >= 8 && /[\p{L}_$][\p{L}\p{N}_$]{2}/u.test(quote);

/** Where a quote stands in a file, by lines without their indentation; undefined where it does not. */
export function locate(claim: ClaimedEvidence, files: ReadonlyMap<string, SourceFile>): Evidence | undefined {
  const file = files.get(claim.file.replace(/^\.\//, ''));
  const quoted = trimmedLines(claim.quote.trim());
  if (!file || quoted.length > mostLines || !isTelling(claim.quote)) return undefined;
  // Most quotes that are not there differ in their first line: no need to take the file apart.
  if (!file.text.includes(quoted[0] ?? '')) return undefined;
  const lines = trimmedLines(file.text);
  const at = lines.findIndex((_, i) =>
    quoted.every((wanted, n) => matches(lines[i + n], wanted, n, quoted.length)),
  );
  if (at < 0) return undefined;
  const quote = file.text
    .split('\n')
    .slice(at, at + quoted.length)
    .join('\n')
    .trim()
    .slice(0, longestQuote);
  return { file: file.path, line: at + 1, end_line: at + quoted.length, quote };
}

/** Lines are equal; the first may begin and the last may end within its line. */
function matches(line: string | undefined, wanted: string, n: number, count: number): boolean {
  if (line === undefined) return false;
  if (count === 1) return line.includes(wanted);
  if (n === 0) return line.endsWith(wanted);
  return n === count - 1 ? line.startsWith(wanted) : line === wanted;
}

/** Claims for one verdict that are looked up: whoever makes more wants to keep us busy. */
const mostClaims = 20;

/** The claims that are there, each place once. */
export function locateAll(
  claims: readonly ClaimedEvidence[],
  files: ReadonlyMap<string, SourceFile>,
): Evidence[] {
  const found = new Map<string, Evidence>();
  for (const claim of claims.slice(0, mostClaims)) {
    const evidence = locate(claim, files);
    if (evidence) found.set(`${evidence.file}:${evidence.line}`, evidence);
  }
  return [...found.values()];
}
