import { expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { eraseOldRecords } from '../../../../shared/voice/calls/retention.ts';
import { TenantStore } from '../../../../shared/voice/tenants/tenantStore.ts';
import { acme, now } from '../../../support/voice.ts';

it('erases by the days of each tenant, and what belongs to nobody by the usual ones', async () => {
  const store = new TenantStore(createMemoryStores().tables);
  const brief = { ...acme, tenantId: 'brief', retentionDays: 7, phoneNumbers: [], phoneNumberIds: ['brief'] };
  await store.put(acme, brief);
  const asked: unknown[] = [];
  const erasure = {
    async eraseBefore(tenantId: string, days: number, at: Date) {
      asked.push([tenantId, days, at]);
      return { calls: 2, leads: 1, isDone: true };
    },
  };
  expect(await eraseOldRecords(store, erasure, 365, now)).toEqual({ tenants: 2, calls: 6, leads: 3 });
  expect(asked).toEqual([
    ['unassigned', 365, now],
    ['acme', 365, now],
    ['brief', 7, now],
  ]);
});
