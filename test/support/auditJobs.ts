import type { AuditRequest } from '../../shared/audit/auditRequest.ts';
import type { Estimate, Progress } from '../../shared/audit/engines/engine.ts';
import { MemoryRoom, type Share } from '../../shared/audit/intake/memoryRoom.ts';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { plainOptions } from './auditor.ts';

/** The shortest request there is. */
export const smallRequest: AuditRequest = {
  input: {
    files: [{ path: 'src/a.ts', text: 'export const a = 1;\n' }],
    designs: [{ path: 'docs/hld.md', text: '- There must be an a.\n' }],
    question: undefined,
    skipped: [],
    unselected: {},
    secrets: [],
  },
  options: plainOptions,
};

/** A result with one requirement, told apart by its summary. */
export function resultWith(summary: string): AuditResult {
  return {
    audit_id: 'k1',
    date: '2026-11-21T00:49:00.000Z',
    project: null,
    engine: { name: 'lexical', model: null, note: 'Words only.' },
    design: ['docs/hld.md'],
    question: null,
    summary,
    gate: { passed: true, fail_on: 'high', reasons: [], counted: { high: 0, medium: 0, low: 0 } },
    counts: { implemented: 1, partial: 0, missing: 0, contradicted: 0, not_assessable: 0 },
    requirements: [
      {
        id: 'R1',
        requirement: 'There must be an a.',
        obligation: 'must',
        design_file: 'docs/hld.md',
        design_line: 1,
        section: [],
        verdict: 'implemented',
        reason: 'There is one.',
        evidence: [{ file: 'src/a.ts', line: 1, end_line: 1, quote: 'export const a = 1;' }],
        verified: true,
        advice: null,
        fingerprint: '0123456789abcdef',
        severity: 'none',
        state: null,
        accepted: null,
      },
    ],
    findings: [],
    compared: { baseline: null, previous: null },
    token_report: {
      file_count: 1,
      encoding: 'o200k_base',
      json_input_tokens: 20,
      toon_input_tokens_calculated: 10,
      tokens_saved: 10,
      reduction_rate: 50,
      model_called: false,
      local_cache_hit: false,
      model_calls: 0,
      remembered_steps: 0,
      actual_input_tokens_used: 0,
      actual_output_tokens_used: 0,
      gross_tokens: 0,
      azure_cached_tokens: 0,
      azure_written_tokens: 0,
      total_tokens_billed: 0,
      cost: {
        currency: 'USD',
        billed_usd: 0,
        baseline_usd: 0,
        saved_by_packing_usd: 0,
        saved_by_prompt_cache_usd: 0,
        saved_by_local_cache_usd: 0,
      },
    },
    answered_at: '2026-11-21T00:49:00.000Z',
    skipped_files: [],
    unselected_files: {},
  };
}

export function estimateOf(seconds: number): Estimate {
  return { parts: 1, calls: 1, inputTokens: 10, outputTokens: 10, costMicroUsd: 0, seconds };
}

export function progressAt(stepsDone: number, steps: number): Progress {
  return { stage: 'assessing', stepsDone, steps, tokens: stepsDone * 100, costMicroUsd: stepsDone * 1_000 };
}

/** Room for all that a test wants. */
export function memoryRoom(): Share {
  return new MemoryRoom().open({ bytes: 64 * 1024 * 1024, setting: 'ROOM' });
}

/** Where workers that may be killed note the steps they begin, one a line, and remember those they have finished. */
export const stepContainer = 'steps';
export const begunSteps = 'begun';
