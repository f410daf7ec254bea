import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import type { CallStore } from '../calls/callStore.ts';

/** `log_call_outcome`: how the call went, in the receptionist's words, on the call's own row. */
export function logCallOutcomeTool(calls: Pick<CallStore, 'noteOutcome'>) {
  return defineTool({
    name: 'log_call_outcome',
    description: 'Note how the call went, once, just before it ends.',
    input: z.object({
      outcome: z
        .enum([
          'booked',
          'message_taken',
          'question_answered',
          'transferred',
          'wrong_number',
          'spam',
          'other',
        ])
        .describe('How the call went'),
      note: z.string().trim().max(500).optional().describe('One sentence about it'),
    }),
    async run({ outcome, note }, { tenantId, conversationId, askedAt }) {
      if (conversationId === undefined) return { ok: false, advice: 'This call has no id to note it under.' };
      await calls.noteOutcome(tenantId, conversationId, outcome, note, askedAt);
      return { ok: true };
    },
  });
}
