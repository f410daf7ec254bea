import type { Log, ReportingDescriptor, Result, Run } from 'sarif';
import type { AuditResult } from './auditResult.ts';
import { worstGaps } from './order.ts';
import { findingResult, findingRule, gapResult, gapRule } from './sarifResults.ts';
import { oneLine } from './text.ts';
import { version } from './version.ts';

/** GitHub refuses a run with more, and shows the first 5,000 of them. */
const mostResults = 25_000;
const mostNotifications = 1_000;

/** The gaps and findings of a result as SARIF 2.1.0. */
export function toSarif(result: AuditResult): string {
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [run(result)],
  };
  return JSON.stringify(log, null, 2);
}

function run(result: AuditResult): Run {
  const isCompared = result.compared.baseline !== null || result.compared.previous !== null;
  const all = [
    ...worstGaps(result.requirements).map((gap) => ({
      rule: gapRule(gap),
      result: gapResult(gap, isCompared),
    })),
    ...result.findings.map((finding) => ({
      rule: findingRule(finding),
      result: findingResult(finding, isCompared),
    })),
  ].slice(0, mostResults);
  const rules = new Map(all.map(({ rule }) => [rule.id, rule]));
  return {
    tool: { driver: driver([...rules.values()]) },
    automationDetails: { id: `gatehouse/${encodeURIComponent(oneLine(result.project ?? 'audit'))}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation(result)],
    results: withIndexes(
      all.map((one) => one.result),
      [...rules.keys()],
    ),
    properties: {
      auditId: result.audit_id,
      engine: result.engine.name,
      gate: result.gate,
      counts: result.counts,
      tokenReport: result.token_report,
    },
  };
}

const driver = (rules: ReportingDescriptor[]): Run['tool']['driver'] => ({
  name: 'Gatehouse',
  fullName: `Gatehouse design audit ${version}`,
  semanticVersion: version,
  informationUri: 'urn:gatehouse:audit',
  rules,
});

function withIndexes(results: readonly Result[], ids: readonly string[]): Result[] {
  const places = new Map(ids.map((id, i) => [id, i]));
  return results.map((one) => ({ ...one, ruleIndex: places.get(one.ruleId ?? '') ?? -1 }));
}

function invocation({ date, engine, skipped_files }: AuditResult): NonNullable<Run['invocations']>[number] {
  const left = skipped_files.slice(0, mostNotifications).map(({ path, reason }) => ({
    level: 'note' as const,
    message: { text: `${oneLine(path)} was not read: ${oneLine(reason)}.` },
  }));
  return {
    executionSuccessful: true,
    endTimeUtc: date,
    toolExecutionNotifications: [{ level: 'note', message: { text: engine.note } }, ...left],
  };
}
