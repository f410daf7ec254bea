import { jobsQueue } from '../shared/audit/jobs/jobRow.ts';
import { queue, timer } from './register.ts';
import { audits, services } from './services.ts';

/** Queue `audit-jobs`: works at audits that take longer than a request may. */
queue('auditJob', jobsQueue, async (message, log) => {
  const { processJob } = await audits();
  await processJob(message, await services.auditJobs(), log);
});

/** Jobs looked after in one run; what is left comes in the next. */
const most = 20_000;

/** Every ten minutes: jobs that nobody sees to are taken up again, and expired ones go with their results. */
timer('auditJobUpkeep', '30 */10 * * * *', async (log) => {
  const { deleteExpiredJobs, requeueOverdueJobs } = await audits();
  const { store, queues, clock } = await services.auditJobs();
  const now = new Date(clock.now());
  const requeued = await requeueOverdueJobs(store, queues, now, most);
  const deleted = await deleteExpiredJobs(store, now, most);
  log.info('audit-job-upkeep', { requeued, deleted });
});
