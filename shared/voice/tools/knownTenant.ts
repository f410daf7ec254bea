import type { Tenant } from '../tenants/tenant.ts';
import type { Tenants } from '../tenants/tenantEvents.ts';

/** The tenant of a call that has been matched to it. @throws Error where it has gone since. */
export async function knownTenant(tenants: Tenants, tenantId: string): Promise<Tenant> {
  const tenant = await tenants.get(tenantId);
  if (!tenant) throw new Error('the tenant has been removed');
  return tenant;
}
