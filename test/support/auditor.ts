import { AnswerCache } from '../../shared/audit/answerCache.ts';
import { Auditor, type AuditorDeps } from '../../shared/audit/auditor.ts';
import type { AuditOptions } from '../../shared/audit/auditRequest.ts';
import type { AuditEngine } from '../../shared/audit/engines/engine.ts';
import { SharedRuns } from '../../shared/audit/jobs/sharedRuns.ts';
import { ProjectRuns } from '../../shared/audit/projectRuns.ts';
import { SectionCounts } from '../../shared/audit/tokens/sectionCounts.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { auditSettings, createModelAccess } from './audit.ts';

/** What an audit is asked with where nothing is asked beside it. */
export const plainOptions: AuditOptions = {
  project: undefined,
  advice: false,
  failOn: undefined,
  baseline: undefined,
  maxTokens: undefined,
  maxCostMicroUsd: undefined,
};

/** An auditor on in-memory storage unless given another. */
export function createAuditor(
  engine: AuditEngine,
  {
    stores = createMemoryStores(),
    ...given
  }: Partial<Pick<AuditorDeps, 'settings' | 'savings' | 'now'>> & { stores?: Pick<Stores, 'blobs'> } = {},
): Auditor {
  const { blobs } = stores;
  return new Auditor({
    settings: auditSettings(),
    engine,
    cache: new AnswerCache(blobs),
    blobs,
    projects: new ProjectRuns(blobs),
    shared: new SharedRuns(blobs),
    sections: new SectionCounts(),
    savings: createModelAccess().calls,
    now: () => new Date(),
    ...given,
  });
}
