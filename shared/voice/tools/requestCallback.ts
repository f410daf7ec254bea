import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { callerDetails, callerFields, type LeadToolDeps, optionalText, saveLead } from './leadTools.ts';

/** `request_callback`: the caller wants to be rung back. */
export function requestCallbackTool(deps: LeadToolDeps) {
  return defineTool({
    name: 'request_callback',
    description: 'Note that the caller wants to be called back. Confirm the number and the time first.',
    input: z.object({
      wanted_time: optionalText(100, 'When it suits the caller, in their words'),
      about: optionalText(200, 'What it is about'),
      ...callerFields,
    }),
    async run(input, context) {
      if (context.caller === undefined && !input.callback_number)
        return { ok: false, advice: 'The number is not known. Ask for it and call the tool again.' };
      const details = {
        service: input.about,
        wantedTime: input.wanted_time,
        ...callerDetails(input),
      };
      return { ok: true, callback_id: await saveLead(deps, 'callback', details, context) };
    },
  });
}
