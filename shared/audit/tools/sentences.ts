import type { AuditResult } from '../report/auditResult.ts';
import { worstFirst } from '../report/order.ts';
import { clip, oneLine } from '../report/text.ts';
import { findingNames, verdictNames } from '../report/verdictNames.ts';
import { verdictSentence } from '../report/verdictSentence.ts';
import { type Requirement, verdictsWorstFirst, worstVerdict } from '../verdict.ts';

const longestAdvice = 400;

/** An audit in the words a coding agent needs: a sentence for each requirement, what is wrong first. */
export function toSentences(result: AuditResult): string {
  const { requirements, counts, engine, summary, findings, skipped_files: skipped } = result;
  const found = verdictsWorstFirst
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${verdictNames[verdict]}`);
  return [
    `The audit says: ${verdictNames[worstVerdict(requirements)]} (${found.join(', ')}). ${oneLine(summary)}`,
    gateSentence(result),
    `Engine: ${engine.name}. ${engine.note}`,
    ...worstFirst(requirements).flatMap(sentencesOf),
    ...findings.map(
      ({ kind, message, file, line, accepted }) =>
        `Found: ${findingNames[kind]}${accepted ? ' (accepted)' : ''}, ${oneLine(message).replace(/\.$/, '')}, ${oneLine(file)}:${line}.`,
    ),
    ...skipped.map(({ path, reason }) => `Not read: ${oneLine(path)}, ${oneLine(reason)}.`),
  ].join('\n');
}

function gateSentence({ gate: { passed, fail_on, reasons } }: AuditResult): string {
  if (fail_on === 'none') return 'There is no gate.';
  return passed ? `The gate passed on ${fail_on}.` : `The gate failed on ${fail_on}: ${reasons.join(' ')}`;
}

function sentencesOf(one: Requirement): string[] {
  const { id, advice, accepted } = one;
  return [
    verdictSentence(one),
    ...(accepted ? [`Accepted for ${id}: ${clip(accepted.reason, longestAdvice)}`] : []),
    ...(advice === null ? [] : [`Advice for ${id}: ${clip(advice, longestAdvice)}`]),
  ];
}
