import { isJobId } from '../shared/audit/jobs/jobRow.ts';
import { callerOf, routeParam } from '../shared/http/identity.ts';
import { http } from './register.ts';
import { audits, services } from './services.ts';

/**
 * `GET /api/audit/{id}?format=NAME&reports=a,b`: how far an audit is that became a job, and what came of it. `DELETE`:
 * cancels it, or deletes its result. Any key of the app will do with the id, which nobody guesses: a pipeline whose key
 * is changed meanwhile does not lose its audit.
 */
http(
  'auditStatus',
  { methods: ['GET', 'DELETE'], authLevel: 'function', route: 'audit/{id}' },
  async (request, { log }) => {
    const id = routeParam(request, 'id');
    const jobs = await services.auditJobs();
    const { cancelJob, readAnswerForm, statusAnswer, toJobView } = await audits();
    if (request.method === 'DELETE') {
      const canceled = await cancelJob(id, jobs, log);
      if (isJobId(id)) log.warn('audit-job-delete-asked', { job: id, by: callerOf(request) });
      return canceled ? { status: 200, jsonBody: toJobView(canceled) } : { status: 204 };
    }
    const form = readAnswerForm(request.query, request.headers);
    return statusAnswer(id, form, { store: jobs.store, now: new Date(jobs.clock.now()) });
  },
);
