import { type CodeIndex, findLiteral } from '../../retrieval/codeIndex.ts';
import { type Terms, termsOf } from '../../retrieval/terms.ts';
import type { Turns } from '../../turns.ts';
import type { Evidence, Judged, Stated, Verdict } from '../../verdict.ts';

const literalWeight = 2;
/** Shares of a statement's weight that must be found for each verdict. */
const thresholds = { implemented: 0.68, partial: 0.4 };
const fewestTerms = 2;
/** What is left of a share when a statement names things and none of them is in the source. */
const nothingNamedFound = 0.6;
/** Goals that are measured on a running system. */
const measured = /%|\bpercent|\bavailab(?:le|ility)\b.*\d|\buptime\b|\bwithin \d+ (?:milli)?seconds\b/i;
const mostEvidence = 3;
const longestQuote = 200;

/** A term found in a file: its weight and the lines it stands on. */
interface Hit {
  term: string;
  isLiteral: boolean;
  weight: number;
  lines: readonly number[];
}

interface Candidate {
  file: CodeIndex['files'][number];
  hits: Hit[];
  found: number;
}

/**
 * Judges one statement by where its names and words stand together. Files are ranked by the weight found in them; a
 * statement may be carried by several, so what the best file lacks counts at half when another has it.
 */
export async function judge(statement: Stated, index: CodeIndex, turns: Turns): Promise<Judged> {
  const terms = termsOf(statement.requirement);
  const total =
    terms.literals.length * literalWeight + terms.stems.reduce((sum, key) => sum + index.weight(key), 0);
  const base = { ...statement, advice: null, verified: true };
  if (terms.literals.length === 0 && terms.stems.length < fewestTerms) {
    return {
      ...base,
      verdict: 'not_assessable',
      reason: 'It names too little that source code could show.',
      evidence: [],
    };
  }
  if (measured.test(statement.requirement)) {
    return {
      ...base,
      verdict: 'not_assessable',
      reason: 'A goal to be measured on the running system.',
      evidence: [],
    };
  }
  const candidates: Candidate[] = [];
  for (const file of index.files) {
    candidates.push(candidateOf(file, terms, index));
    await turns.giveWay();
  }
  candidates.sort((a, b) => b.found - a.found || (a.file.path < b.file.path ? -1 : 1));
  const best = candidates[0];
  const anywhere = foundAnywhere(candidates);
  const named = terms.literals.length === 0 || anywhere.literals > 0;
  const share = best
    ? ((best.found + (anywhere.weight - best.found) / 2) / total) * (named ? 1 : nothingNamedFound)
    : 0;
  const verdict = verdictFor(share);
  return {
    ...base,
    verdict,
    reason: `${Math.round(share * 100)} % of its names and terms (by weight) stand in the source${verdict === 'missing' ? '' : `, most of them in ${best?.file.path}`}.`,
    evidence: verdict === 'missing' ? [] : evidenceOf(candidates),
  };
}

function verdictFor(share: number): Verdict {
  if (share >= thresholds.implemented) return 'implemented';
  return share >= thresholds.partial ? 'partial' : 'missing';
}

function candidateOf(file: Candidate['file'], terms: Terms, index: CodeIndex): Candidate {
  const hits: Hit[] = [];
  for (const literal of terms.literals) {
    const line = findLiteral(file, literal);
    if (line !== undefined)
      hits.push({ term: `\`${literal}`, isLiteral: true, weight: literalWeight, lines: [line] });
  }
  for (const key of terms.stems) {
    const lines = file.stemLines.get(key);
    if (lines) hits.push({ term: key, isLiteral: false, weight: index.weight(key), lines });
  }
  return { file, hits, found: hits.reduce((sum, hit) => sum + hit.weight, 0) };
}

/** What stands in any of the files, each term once. */
function foundAnywhere(candidates: readonly Candidate[]) {
  const found = new Map<string, Hit>();
  for (const { hits } of candidates) for (const hit of hits) found.set(hit.term, hit);
  const all = [...found.values()];
  return {
    literals: all.filter(({ isLiteral }) => isLiteral).length,
    weight: all.reduce((sum, { weight }) => sum + weight, 0),
  };
}

/** The lines on which most of the weight stands, best first, at most two from one file. */
function evidenceOf(candidates: readonly Candidate[]): Evidence[] {
  const strongest = candidates[0]?.found ?? 0;
  return candidates
    .filter(({ found }) => found > 0 && found >= strongest / 2)
    .slice(0, mostEvidence)
    .flatMap((candidate) => bestLines(candidate).slice(0, 2))
    .slice(0, mostEvidence);
}

const importLine = /^\s*(?:import|export \*|export \{[^}]*\} from|from \S+ import|using|#include|package)\b/;

/** An import shows that a name exists elsewhere, not what is done with it. */
const isTelling = (line: string) => line.trim().length > 1 && !importLine.test(line);

function bestLines({ file, hits }: Candidate): Evidence[] {
  const weights = new Map<number, number>();
  for (const { weight, lines } of hits)
    for (const line of lines) weights.set(line, (weights.get(line) ?? 0) + weight);
  return [...weights]
    .filter(([line]) => isTelling(file.lines[line] ?? ''))
    .sort(([lineA, a], [lineB, b]) => b - a || lineA - lineB)
    .map(([line]) => ({
      file: file.path,
      line: line + 1,
      end_line: line + 1,
      quote: (file.lines[line] ?? '').trim().slice(0, longestQuote),
    }));
}
