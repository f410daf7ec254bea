import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TableStore } from '../shared/storage/tableStore.ts';
import { type Tenant, tenantSchema } from '../shared/voice/tenants/tenant.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';

/**
 * Stores every tenant of a JSON file (a list), or none: all are checked first.
 * @throws Error that names each wrong field by its place in the file.
 */
export async function importTenants(file: string, tables: TableStore): Promise<Tenant[]> {
  const parsed = z.array(tenantSchema).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is not a list of tenants:\n${z.prettifyError(parsed.error)}`);
  const store = new TenantStore(tables);
  for (const tenant of parsed.data) await store.put(tenant);
  return parsed.data;
}
