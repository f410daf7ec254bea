import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { count, whole } from '../output/numbers.ts';
import { plain, shorten } from '../output/plainText.ts';
import type { Screen } from '../output/screen.ts';
import type { Style } from '../output/style.ts';
import { row } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import { gapsOf, openFindings, placeOf } from './gaps.ts';
import { cacheText, moneyText, tokenText } from './tokenLines.ts';

const mostGaps = 15;
const mostFindings = 10;
const mostKinds = 6;
const severityWidth = 8;
const verdictWidth = 14;

type Paint = (text: string) => string;

/** Prints a result for people: verdicts, gaps worst first, tokens and money. The gate is printed by itself. */
export function printSummary(screen: Screen, result: AuditResult, verbose: boolean): void {
  const { engine, token_report } = result;
  row(screen, 'Engine', plain(engine.model ? `${engine.name}, ${engine.model}` : engine.name));
  row(screen, 'Cache', cacheText(token_report));
  const unaudited = unauditedText(result, verbose);
  if (unaudited !== '')
    row(screen, 'Audited', `${count(token_report.file_count, 'file')}, without ${unaudited}`);
  row(screen, 'Verdicts', verdictText(result, screen.style));
  // The answer to a question is part of the summary.
  if (verbose || result.question !== null) row(screen, 'Summary', plain(result.summary));
  if (verbose) {
    for (const { path, reason } of result.skipped_files) row(screen, 'Skipped', plain(`${path}: ${reason}`));
  }
  printGaps(screen, result, verbose);
  printFindings(screen, result, verbose);
  for (const [i, text] of tokenText(token_report).entries()) row(screen, i === 0 ? 'Tokens' : '', text);
  const money = moneyText(token_report);
  if (money !== undefined) row(screen, 'Cost', money);
}

/** The last word: whether the gate passed, and why not. */
export function printGate(screen: Screen, { gate }: AuditResult): void {
  const { style } = screen;
  const spec = gate.fail_on === 'none' ? 'nothing fails it' : `fails on ${plain(gate.fail_on)}`;
  const verdict = gate.passed
    ? style.green(style.bold(`${style.signs.pass} Gate passed`))
    : style.red(style.bold(`${style.signs.fail} Gate failed`));
  screen.line();
  screen.always(`${verdict} (${spec})`);
  if (!gate.passed)
    for (const reason of gate.reasons)
      for (const line of wrap(plain(reason), screen.width - 4)) screen.always(`  ${line}`);
}

/** What the service took for no source, by kind, most frequent first: `.md (17), build/ (2)`. */
function unauditedText({ unselected_files, skipped_files }: AuditResult, verbose: boolean): string {
  const kinds = Object.entries(unselected_files).sort(
    ([one, a], [other, b]) => b - a || (one < other ? -1 : 1),
  );
  const shown = verbose ? kinds : kinds.slice(0, mostKinds);
  const texts = shown.map(([kind, n]) => `${plain(kind)} (${whole(n)})`);
  if (shown.length < kinds.length) texts.push(count(kinds.length - shown.length, 'other kind'));
  if (skipped_files.length > 0) texts.push(`${whole(skipped_files.length)} skipped`);
  const more = !verbose && (shown.length < kinds.length || skipped_files.length > 0);
  return `${texts.join(', ')}${more ? ': --verbose shows all' : ''}`;
}

function verdictText({ counts }: AuditResult, style: Style): string {
  const kinds: [number, string, Paint][] = [
    [counts.implemented, 'implemented', style.green],
    [counts.partial, 'partial', style.yellow],
    [counts.missing, 'missing', style.red],
    [counts.contradicted, 'contradicted', style.red],
    [counts.not_assessable, 'not assessable', style.dim],
  ];
  return kinds
    .filter(([n]) => n > 0)
    .map(([n, name, paint]) => paint(`${whole(n)} ${name}`))
    .join(` ${style.signs.dot} `);
}

function severityPaint(severity: string, style: Style): Paint {
  if (severity === 'high') return (text) => style.red(style.bold(text));
  return severity === 'medium' ? style.yellow : style.cyan;
}

function printGaps(screen: Screen, result: AuditResult, verbose: boolean): void {
  const gaps = gapsOf(result);
  if (gaps.length === 0) return;
  const { style } = screen;
  const countsUnverified = /\bunverified\b/.test(result.gate.fail_on);
  const shown = verbose ? gaps : gaps.slice(0, mostGaps);
  screen.line();
  screen.line(`  ${style.bold('Gaps')}${style.dim(', worst first')}`);
  for (const gap of shown) {
    const marks = [
      gap.verified ? '' : countsUnverified ? 'unverified' : 'unverified, does not count',
      gap.state === 'accepted' ? 'accepted' : gap.state === 'new' ? 'new' : '',
    ].filter(Boolean);
    const mark = marks.length > 0 ? ` (${marks.join(', ')})` : '';
    const paint = gap.state === 'accepted' || !gap.verified ? style.dim : severityPaint(gap.severity, style);
    printEntry(
      screen,
      `${paint(gap.severity.padEnd(severityWidth))}${plain(gap.verdict).padEnd(verdictWidth)}`,
      `${plain(gap.id)}${mark} ${plain(gap.requirement)}`,
      style.cyan(plain(placeOf(gap))),
      plain(gap.reason),
    );
  }
  if (shown.length < gaps.length)
    screen.line(style.dim(`    and ${gaps.length - shown.length} more: --verbose shows all`));
  screen.line();
}

function printFindings(screen: Screen, result: AuditResult, verbose: boolean): void {
  const findings = openFindings(result);
  if (findings.length === 0) return;
  const { style } = screen;
  const shown = verbose ? findings : findings.slice(0, mostFindings);
  screen.line(`  ${style.bold('Findings')}${style.dim(' beside the requirements')}`);
  for (const { severity, kind, message, file, line } of shown)
    printEntry(
      screen,
      `${severityPaint(severity, style)(plain(severity).padEnd(severityWidth))}${plain(kind).padEnd(verdictWidth)}`,
      plain(message),
      style.cyan(plain(`${file}:${line}`)),
    );
  if (shown.length < findings.length)
    screen.line(style.dim(`    and ${findings.length - shown.length} more: --verbose shows all`));
  screen.line();
}

/** What it is, where it is, and why: each under the other, in line. */
function printEntry(screen: Screen, head: string, title: string, place: string, reason = ''): void {
  const column = 4 + severityWidth + verdictWidth;
  const room = Math.max(30, screen.width - column);
  const [first = '', ...rest] = wrap(shorten(title, 2 * room), room);
  screen.line(`    ${head}${first}`);
  const indent = ' '.repeat(column);
  for (const line of rest) screen.line(indent + line);
  screen.line(indent + place);
  if (reason)
    for (const line of wrap(shorten(reason, 3 * room), room)) screen.line(indent + screen.style.dim(line));
}
