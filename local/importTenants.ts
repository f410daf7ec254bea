import { z } from 'zod';
import type { TableStore } from '../shared/storage/tableStore.ts';
import { forcing, vapiFaults } from '../shared/voice/assistant/vapiFaults.ts';
import { type Tenant, tenantSchema } from '../shared/voice/tenants/tenant.ts';
import { linesOf, TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { readJsonFile } from './jsonFile.ts';

/** A list that makes sense as a whole: no member misspelt, every tenant reachable, none and no line twice. */
const fileSchema = z
  .array(tenantSchema)
  .min(1, 'holds no tenant')
  .superRefine((tenants, context) => {
    const wrong = (i: number, message: string) => context.addIssue({ code: 'custom', path: [i], message });
    const ids = new Set<string>();
    const owners = new Map<string, string>();
    for (const [i, tenant] of tenants.entries()) {
      const lines = linesOf(tenant);
      if (ids.has(tenant.tenantId)) wrong(i, `the tenantId "${tenant.tenantId}" is there twice`);
      if (lines.length === 0)
        wrong(i, 'no call can reach it: give phoneNumberIds, phoneNumbers or assistantIds');
      for (const { place, key } of lines) {
        const owner = owners.get(key);
        if (owner !== undefined) wrong(i, `${place} is also a line of "${owner}"`);
        owners.set(key, tenant.tenantId);
      }
      ids.add(tenant.tenantId);
    }
  });

/** Holds each tenant to what Vapi takes as well. */
const vapiSchema = fileSchema.superRefine((tenants, context) => {
  for (const [i, tenant] of tenants.entries())
    for (const { path, problem } of vapiFaults(tenant))
      context.addIssue({ code: 'custom', path: [i, ...path.split('.')], message: problem });
  if (context.issues.length > 0) context.addIssue({ code: 'custom', path: [], message: forcing('--force') });
});

/**
 * The tenants of a JSON file (a list), checked as a whole; with `isForced` not against Vapi's closed lists.
 * @throws Error that names each fault by its place in the file.
 */
export function readTenants(file: string, isForced = false): Tenant[] {
  const parsed = (isForced ? fileSchema : vapiSchema).safeParse(readJsonFile(file));
  if (!parsed.success) throw new Error(`${file} is not a list of tenants:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Stores every tenant of a JSON file, or none: all are checked first.
 * @throws Error as {@link readTenants}, or AppError `line-taken`.
 */
export async function importTenants(file: string, tables: TableStore, isForced = false): Promise<Tenant[]> {
  const tenants = readTenants(file, isForced);
  await new TenantStore(tables).put(...tenants);
  return tenants;
}
