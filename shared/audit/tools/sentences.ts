import type { AuditResult } from '../report/auditResult.ts';
import { type Evidence, type Requirement, type Verdict, worstVerdict } from '../verdict.ts';

const longestRequirement = 200;
const longestQuote = 90;
const mostEvidence = 3;

const order: readonly Verdict[] = ['contradicted', 'missing', 'partial', 'not_assessable', 'implemented'];

/** An audit in the words a coding agent needs: a sentence for each requirement, what is wrong first. */
export function toSentences(result: AuditResult): string {
  const { requirements, counts, engine, summary, gate, findings, skipped_files: skipped } = result;
  const found = order
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${verdict}`);
  const sorted = order.flatMap((verdict) => requirements.filter((one) => one.verdict === verdict));
  return [
    `The audit says: ${worstVerdict(requirements)} (${found.join(', ')}). ${oneLine(summary)}`,
    gate.passed ? 'The gate is passed.' : `The gate is not passed. ${gate.reasons.map(oneLine).join(' ')}`,
    `Engine: ${engine.name}. ${engine.note}`,
    ...sorted.map(sentenceOf),
    ...findings.map(
      ({ kind, message, file, line }) => `Found (${kind}): ${oneLine(message)} [${file}:${line}]`,
    ),
    ...skipped.map(({ path, reason }) => `Not read: ${path}, ${reason}.`),
  ].join('\n');
}

function sentenceOf(one: Requirement): string {
  const { id, requirement, verdict, reason, evidence, design_line, advice, state } = one;
  const proof = evidence.slice(0, mostEvidence).map(placeOf).join('; ');
  return [
    `${id} ${verdict}${state === 'accepted' ? ' (accepted)' : ''}: ${clip(requirement, longestRequirement)}`,
    `(${oneLine(reason)}, line ${design_line} of the design)`,
    ...(proof ? [`[${proof}]`] : []),
    ...(advice ? [oneLine(advice)] : []),
  ].join(' ');
}

const placeOf = ({ file, line, quote }: Evidence) => `${file}:${line} ${clip(quote, longestQuote)}`;

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

function clip(text: string, most: number): string {
  const line = oneLine(text);
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
