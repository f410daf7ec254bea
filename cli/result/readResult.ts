import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { Failure } from '../failure.ts';
import { is, isRecord, listOf, mapOf, orNull, shape } from './shape.ts';

const [text, number, truth] = [is('string'), is('number'), is('boolean')];

/** What this command reads of a result; a newer service may say more. */
const resultShape = shape({
  audit_id: text,
  engine: shape({ name: text, model: orNull(text), note: text }),
  design: listOf(text),
  summary: text,
  gate: shape({
    passed: truth,
    fail_on: text,
    reasons: listOf(text),
    counted: shape({ high: number, medium: number, low: number }),
  }),
  counts: shape({
    implemented: number,
    partial: number,
    missing: number,
    contradicted: number,
    not_assessable: number,
  }),
  requirements: listOf(
    shape({
      id: text,
      requirement: text,
      design_file: text,
      design_line: number,
      verdict: text,
      reason: text,
      verified: truth,
      severity: text,
      state: orNull(text),
      evidence: listOf(shape({ file: text, line: number, quote: text })),
    }),
  ),
  findings: listOf(
    shape({ kind: text, rule: text, severity: text, message: text, file: text, line: number }),
  ),
  token_report: shape({
    file_count: number,
    json_input_tokens: number,
    toon_input_tokens_calculated: number,
    reduction_rate: number,
    model_called: truth,
    local_cache_hit: truth,
    model_calls: number,
    actual_input_tokens_used: number,
    actual_output_tokens_used: number,
    azure_cached_tokens: number,
    total_tokens_billed: number,
    cost: shape({
      billed_usd: orNull(number),
      baseline_usd: orNull(number),
      saved_by_local_cache_usd: orNull(number),
    }),
  }),
  question: orNull(text),
  skipped_files: listOf(shape({ path: text, reason: text })),
  unselected_files: mapOf(number),
});

/** @throws Failure for anything that is not a whole audit result, and for a pass that judges nothing */
export function readResult(body: unknown): AuditResult {
  resultShape(body, '');
  const result = body as AuditResult;
  if (result.gate.passed && result.requirements.length === 0)
    throw new Failure('The service says that the gate passed and judged no requirement. That is no verdict.');
  return result;
}

/** The reports that came with an answer, by name. */
export function readReportTexts(given: unknown): Map<string, string> {
  const entries = isRecord(given) ? Object.entries(given) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
