import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { type LeadToolDeps, saveLead } from './leadTools.ts';

/** `request_callback`: the caller wants to be rung back. */
export function requestCallbackTool(deps: LeadToolDeps) {
  return defineTool({
    name: 'request_callback',
    description: 'Note that the caller wants to be called back. Confirm the number and the time first.',
    input: z.object({
      wanted_time: z.string().trim().max(100).optional().describe('When it suits the caller, in their words'),
      about: z.string().trim().max(200).optional().describe('What it is about'),
      caller_name: z.string().trim().max(100).optional().describe("The caller's name"),
      callback_number: z
        .string()
        .trim()
        .max(40)
        .optional()
        .describe('The number to call back, if another one'),
    }),
    async run(input, context) {
      if (context.caller === undefined && !input.callback_number)
        return { ok: false, advice: 'The number is not known. Ask for it and call the tool again.' };
      const details = {
        service: input.about,
        wantedTime: input.wanted_time,
        callerName: input.caller_name,
        callbackNumber: input.callback_number,
      };
      return { ok: true, callback_id: await saveLead(deps, 'callback', details, context) };
    },
  });
}
