import type { AuditConfig } from '../config/audit.ts';
import type { Clock } from '../limits/clock.ts';
import type { Stores } from '../storage/stores.ts';
import type { ModelCalls } from '../usage/modelCalls.ts';
import type { UsageConfig } from '../usage/settings.ts';
import { AnswerCache } from './answerCache.ts';
import { Auditor } from './auditor.ts';
import { createEngine } from './engines/createEngine.ts';
import { instanceRoom } from './intake/memoryRoom.ts';
import { JobSlots } from './jobs/jobSlots.ts';
import { JobStore } from './jobs/jobStore.ts';
import type { JobDeps } from './jobs/processJob.ts';
import { SharedRuns } from './jobs/sharedRuns.ts';
import { ProjectRuns } from './projectRuns.ts';
import { SectionCounts } from './tokens/sectionCounts.ts';

export { estimateJson } from './engines/maximum.ts';
// The front of this room: what functions use of it, in one module that loads with the first audit and not with a call.
export { baselineJsonSchema } from './gate/baseline.ts';
export { readAuditRequest } from './intake/readAuditRequest.ts';
export { cancelJob } from './jobs/cancelJob.ts';
export { acceptedAnswer, statusAnswer } from './jobs/jobAnswers.ts';
export { toJobView } from './jobs/jobView.ts';
export { processJob } from './jobs/processJob.ts';
export { prefersAsync, respond } from './jobs/respond.ts';
export { submitJob } from './jobs/submitJob.ts';
export { deleteExpiredJobs, requeueOverdueJobs } from './jobs/upkeep.ts';
export { readAnswerForm, resultAnswer, wantsEstimate } from './report/answerForm.ts';
export { auditResultJsonSchema } from './report/auditResult.ts';
export { auditShelf } from './tools/auditShelf.ts';

/** The auditor of an instance, with the engine that the settings ask for. */
export async function createAuditor(
  settings: AuditConfig,
  {
    calls,
    usage,
    stores: { blobs },
    now,
  }: {
    calls: ModelCalls;
    usage: Pick<UsageConfig, 'deployments' | 'model'>;
    stores: Pick<Stores, 'blobs'>;
    now: () => Date;
  },
): Promise<Auditor> {
  const { deployments, model } = usage;
  const sections = new SectionCounts();
  return new Auditor({
    settings,
    engine: await createEngine(settings, { calls, deployments, sections, ...model }),
    cache: new AnswerCache(blobs),
    blobs,
    projects: new ProjectRuns(blobs),
    shared: new SharedRuns(blobs),
    sections,
    savings: calls,
    now,
  });
}

/** What works at the jobs of an instance. */
export function createJobs(
  { jobs, inFlight }: AuditConfig,
  { stores, runner, clock }: { stores: Stores; runner: JobDeps['runner']; clock: Clock },
): JobDeps {
  return {
    ...jobs,
    room: () => instanceRoom.open(inFlight),
    store: new JobStore(stores),
    queues: stores.queues,
    runner,
    slots: new JobSlots(),
    clock,
  };
}
