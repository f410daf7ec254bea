import { z } from 'zod';
import type { EventType } from '../../deliveries/event.ts';
import type { ToolContext } from '../../tools/tool.ts';
import type { LeadDetails, LeadKind, SavedLead } from '../leads/lead.ts';
import type { LeadStore } from '../leads/leadStore.ts';
import type { TenantEvents } from '../tenants/tenantEvents.ts';

/** What tools that write down a caller's wish need. */
export interface LeadToolDeps {
  leads: LeadStore;
  events: Pick<TenantEvents, 'tell'>;
}

/** What a caller may leave unsaid, in at most so many characters. */
export const optionalText = (most: number, description: string) =>
  z.string().trim().max(most).optional().describe(description);

/** What every such tool may be told of the caller. */
export const callerFields = {
  caller_name: optionalText(100, "The caller's name"),
  callback_number: optionalText(40, 'The number to call back, if the caller gave another one'),
};

/** {@link callerFields} as a lead has them. */
export function callerDetails(input: {
  caller_name?: string | undefined;
  callback_number?: string | undefined;
}): Pick<LeadDetails, 'callerName' | 'callbackNumber'> {
  return { callerName: input.caller_name, callbackNumber: input.callback_number };
}

const eventOf = ({ change }: SavedLead, kind: LeadKind): EventType => {
  if (kind === 'message') return 'message.taken';
  if (kind === 'callback') return 'callback.requested';
  return change === 'created' ? 'lead.created' : 'lead.updated';
};

/**
 * Saves what a caller wants and tells the tenant's system. A repeated request tells again under the same event, so that
 * none is lost where the first was broken off in between. Gives the lead's id.
 */
export async function saveLead(
  { leads, events }: LeadToolDeps,
  kind: LeadKind,
  details: LeadDetails,
  { tenantId, caller, conversationId, idempotencyKey, now }: ToolContext,
): Promise<string> {
  const saved = await leads.save({
    tenantId,
    kind,
    callerNumber: caller,
    callId: conversationId,
    idempotencyKey,
    now,
    details,
  });
  const cause = [saved.id, idempotencyKey];
  await events.tell(tenantId, eventOf(saved, kind), cause, () => leads.get(tenantId, saved.id), now);
  return saved.id;
}
