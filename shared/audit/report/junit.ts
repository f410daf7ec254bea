import { asGap } from '../gate/gapVerdict.ts';
import type { Requirement } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import { standingOf } from './order.ts';
import { clip, oneLine } from './text.ts';
import { findingNames, verdictNames } from './verdictNames.ts';
import { verdictSentence } from './verdictSentence.ts';
import { element, xmlText } from './xml.ts';

const longestName = 250;

/** The result as JUnit XML: a test case for each requirement, failed where there is an open gap. */
export function toJunit(result: AuditResult): string {
  const { requirements, date, project, design } = result;
  const failures = requirements.filter((one) => standingOf(one) === 'open').length;
  const skipped = requirements.filter((one) => skipReason(one) !== undefined).length;
  const counts = { tests: requirements.length, failures, errors: 0 };
  const suite = element(
    'testsuite',
    {
      name: `Design audit${project === null ? '' : ` of ${oneLine(project)}`}`,
      ...counts,
      skipped,
      time: 0,
      timestamp: date.slice(0, 19),
      package: design.map(oneLine).join(', '),
    },
    `\n${[properties(result), ...requirements.map(testCase), notes(result)].join('\n')}\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'Gatehouse', ...counts, time: 0 }, `\n${suite}\n`)}\n`;
}

function properties({ audit_id, engine, gate, token_report }: AuditResult): string {
  const all = {
    audit_id,
    engine: engine.name,
    model: engine.model ?? '',
    gate: gate.passed ? 'passed' : 'failed',
    fail_on: gate.fail_on,
    tokens_billed: token_report.total_tokens_billed,
  };
  return element(
    'properties',
    {},
    Object.entries(all)
      .map(([name, value]) => element('property', { name, value }))
      .join(''),
  );
}

function testCase(one: Requirement): string {
  const { id, requirement, section, design_file } = one;
  const name = `${id} ${clip(requirement, longestName)}`;
  // Viewers take what stands before a dot for a package.
  const classname = [design_file, ...section].map(oneLine).join(' / ').replaceAll('.', '_');
  return element('testcase', { name, classname, time: 0 }, outcome(one));
}

function outcome(one: Requirement): string {
  const skip = skipReason(one);
  if (skip !== undefined) return element('skipped', {}, xmlText(skip));
  if (!asGap(one.verdict)) return '';
  const { severity, verdict, advice, evidence } = one;
  const sentence = verdictSentence(one);
  const quotes = evidence.map(({ file, line, quote }) => `${oneLine(file)}:${line}\n${quote}`);
  const body = [sentence, ...(advice === null ? [] : [`Advice: ${advice}`]), ...quotes].join('\n\n');
  return element(
    'failure',
    { type: `${severity} ${verdictNames[verdict]}`, message: sentence },
    xmlText(body),
  );
}

/** Why a requirement neither passes nor fails; undefined where it does. */
function skipReason(one: Requirement): string | undefined {
  const standing = standingOf(one);
  if (standing === 'accepted') return `Accepted: ${one.accepted?.reason ?? ''} ${verdictSentence(one)}`;
  return standing === 'unverified' || one.verdict === 'not_assessable' || !one.verified
    ? verdictSentence(one)
    : undefined;
}

function notes({ summary, gate, findings, skipped_files }: AuditResult): string {
  const lines = [
    oneLine(summary),
    ...gate.reasons,
    ...findings.map(
      ({ kind, message, file, line, accepted }) =>
        `${findingNames[kind]}${accepted ? ' (accepted)' : ''}: ${oneLine(message)} ${oneLine(file)}:${line}`,
    ),
    ...skipped_files.map(({ path, reason }) => `Not read: ${oneLine(path)}, ${oneLine(reason)}.`),
  ];
  return element('system-out', {}, xmlText(lines.join('\n')));
}
