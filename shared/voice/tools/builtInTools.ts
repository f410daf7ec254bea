import type { Tool } from '../../tools/tool.ts';
import type { CallStore } from '../calls/callStore.ts';
import type { LeadStore } from '../leads/leadStore.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import { createLeadTool } from './createLead.ts';
import { getBusinessHoursTool } from './getBusinessHours.ts';
import { logCallOutcomeTool } from './logCallOutcome.ts';
import { lookupFaqTool } from './lookupFaq.ts';
import type { Tenants } from './tenants.ts';

/** How long a tool waits for the configuration of its tenant. */
const lookupMs = 2_000;

/** The tools that the voice side brings along. A tenant's configuration says which of them its assistant has. */
export function builtInTools(deps: {
  leads: LeadStore;
  calls: CallStore;
  directory: TenantDirectory;
}): Tool[] {
  const tenants: Tenants = {
    async get(tenantId) {
      const lookup = await deps.directory.find({ tenantId }, lookupMs);
      if (lookup.kind === 'found') return lookup.tenant;
      throw new Error(
        'the tenant cannot be read',
        lookup.kind === 'unavailable' ? { cause: lookup.cause } : {},
      );
    },
  };
  return [
    createLeadTool(deps.leads),
    getBusinessHoursTool(tenants),
    lookupFaqTool(tenants),
    logCallOutcomeTool(deps.calls),
  ];
}
