import { setTimeout as sleep } from 'node:timers/promises';
import { retryAfterOf } from '../../shared/retryAfter.ts';
import { Failure, GaveUp } from '../failure.ts';
import type { ProgressLine } from '../output/progress.ts';
import { isRecord } from '../result/shape.ts';
import type { Submission } from './auditQuery.ts';
import type { Client } from './client.ts';
import type { Reply } from './exchange.ts';
import { type JobState, readJobId, readJobState } from './jobState.ts';
import { problemText, readProblem, refusalText } from './problem.ts';

/** The platform cuts direct answers off after 230 s. */
const directAnswerMs = 240_000;
/** The slowest upload that is waited for. */
const bytesPerMs = 50;
const pollTimeoutMs = 60_000;
const cancelTimeoutMs = 5000;
const [shortestPoll, usualPoll, longestPoll] = [200, 2000, 30_000];

/** What came of an audit, parsed and not checked. */
export interface Answered {
  result: unknown;
  reports: unknown;
}

export interface AskSettings {
  client: Client;
  submission: Submission;
  /** Ask for a job rather than for the answer itself. */
  asJob: boolean;
  progress: ProgressLine;
  signal: AbortSignal;
  now: () => number;
}

/**
 * Sends the audit and waits for its answer, direct or as a job. A job that nobody waits for any more is cancelled.
 * @throws Failure
 */
export async function askAudit(settings: AskSettings): Promise<Answered> {
  const reply = await submit(settings);
  const { client } = settings;
  if (reply.status === 200) return answered(parseAnswer(reply));
  if (reply.status !== 202) throw new Failure(refusalText(reply, client.endpoint.host));
  const body = parseAnswer(reply);
  const url = new URL(`${client.endpoint.href}/${readJobId(reply.headers.get('location'), body)}`);
  try {
    return await pollJob(settings, url, reply);
  } catch (error) {
    if (settings.signal.aborted || error instanceof GaveUp)
      throw new Failure(await cancel(client, url, error));
    throw error;
  }
}

/** A direct answer is the result itself, with the reports as a member of it. */
function answered(body: unknown): Answered {
  if (!isRecord(body)) return { result: body, reports: undefined };
  const { reports, ...result } = body;
  return { result, reports };
}

function submit({ client, submission, asJob, progress }: AskSettings): Promise<Reply> {
  const { query, contentType, body } = submission;
  const url = new URL(client.endpoint);
  url.search = query.toString();
  let prefersJob = asJob;
  return client.call({
    method: 'POST',
    url,
    body,
    timeoutMs: directAnswerMs + Math.ceil(body.length / bytesPerMs),
    headers: () => ({ 'content-type': contentType, ...(prefersJob ? { prefer: 'respond-async' } : {}) }),
    onSetback: ({ kind }) => {
      // What was cut off while it was answered directly is better watched than waited for.
      prefersJob ||= kind === 'no-answer';
    },
    onSent: (sent) =>
      progress.show(
        sent < body.length
          ? {
              what: 'sending',
              done: Math.floor(sent / 1000),
              of: Math.ceil(body.length / 1000),
              note: 'kB',
              isBrief: true,
            }
          : { what: 'auditing', isBrief: true },
      ),
  });
}

async function pollJob({ client, submission, progress, signal, now }: AskSettings, url: URL, first: Reply) {
  const reports = submission.query.get('reports');
  if (reports !== null) url.searchParams.set('reports', reports);
  let reply = first;
  for (let job = readJobState(parseAnswer(first)); ; job = readJobState(parseAnswer(reply))) {
    if (job.state === 'done') return { result: job.result, reports: job.reports };
    if (job.state === 'failed' || job.state === 'canceled') throw new Failure(endedText(job));
    progress.show(job.progress);
    const asked = retryAfterOf(reply.headers, now()) ?? usualPoll;
    await sleep(Math.min(Math.max(asked, shortestPoll), longestPoll), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
    reply = await client.call({ method: 'GET', url, timeoutMs: pollTimeoutMs });
    if (reply.status === 404)
      throw new Failure('The service does not know the audit any more: it was deleted or has expired.');
    if (reply.status !== 200 && reply.status !== 202)
      throw new Failure(refusalText(reply, client.endpoint.host));
  }
}

function endedText({ state, problem }: JobState): string {
  if (state === 'canceled') return 'The audit was cancelled.';
  return problemText(readProblem(problem)) ?? 'The audit failed, and the service did not say why.';
}

/** Tells the service once that nobody waits any more, and says what came of that. */
async function cancel(client: Client, url: URL, reason: unknown): Promise<string> {
  const why = reason instanceof Error ? reason.message : String(reason);
  const bare = new URL(url.pathname, url);
  try {
    const { status } = await client.once(
      { method: 'DELETE', url: bare, timeoutMs: cancelTimeoutMs },
      AbortSignal.timeout(cancelTimeoutMs),
    );
    if (status < 300 || status === 404) return `${why} The audit was cancelled.`;
  } catch {
    // Said below: whoever interrupts is not kept waiting for the reason.
  }
  return `${why} The audit could not be cancelled and may go on.`;
}

/** @throws Failure for what is no JSON: cut off, or not from Gatehouse */
function parseAnswer({ text, status }: Reply): unknown {
  if (text.trim() === '')
    throw new Failure(`The service answered ${status} with nothing. That is no verdict.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Failure(
      'The service answered with what is no JSON, or was cut off. That is no verdict. Check GATEHOUSE_URL.',
    );
  }
}
