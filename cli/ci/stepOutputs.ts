import { appendFileSync } from 'node:fs';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import type { WantedReport } from '../options/reports.ts';
import { plain } from '../output/plainText.ts';
import { gapsOf } from '../result/gaps.ts';
import type { Pipeline } from './pipeline.ts';

/** The longest summary GitHub takes of a step, less some room. */
const longestSummary = 1_000_000;

/** Tells later steps of a GitHub job what came of this one. */
export function writeOutputs(
  { outputFile }: Pipeline,
  result: AuditResult | undefined,
  written: readonly WantedReport[],
): void {
  if (outputFile === undefined) return;
  const outputs: Record<string, string> = {
    outcome: result === undefined ? 'error' : result.gate.passed ? 'passed' : 'failed',
    passed: String(result?.gate.passed === true),
    ...(result ? figures(result) : {}),
    ...Object.fromEntries(written.map(({ name, file }) => [`report-${name}`, file])),
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${plain(value)}\n`);
  appendFileSync(outputFile, lines.join(''));
}

function figures(result: AuditResult): Record<string, string> {
  const { counted } = result.gate;
  return {
    'audit-id': result.audit_id,
    cache: result.token_report.local_cache_hit ? 'HIT' : 'MISS',
    gaps: String(gapsOf(result).length),
    high: String(counted.high),
    medium: String(counted.medium),
    low: String(counted.low),
    tokens: String(result.token_report.total_tokens_billed),
    'cost-usd': String(result.token_report.cost.billed_usd ?? ''),
  };
}

/** Adds a report in Markdown to the summary of a GitHub job. */
export function writeSummary({ summaryFile }: Pipeline, markdown: string | undefined): void {
  if (summaryFile !== undefined && markdown !== undefined)
    appendFileSync(summaryFile, `${markdown.slice(0, longestSummary)}\n`);
}
