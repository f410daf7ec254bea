/**
 * The limiter on Table Storage (Azurite) beside a token bucket in Lua and rate-limiter-flexible, both on Redis: checks
 * per second, storage operations per check, memory, and how near to the ideal four processes come that share a limit.
 * Every contender, Redis and Azurite are processes of their own, and one contender runs at a time.
 */
import { startAzurite } from '../local/storage/azurite.ts';
import { accuracy } from './limitsAccuracy.ts';
import type { ContenderName, Places } from './limitsContender.ts';
import { startHand, startWorker, type Worker } from './limitsCrew.ts';
import { startPeers } from './limitsPeers.ts';
import { throughput } from './limitsThroughput.ts';
import { conclude } from './report.ts';

const plans = {
  quick: { rounds: 3, ms: 300, crowds: [1_000, 5_000], accuracyS: 2, held: 50_000 },
  full: { rounds: 5, ms: 1_000, crowds: [1_000, 100_000], accuracyS: 10, held: 200_000 },
};

export async function limits(quick: boolean): Promise<boolean> {
  const plan = quick ? plans.quick : plans.full;
  const redis = await startPeers();
  const azurite = await startAzurite();
  const places: Places = { storage: azurite.connectionString, redisPort: redis?.port };
  const names: ContenderName[] = redis ? ['gatehouse', 'redis', 'flexible'] : ['gatehouse'];
  const workers = new Map<ContenderName, Worker>();
  try {
    await reportMemory(plan.held);
    const accurate = await accuracy(names, places, plan.accuracyS);
    for (const name of names) workers.set(name, await startWorker(name, places));
    const fast = await throughput(workers, plan);
    return conclude([...accurate, ...fast]);
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.dismiss()));
    await Promise.all([azurite.stop(), redis?.stop()]);
  }
}

async function reportMemory(identifiers: number): Promise<void> {
  const hand = startHand<{ identifiers: number }, number>('limitsMemory.ts', [], ['--expose-gc']);
  await hand.ready;
  const bytes = await hand.ask({ identifiers });
  await hand.dismiss();
  const megabytes = Math.round(bytes).toLocaleString('en');
  console.log(
    `limits: an identifier held takes ${Math.round(bytes)} bytes of heap: ${megabytes} MB per million (measured with ${identifiers.toLocaleString('en')})`,
  );
}
