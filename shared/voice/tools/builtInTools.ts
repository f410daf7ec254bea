import type { Tool } from '../../tools/tool.ts';
import type { CallStore } from '../calls/callStore.ts';
import type { LeadStore } from '../leads/leadStore.ts';
import type { TenantEvents, Tenants } from '../tenants/tenantEvents.ts';
import { createLeadTool } from './createLead.ts';
import { getBusinessHoursTool } from './getBusinessHours.ts';
import { logCallOutcomeTool } from './logCallOutcome.ts';
import { lookupFaqTool } from './lookupFaq.ts';
import { requestCallbackTool } from './requestCallback.ts';
import { takeMessageTool } from './takeMessage.ts';

export interface BuiltInToolDeps {
  leads: LeadStore;
  calls: CallStore;
  events: Pick<TenantEvents, 'tell'>;
  tenants: Tenants;
}

/** The tools that the voice side brings along. A tenant's configuration says which of them its assistant has. */
export function builtInTools(deps: BuiltInToolDeps): Tool[] {
  return [
    createLeadTool(deps),
    takeMessageTool(deps),
    requestCallbackTool(deps),
    getBusinessHoursTool(deps.tenants),
    lookupFaqTool(deps.tenants),
    logCallOutcomeTool(deps.calls),
  ];
}
