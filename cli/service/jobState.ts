import { Failure } from '../failure.ts';
import { plain } from '../output/plainText.ts';
import type { Step } from '../output/progress.ts';
import { spentNote } from '../output/progress.ts';
import { isRecord } from '../result/shape.ts';

const states = ['queued', 'running', 'done', 'failed', 'canceled'] as const;

/** A job as the service tells of it. */
export interface JobState {
  state: (typeof states)[number];
  progress: Step;
  /** Of a finished one. */
  result: unknown;
  reports: unknown;
  /** Of a failed one. */
  problem: unknown;
}

/** @throws Failure for what tells no state */
export function readJobState(body: unknown): JobState {
  const members = isRecord(body) ? body : {};
  const state = states.find((one) => one === members.state);
  if (!state)
    throw new Failure(
      `The service tells of no state of the audit (${plain(String(members.state ?? 'none')).slice(0, 40)}). Its version and that of this command may not fit.`,
    );
  const { result, reports, problem } = members;
  return { state, progress: readProgress(members, state), result, reports, problem };
}

function readProgress({ progress, waits_until }: Record<string, unknown>, state: JobState['state']): Step {
  const { stage, steps_done, steps, tokens, cost_usd } = isRecord(progress) ? progress : {};
  const amount = (value: unknown) => (typeof value === 'number' && value >= 0 ? value : 0);
  const waits = typeof waits_until === 'string' && !Number.isNaN(Date.parse(waits_until));
  const running = typeof stage === 'string' ? plain(stage) : 'running';
  const what = state === 'queued' ? 'waiting in the queue' : running;
  return {
    what: waits ? `waiting for a limit until ${plain(waits_until)}` : what,
    ...(amount(steps) > 0 ? { done: amount(steps_done), of: amount(steps) } : {}),
    note: spentNote(amount(tokens), typeof cost_usd === 'number' ? cost_usd : null),
  };
}

/** The id of a job by its `Location`, else by its state. @throws Failure where neither has one */
export function readJobId(location: string | null, body: unknown): string {
  const fromLocation = location?.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1);
  const fromBody = isRecord(body) && typeof body.id === 'string' ? body.id : undefined;
  const id = fromBody ?? fromLocation ?? '';
  if (!/^[\w.~-]{1,200}$/.test(id) || /^\.+$/.test(id))
    throw new Failure('The service took the audit as a job and did not say which. Ask its operator.');
  return id;
}
