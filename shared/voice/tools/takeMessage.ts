import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { callerDetails, callerFields, type LeadToolDeps, optionalText, saveLead } from './leadTools.ts';

/** `take_message`: something to be passed on to the team. */
export function takeMessageTool(deps: LeadToolDeps) {
  return defineTool({
    name: 'take_message',
    description: 'Take a message for the team, when the caller wants no job done and no answer you have.',
    input: z.object({
      message: z.string().trim().min(1).max(2_000).describe('The message, in full'),
      ...callerFields,
      for_whom: optionalText(100, 'Whom the message is for, if the caller said'),
    }),
    async run(input, context) {
      const details = {
        service: input.for_whom,
        message: input.message,
        ...callerDetails(input),
      };
      return { ok: true, message_id: await saveLead(deps, 'message', details, context) };
    },
  });
}
