import type { Logger } from '../../telemetry/logger.ts';
import type { AuditRequest } from '../auditRequest.ts';
import type { Estimate, Progress, Spent } from '../engines/engine.ts';
import type { AuditResult } from '../report/auditResult.ts';

/** Whose limits and budget it is, and where it is logged. */
export interface RunScope {
  caller: string;
  log: Logger;
}

/** What is known of an audit before any of it is paid for. */
export interface Prepared {
  /** Content hash under which the engine's answer is cached. */
  key: string;
  /** True where the answer is there already. */
  isCached: boolean;
  estimate: Estimate;
}

/** What the jobs need of an auditor. */
export interface AuditRunner {
  prepare(request: AuditRequest, scope: RunScope, signal: AbortSignal): Promise<Prepared>;
  /**
   * Runs the audit, or answers from the cache. Finished steps are remembered by content, so that running it again after
   * a crash pays for none of them twice; `before` says what the runs before it have used.
   * @throws AppError; the reason of `signal` where that ended it.
   */
  audit(
    request: AuditRequest,
    scope: RunScope,
    run?: { signal?: AbortSignal; progress?: (progress: Progress) => void; before?: Spent | undefined },
  ): Promise<AuditResult>;
}
