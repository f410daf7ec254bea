import { errorFields, type Logger } from '../../telemetry/logger.ts';
import type { TenantStore } from '../tenants/tenantStore.ts';
import { unassigned } from './callStore.ts';
import type { Erasure } from './erasure.ts';

/** Calls and leads of one tenant that go in one run; the rest goes in the next. */
const mostEach = 1_000;
const tenantsAtOnce = 200;

/** What a run has erased, over all tenants. */
export interface RetentionResult {
  tenants: number;
  calls: number;
  leads: number;
}

/**
 * Erases what each tenant keeps no longer: by its own `retentionDays`, else `days`. Calls that belong to no tenant are
 * kept for `days`. A tenant whose turn fails is logged, and has the next in the next run.
 */
export async function eraseOldRecords(
  store: Pick<TenantStore, 'list' | 'get'>,
  erasure: Pick<Erasure, 'eraseBefore'>,
  days: number,
  now: Date,
  log: Logger,
): Promise<RetentionResult> {
  const result = { tenants: 0, calls: 0, leads: 0 };
  const erase = async (tenantId: string, kept: number) => {
    const { calls, leads } = await erasure.eraseBefore(tenantId, kept, now, mostEach);
    result.calls += calls;
    result.leads += leads;
  };
  await erase(unassigned, days);
  for await (const { rowKey } of store.list(undefined, tenantsAtOnce)) {
    try {
      const tenant = await store.get(rowKey);
      await erase(rowKey, tenant?.retentionDays ?? days);
      result.tenants++;
    } catch (error) {
      log.error('retention-failed', { tenant: rowKey, ...errorFields(error) });
    }
  }
  return result;
}
