import { expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { eraseOldRecords } from '../../../../shared/voice/calls/retention.ts';
import { TenantStore } from '../../../../shared/voice/tenants/tenantStore.ts';
import { memoryLog } from '../../../support/http.ts';
import { acme, now } from '../../../support/voice.ts';

it('erases by the days of each tenant, and what belongs to nobody or to one that is gone by the usual ones', async () => {
  const store = new TenantStore(createMemoryStores().tables);
  const brief = { ...acme, tenantId: 'brief', retentionDays: 7, phoneNumbers: [], phoneNumberIds: ['brief'] };
  await store.put(acme, brief, { ...brief, tenantId: 'broken', phoneNumberIds: ['broken'] });
  await store.remove('brief');
  const { log, lines } = memoryLog();
  const asked: unknown[] = [];
  const erasure = {
    async eraseBefore(tenantId: string, days: number, at: Date) {
      asked.push([tenantId, days, at]);
      if (tenantId === 'broken') throw new Error('unreadable');
      return { calls: 2, leads: 1, isDone: true };
    },
  };
  expect(await eraseOldRecords(store, erasure, 365, now, log)).toEqual({ tenants: 2, calls: 6, leads: 3 });
  expect(asked).toEqual([
    ['unassigned', 365, now],
    ['acme', 365, now],
    ['brief', 365, now],
    ['broken', 7, now],
  ]);
  expect(lines).toMatchObject([{ event: 'retention-failed', fields: { tenant: 'broken' } }]);
});
