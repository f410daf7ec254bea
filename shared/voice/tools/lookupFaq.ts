import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { searchKnowledge } from '../knowledge/tenantKnowledge.ts';
import type { Tenants } from '../tenants/tenantEvents.ts';
import { knownTenant } from './knownTenant.ts';

const mostAnswers = 3;

/** `lookup_faq`: what the business has written down that answers the caller's question. */
export function lookupFaqTool(tenants: Tenants) {
  return defineTool({
    name: 'lookup_faq',
    description:
      'Look up what the business says about something that is not in your instructions. Call it before you say that you do not know.',
    input: z.object({
      question: z.string().trim().min(1).max(500).describe("The caller's question, in full"),
    }),
    sideEffect: false,
    async run({ question }, { tenantId }) {
      const found = searchKnowledge(await knownTenant(tenants, tenantId), question, mostAnswers);
      return found.length > 0
        ? { answers: found.map(({ value }) => value) }
        : { answers: [], advice: 'Nothing is written down about this. Offer to take a message.' };
    },
  });
}
