import type { AuditInput } from './sourceTree.ts';

/** What whoever asks may want of an audit, beside what is audited. */
export interface AuditOptions {
  /** A name under which runs are compared; undefined compares with none. */
  project: string | undefined;
  /** Say of each gap what could be done. */
  advice: boolean;
  /** What fails the gate, as it was asked for: `high,medium:5`. Undefined for the default. */
  failOn: string | undefined;
  /** The baseline file's JSON. */
  baseline: string | undefined;
  /** Refuse, before any of it is spent, what is estimated above this. */
  maxTokens: number | undefined;
  maxCostMicroUsd: number | undefined;
}

/** One audit as it was asked for. */
export interface AuditRequest {
  input: AuditInput;
  options: AuditOptions;
}
