import { randomUUID } from 'node:crypto';
import { TableBucketStore } from '../shared/limits/bucketStore.ts';
import { Limiter } from '../shared/limits/limiter.ts';
import { type Policy, policySchema } from '../shared/limits/policy.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { TableStore } from '../shared/storage/tableStore.ts';
import type { Check, Contender, Limit } from './limitsContender.ts';

/** More than any benchmark checks in one process, so that none is forgotten. */
const mostIdentifiers = 1_000_000;

/** The limit as a policy with everything else at its default. */
export function policyOf({ quota, windowS }: Limit): Policy {
  return policySchema.parse({
    name: `bench-${quota}`,
    operations: ['audit'],
    scope: 'caller',
    limits: [{ quota, window: `${windowS}s` }],
  });
}

/** Gatehouse's limiter over Table Storage, as one instance of the app runs it. */
export async function createGatehouse(connectionString: string): Promise<Contender> {
  const { tables } = await createAzureStores({ connectionString });
  let operations = 0;
  const store = new TableBucketStore(
    counted(tables, () => {
      operations++;
    }),
  );
  return {
    check(limit): Check {
      const policies = [policyOf(limit)];
      const limiter = new Limiter({ policies, store, instance: randomUUID(), mostIdentifiers });
      return async (caller) => {
        const decision = await limiter.check('audit', { caller });
        if (decision.kind === 'allowed') return decision.permit.degraded ? 'degraded' : 'allowed';
        return decision.kind === 'refused' ? 'refused' : 'failed';
      };
    },
    operations: () => operations,
  };
}

/** The same tables; `count` is told of every operation. */
function counted(tables: TableStore, count: () => void): TableStore {
  return new Proxy(tables, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        count();
        return Reflect.apply(member, target, args);
      };
    },
  });
}
