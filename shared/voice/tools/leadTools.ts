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
