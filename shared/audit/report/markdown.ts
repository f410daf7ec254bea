import type { Comparison, KnownGap } from '../gate/outcome.ts';
import { type Evidence, type Requirement, verdictsWorstFirst } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import { cell, code, plain } from './markdownText.ts';
import { standingOf } from './order.ts';
import { count, gateTitle, whole } from './text.ts';
import { tokenSections } from './tokenMarkdown.ts';
import { findingNames, verdictNames } from './verdictNames.ts';
import { verdictStatement } from './verdictSentence.ts';

const longestShown = 90;

/** The result as a report for people. */
export function toMarkdown(result: AuditResult): string {
  return [audit(result), ...tokenSections(result.token_report), leftOut(result)]
    .filter(Boolean)
    .join('\n\n---\n\n')
    .concat('\n');
}

function audit(result: AuditResult): string {
  const { question, summary, engine } = result;
  return [
    `# Audit Report\n\n${facts(result)}`,
    gate(result),
    `> ${engine.note}`,
    question === null ? '' : `**Question:** ${plain(question)}`,
    plain(summary),
    requirements(result),
    findings(result),
    comparison('### Against the baseline', result.compared.baseline),
    comparison('### Against the last run', result.compared.previous),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function facts({ date, project, token_report, design, engine }: AuditResult): string {
  return [
    `- **Date:** ${date}`,
    ...(project === null ? [] : [`- **Project:** ${plain(project)}`]),
    `- **Files Analyzed:** ${whole(token_report.file_count)}`,
    `- **Design:** ${design.map((path) => code(path)).join(', ')}`,
    `- **Engine:** ${engine.name}${engine.model ? ` (${plain(engine.model)})` : ''}`,
  ].join('\n');
}

function gate({ gate: { passed, fail_on, reasons, counted } }: AuditResult): string {
  const gaps = `${counted.high} high, ${counted.medium} medium, ${counted.low} low`;
  const title = gateTitle({ passed, fail_on, reasons, counted }).toUpperCase();
  const head = `**Gate: ${title}** (fails on ${code(fail_on)}; open gaps: ${gaps})`;
  return [head, ...reasons.map((reason) => `- ${plain(reason)}`)].join('\n');
}

function requirements({ counts, requirements: all }: AuditResult): string {
  const shown = verdictsWorstFirst.filter((verdict) => counts[verdict] > 0);
  return `## 1. Requirements

${shown.map((verdict) => `**${whole(counts[verdict])}** ${verdictNames[verdict]}`).join(' · ')}

| ID | Requirement | Verdict | Severity | Evidence |
| :--- | :--- | :--- | :--- | :--- |
${all.map(row).join('\n')}`;
}

function row(one: Requirement): string {
  const { id, requirement, verdict, severity, evidence, advice, accepted } = one;
  const standing = standingOf(one);
  const mark = standing && standing !== 'open' ? ` (${standing})` : '';
  const notes = [
    plain(verdictStatement(one)),
    ...evidence.map(place),
    ...(accepted ? [`Accepted: ${plain(accepted.reason)}`] : []),
    ...(advice === null ? [] : [`Advice: ${plain(advice)}`]),
  ];
  const cells = [id, plain(requirement), `**${verdictNames[verdict]}**${mark}`, severity, notes.join('<br>')];
  return `| ${cells.map(cell).join(' | ')} |`;
}

const place = ({ file, line, quote }: Evidence) =>
  `${code(`${file}:${line}`)} ${code(quote, longestShown)}`.trim();

function findings({ findings: all }: AuditResult): string {
  if (all.length === 0) return '';
  const rows = all.map(({ kind, severity, message, file, line, accepted }) => {
    const cells = [findingNames[kind], severity, plain(message), code(`${file}:${line}`)];
    return `| ${[...cells, accepted ? plain(accepted.reason) : ''].map(cell).join(' | ')} |`;
  });
  return `### Findings

| Kind | Severity | What | Where | Accepted |
| :--- | :--- | :--- | :--- | :--- |
${rows.join('\n')}`;
}

function comparison(title: string, compared: Comparison | null): string {
  if (!compared) return '';
  const { unchanged } = compared;
  const lists = (['new', 'fixed', 'stale'] as const).flatMap((state) =>
    compared[state].map((gap) => `- **${state}** ${known(gap)}`),
  );
  const same = `${count(unchanged.length, 'gap is', 'gaps are')} as before.`;
  return [title, lists.join('\n'), same].filter(Boolean).join('\n\n');
}

const known = ({ requirement, verdict, fingerprint }: KnownGap) =>
  `${verdictNames[verdict]}: ${plain(requirement)} (${code(fingerprint)})`;

function leftOut({ skipped_files, unselected_files }: AuditResult): string {
  const skipped = skipped_files.map(({ path, reason }) => `- ${code(path)}: ${plain(reason)}`);
  const unselected = Object.entries(unselected_files).map(
    ([reason, many]) => `${whole(many)} ${code(reason)}`,
  );
  if (skipped.length + unselected.length === 0) return '';
  const others = unselected.length > 0 ? [`- No source by the settings: ${unselected.join(', ')}`] : [];
  return `## 4. Files left out\n\n${[...skipped, ...others].join('\n')}`;
}
