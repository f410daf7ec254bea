import type { JobOutcome } from './auditStatus.ts';
import { toSentences } from './sentences.ts';

/** A job in the words a coding agent needs: what there is, and what to do next. */
export function jobToSentences(job: JobOutcome): string {
  const { id, state, result, problem } = job;
  const again = `Call audit_status with the id ${id} to see how far it is; do not send the audit again.`;
  switch (state) {
    case 'queued':
      return `The audit takes longer than an answer may and has become the job ${id}. It waits for its turn. ${again}`;
    case 'running':
      return `The audit ${id} is running${howFar(job)}. ${again}`;
    case 'done':
      return result ? toSentences(result) : `The audit ${id} is done. Call audit_status for its result.`;
    case 'failed':
      return `The audit ${id} failed: ${problem?.detail ?? 'the reason is not known.'} There is no verdict: this is not a pass.`;
    case 'canceled':
      return `The audit ${id} was canceled. There is no verdict: this is not a pass.`;
  }
}

function howFar({ progress, waits_until }: JobOutcome): string {
  const waits = waits_until === null ? '' : `, and goes on at ${waits_until}, when a limit allows it`;
  if (!progress) return waits;
  const { stage, steps_done, steps, tokens, cost_usd } = progress;
  const cost = cost_usd === null ? '' : ` for ${cost_usd.toFixed(2)} USD`;
  const spent = tokens > 0 ? `, ${tokens} tokens${cost} so far` : '';
  return ` (${stage}, ${steps_done} of ${steps} steps done${spent})${waits}`;
}
