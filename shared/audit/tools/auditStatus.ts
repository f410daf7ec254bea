import { z } from 'zod';
import type { Clock } from '../../limits/clock.ts';
import { defineTool } from '../../tools/tool.ts';
import { findJob, resultOf } from '../jobs/jobAnswers.ts';
import { isUnfinished } from '../jobs/jobRow.ts';
import type { JobStore } from '../jobs/jobStore.ts';
import { type JobView, toJobView } from '../jobs/jobView.ts';
import type { AuditResult } from '../report/auditResult.ts';
import { toToolError } from './toolError.ts';

export interface AuditStatusDeps {
  jobs(): Promise<{ store: Pick<JobStore, 'get' | 'result'>; clock: Clock }>;
}

/** A job, with its result once it is done. */
export type JobOutcome = JobView & { result?: AuditResult };

/** Models ask again at once: a question waits so long for an end before it is answered. */
const patienceMs = 20_000;
const lookMs = 1_000;
/** What is left for reading the result. */
const reserveMs = 2_000;

/** `audit_status`: what came of an audit that `audit_design` gave an id for. Whoever knows the id may ask. */
export function auditStatusTool({ jobs }: AuditStatusDeps) {
  return defineTool({
    name: 'audit_status',
    description:
      'Tell how far an audit is that audit_design gave an id for, and its verdicts once it is done. Waits a while for it to end; call it again with the same id as long as the audit is queued or running.',
    input: z.object({ id: z.string().max(100).describe('The id that audit_design gave, aud_…') }),
    sideEffect: false,
    async run({ id }, context, deadlineMs): Promise<JobOutcome> {
      try {
        const { store, clock } = await jobs();
        const until = clock.now() + Math.min(patienceMs, deadlineMs - reserveMs);
        let row = await findJob(store, id, new Date(clock.now()));
        while (isUnfinished(row) && clock.now() + lookMs <= until) {
          await clock.wait(lookMs).done;
          row = await findJob(store, id, new Date(clock.now()));
        }
        const view = toJobView(row);
        return row.state === 'done' ? { ...view, result: await resultOf(store, row) } : view;
      } catch (error) {
        throw toToolError(error, context);
      }
    },
  });
}
