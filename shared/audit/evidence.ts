import type { SourceFile } from './sourceTree.ts';
import type { Evidence, Requirement, Verdict } from './verdict.ts';

/** A quote as a model gave it, before anyone looked. */
export interface ClaimedEvidence {
  file: string;
  quote: string;
}

const longestQuote = 400;
const trimmedLines = (text: string) => text.split('\n').map((line) => line.trim());

/** A brace or a keyword stands in every file; a quote that shows something has a name in it and is not tiny. */
const isTelling = (quote: string) =>
  quote.replace(/\s/g, '').length >= 8 && /[\p{L}_$][\p{L}\p{N}_$]{2}/u.test(quote);

/** Where a quote stands in a file, by lines without their indentation; undefined where it does not. */
export function locate(claim: ClaimedEvidence, files: ReadonlyMap<string, SourceFile>): Evidence | undefined {
  const file = files.get(claim.file.replace(/^\.\//, ''));
  const quoted = trimmedLines(claim.quote.trim());
  if (!file || !isTelling(claim.quote)) return undefined;
  const lines = trimmedLines(file.text);
  const only = quoted.length === 1 ? quoted[0] : undefined;
  const at = lines.findIndex((line, i) =>
    only === undefined ? quoted.every((wanted, n) => lines[i + n] === wanted) : line.includes(only),
  );
  if (at < 0) return undefined;
  const quote = file.text
    .split('\n')
    .slice(at, at + quoted.length)
    .join('\n')
    .trim()
    .slice(0, longestQuote);
  return { file: file.path, line: at + 1, quote };
}

const needsEvidence: ReadonlySet<Verdict> = new Set(['implemented', 'partial', 'contradicted']);

/**
 * Keeps the evidence that was found in the source. A verdict that rests on evidence and has none left becomes
 * `not_assessable`: a claim nobody could check turns no build red or green.
 */
export function verify(
  claimed: Omit<Requirement, 'evidence'> & { evidence: readonly ClaimedEvidence[] },
  files: ReadonlyMap<string, SourceFile>,
): Requirement {
  const evidence = claimed.evidence
    .map((claim) => locate(claim, files))
    .filter((found) => found !== undefined);
  if (evidence.length > 0 || !needsEvidence.has(claimed.verdict)) return { ...claimed, evidence };
  const reason = `Said to be ${claimed.verdict}, but none of the quoted evidence is in the source. ${claimed.reason}`;
  return { ...claimed, verdict: 'not_assessable', reason, evidence };
}
