import type { Tenant } from '../tenants/tenant.ts';

/** What tools may ask of a tenant that a call has already been matched to. */
export interface Tenants {
  /** @throws where the tenant is gone or cannot be read. */
  get(tenantId: string): Promise<Tenant>;
}
