/**
 * One instance of the limiter over Table Storage in a process of its own, for tests of several. It gets one order over
 * IPC, answers `ready` once it has used the store, is told when to begin, and answers with what happened.
 */
import { randomUUID } from 'node:crypto';
import { openLoop, type Timeline } from '../../bench/limitsLoad.ts';
import { TableBucketStore } from '../../shared/limits/bucketStore.ts';
import { Limiter } from '../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../shared/limits/policy.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';

/** Requests of one identifier against one policy, offered at random times. */
export interface Stream {
  policy: PolicyInput;
  identifier: string;
  perSecond: number;
}

export interface LimitOrder {
  connectionString: string;
  streams: readonly Stream[];
}

/** All streams begin at `startAt`, milliseconds since the epoch, and last `ms`. */
export interface Start {
  startAt: number;
  ms: number;
}

async function prepare({
  connectionString,
  streams,
}: LimitOrder): Promise<(start: Start) => Promise<Timeline[]>> {
  const { tables } = await createAzureStores({ connectionString });
  const store = new TableBucketStore(tables);
  const loads = streams.map(({ policy, identifier, perSecond }) => {
    const limiter = new Limiter({ policies: [policySchema.parse(policy)], store, instance: randomUUID() });
    const check = async (caller: string) => {
      const decision = await limiter.check('audit', { caller });
      if (decision.kind === 'allowed') return decision.permit.degraded ? 'degraded' : 'allowed';
      return decision.kind === 'refused' ? 'refused' : 'failed';
    };
    return { check, identifier, perSecond };
  });
  await Promise.all(loads.map(({ check }) => check(`first-of-${process.pid}`)));
  return (start) =>
    Promise.all(
      loads.map(({ check, identifier, perSecond }) => openLoop(check, { identifier, perSecond, ...start })),
    );
}

process.once('message', (order: LimitOrder) => {
  void prepare(order).then((run) => {
    process.once('message', (start: Start) => {
      void run(start).then((timelines) => process.send?.(timelines));
    });
    process.send?.('ready');
  });
});
process.once('disconnect', () => process.exit(0));
