import type { AuditOptions } from '../auditRequest.ts';
import { type Baseline, readBaseline } from './baseline.ts';
import { type FailOn, readFailOn } from './failOn.ts';

/** What an audit is judged by. */
export interface GateTerms {
  failOn: FailOn;
  /** Undefined where nothing was accepted. */
  baseline: Baseline | undefined;
}

/**
 * Reads them before anything is spent on the audit.
 * @throws AppError `invalid-request` that says what is wrong, and where.
 */
export function readGateTerms({ failOn, baseline }: Pick<AuditOptions, 'failOn' | 'baseline'>): GateTerms {
  return {
    failOn: readFailOn(failOn),
    baseline: baseline === undefined ? undefined : readBaseline(baseline),
  };
}
