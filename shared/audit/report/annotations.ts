import type { Severity } from '../finding.ts';
import type { ResultFinding } from '../gate/outcome.ts';
import type { Requirement } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import { standingOf, worstGaps } from './order.ts';
import { count, gateTitle, oneLine } from './text.ts';
import { findingNames } from './verdictNames.ts';
import { verdictSentence } from './verdictSentence.ts';

/** A mark at a line of a file. */
interface Annotation {
  severity: Severity;
  file: string;
  line: number;
  end_line: number;
  code: string;
  message: string;
}

/** GitHub shows ten of each level a step. */
const mostOfALevel = 10;

type Level = 'error' | 'warning' | 'notice';
const githubLevels: Readonly<Record<Severity, Level>> = {
  high: 'error',
  medium: 'warning',
  low: 'notice',
  none: 'notice',
};

/** Workflow commands of GitHub Actions, one a line. */
export function toGithubAnnotations(result: AuditResult): string {
  const value = (text: string) =>
    escapeMarks(text, { '%': '%25', '\r': '%0D', '\n': '%0A', ':': '%3A', ',': '%2C' });
  const data = (text: string) => escapeMarks(text, { '%': '%25', '\r': '%0D', '\n': '%0A' });
  return report(
    result,
    ({ severity }) => githubLevels[severity],
    (level, { file, line, end_line, code, message }) => {
      const place = `file=${value(file)},line=${line},endLine=${end_line},title=${value(code)}`;
      return `::${level} ${place}::${data(message)}`;
    },
  );
}

/** Logging commands of Azure Pipelines, one a line; it knows no notices. */
export function toAzureAnnotations(result: AuditResult): string {
  const data = (text: string) => escapeMarks(text, { '%': '%AZP25', '\r': '%0D', '\n': '%0A' });
  const value = (text: string) => escapeMarks(data(text), { ';': '%3B', ']': '%5D' });
  return report(
    result,
    ({ severity }) => (severity === 'high' ? 'error' : 'warning'),
    (level, { file, line, code, message }) => {
      const place = `sourcepath=${value(file)};linenumber=${line};columnnumber=1;code=${value(code)};`;
      return `##vso[task.logissue type=${level};${place}]${data(message)}`;
    },
  );
}

function report(
  result: AuditResult,
  levelOf: (annotation: Annotation) => Level,
  write: (level: Level, annotation: Annotation) => string,
): string {
  const used = new Map<Level, number>();
  const all = annotationsOf(result);
  const lines = all.flatMap((annotation) => {
    const level = levelOf(annotation);
    const nth = (used.get(level) ?? 0) + 1;
    used.set(level, nth);
    return nth > mostOfALevel ? [] : [write(level, annotation)];
  });
  return `${[...lines, summary(result, all.length - lines.length)].join('\n')}\n`;
}

/** Open gaps and findings, then gaps that nobody confirmed; none that is accepted. */
function annotationsOf({ requirements, findings }: AuditResult): Annotation[] {
  const gaps = worstGaps(requirements);
  return [
    ...gaps.filter((one) => standingOf(one) === 'open').map((one) => atGap(one, one.severity)),
    ...findings.filter(({ accepted }) => !accepted).map(atFinding),
    ...gaps.filter((one) => standingOf(one) === 'unverified').map((one) => atGap(one, 'none')),
  ];
}

/** At the first line of code that shows the gap, else where the design states the requirement. */
function atGap(one: Requirement, severity: Severity): Annotation {
  const { design_file: file, design_line: line } = one;
  const place = one.evidence[0] ?? { file, line, end_line: line };
  const { file: at, line: from, end_line } = place;
  return {
    severity,
    file: oneLine(at),
    line: from,
    end_line,
    code: oneLine(one.id),
    message: verdictSentence(one),
  };
}

function atFinding({ kind, rule, severity, message, file, line }: ResultFinding): Annotation {
  const code = oneLine(`${kind}/${rule}`);
  const text = `${findingNames[kind]}: ${oneLine(message)}`;
  return { severity, file: oneLine(file), line, end_line: line, code, message: text };
}

/** A plain line: what is in it comes from us alone, so that it cannot be taken for a command. */
function summary({ gate, requirements }: AuditResult, left: number): string {
  const more =
    left > 0 ? ` ${count(left, 'further place is', 'further places are')} in the whole report.` : '';
  return `Gatehouse, design audit: ${gateTitle(gate)} (${count(requirements.length, 'requirement')}).${gate.reasons.map((reason) => ` ${reason}`).join('')}${more}`;
}

const escapeMarks = (text: string, marks: Readonly<Record<string, string>>) =>
  [...text].map((mark) => marks[mark] ?? mark).join('');
