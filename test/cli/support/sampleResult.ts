import type { AuditResult } from '../../../shared/audit/report/auditResult.ts';

type Requirement = AuditResult['requirements'][number];

export function requirement(given: Partial<Requirement> = {}): Requirement {
  return {
    id: 'R1',
    requirement: 'Bookings are kept for thirty days.',
    obligation: 'must',
    design_file: 'docs/hld.md',
    design_line: 12,
    section: ['Storage'],
    verdict: 'implemented',
    reason: 'The repository deletes bookings after thirty days.',
    evidence: [{ file: 'src/repository.ts', line: 20, end_line: 20, quote: 'const days = 30;' }],
    verified: true,
    advice: null,
    fingerprint: '0123456789abcdef',
    severity: 'none',
    state: null,
    accepted: null,
    ...given,
  };
}

/** A result whose gate passed, with whatever a test wants otherwise. */
export function result(given: Partial<AuditResult> = {}): AuditResult {
  return {
    audit_id: 'aaaa1111',
    date: '2026-11-21T10:00:00.000Z',
    project: null,
    engine: { name: 'azure-openai', model: 'gpt-5.4', note: 'A model judged.' },
    design: ['docs/hld.md'],
    question: null,
    summary: 'All is as the design wants it.',
    gate: { passed: true, fail_on: 'high', reasons: [], counted: { high: 0, medium: 0, low: 0 } },
    counts: { implemented: 1, partial: 0, missing: 0, contradicted: 0, not_assessable: 0 },
    requirements: [requirement()],
    findings: [],
    compared: { baseline: null, previous: null },
    token_report: {
      file_count: 3,
      encoding: 'o200k_base',
      json_input_tokens: 15_678,
      toon_input_tokens_calculated: 12_345,
      tokens_saved: 3333,
      reduction_rate: 21.26,
      model_called: true,
      local_cache_hit: false,
      model_calls: 3,
      remembered_steps: 0,
      actual_input_tokens_used: 12_400,
      actual_output_tokens_used: 656,
      gross_tokens: 13_056,
      azure_cached_tokens: 8192,
      azure_written_tokens: 0,
      total_tokens_billed: 13_056,
      cost: {
        currency: 'USD',
        billed_usd: 0.0312,
        baseline_usd: 0.052,
        saved_by_packing_usd: 0.0104,
        saved_by_prompt_cache_usd: 0.0104,
        saved_by_local_cache_usd: 0,
      },
    },
    answered_at: '2026-11-21T10:00:00.000Z',
    skipped_files: [],
    unselected_files: {},
    ...given,
  };
}

/** A result whose gate failed over one missing and one partial requirement. */
export function failedResult(): AuditResult {
  return result({
    gate: {
      passed: false,
      fail_on: 'high',
      reasons: ['1 gap of high severity, and none is allowed.'],
      counted: { high: 1, medium: 1, low: 0 },
    },
    counts: { implemented: 1, partial: 1, missing: 1, contradicted: 0, not_assessable: 0 },
    requirements: [
      requirement(),
      requirement({
        id: 'R2',
        requirement: 'Every answer carries a correlation id.',
        verdict: 'partial',
        severity: 'medium',
        reason: 'Only errors carry one.',
        evidence: [{ file: 'src/server.ts', line: 7, end_line: 7, quote: 'x' }],
        state: 'new',
      }),
      requirement({
        id: 'R3',
        requirement: 'A booking can be cancelled until an hour before.',
        verdict: 'missing',
        severity: 'high',
        reason: 'Nothing cancels a booking.',
        evidence: [],
        design_line: 31,
      }),
    ],
  });
}
