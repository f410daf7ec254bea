import { AppError } from '../shared/errors.ts';
import type { TenantView } from '../shared/mcp/offer.ts';
import type { Collection } from '../shared/mcp/records.ts';
import { isNumber } from '../shared/voice/answers/admission.ts';
import { toView } from '../shared/voice/calls/callRow.ts';
import type { CallStore } from '../shared/voice/calls/callStore.ts';
import type { LeadStore } from '../shared/voice/leads/leadStore.ts';
import type { TenantDirectory } from '../shared/voice/tenants/tenantDirectory.ts';

/** What MCP clients may read of a tenant. */
export function collectionsOf(leads: LeadStore, calls: CallStore): Collection[] {
  return [
    {
      name: 'leads',
      description: 'What callers left: leads, messages and wishes to be called back',
      idName: 'leadId',
      page: (tenantId, query) => leads.page(tenantId, query),
      get: (tenantId, leadId) => leads.get(tenantId, leadId),
    },
    {
      name: 'calls',
      description: 'Phone calls with their times, how they ended and a summary',
      idName: 'callId',
      page: (tenantId, query) => calls.page(tenantId, query),
      async get(tenantId, callId) {
        const row = await calls.get(tenantId, callId);
        return row && toView(row);
      },
    },
  ];
}

/** The number that rings in a stored call, unless it is withheld. */
export function callerIn(calls: Pick<CallStore, 'get'>) {
  return async (tenantId: string, callId: string): Promise<string | undefined> => {
    const number = (await calls.get(tenantId, callId))?.callerNumber;
    return typeof number === 'string' && isNumber(number) ? number : undefined;
  };
}

/** What MCP needs to know of a tenant, by its id. */
export function tenantIn(directory: TenantDirectory) {
  return async (tenantId: string): Promise<TenantView | undefined> => {
    const tenant = await directory.get(tenantId).catch((cause: unknown) => {
      throw new AppError('storage-unavailable', 'The tenant cannot be read right now. Send it again.', {
        cause,
      });
    });
    return tenant && { functions: tenant.tools.functions, limits: tenant.limits };
  };
}
