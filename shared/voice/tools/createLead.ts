import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { callerDetails, callerFields, type LeadToolDeps, optionalText, saveLead } from './leadTools.ts';

/** `create_lead`: notes what a caller needs. Tenant and caller come from the call, never from the model. */
export function createLeadTool(deps: LeadToolDeps) {
  return defineTool({
    name: 'create_lead',
    description:
      'Record what the caller needs so that the team can book or call back. Call it again to add or correct details.',
    input: z.object({
      service: z.string().trim().min(1).max(200).describe('The service the caller needs'),
      urgency: z.enum(['emergency', 'today', 'this_week', 'quote']).optional().describe('How urgent it is'),
      suburb: optionalText(100, 'Suburb or town of the job'),
      preferred_time: optionalText(100, 'When it suits the caller, in their words'),
      ...callerFields,
      notes: optionalText(2000, 'Anything else worth knowing, or the message'),
    }),
    async run(input, context) {
      const details = {
        service: input.service,
        urgency: input.urgency,
        suburb: input.suburb,
        preferredTime: input.preferred_time,
        ...callerDetails(input),
        notes: input.notes,
      };
      return { ok: true, lead_id: await saveLead(deps, 'lead', details, context) };
    },
  });
}
