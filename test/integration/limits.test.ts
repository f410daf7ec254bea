import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketIdeal } from '../../bench/limitsIdeal.ts';
import type { Timeline } from '../../bench/limitsLoad.ts';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { largestExcess } from '../../shared/limits/bound.ts';
import { type PolicyInput, policySchema } from '../../shared/limits/policy.ts';
import type { LimitOrder, Start } from '../support/limitWorker.ts';
import { root } from '../support/process.ts';

const processes = 4;
const quotas = [100, 1_000, 5_000];
const [windowS, seconds, overload] = [10, 8, 2.5];

let azurite: Azurite;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  azurite = await startAzurite();
  for (let i = 0; i < processes; i++)
    workers.push(fork(join(root, 'test/support/limitWorker.ts'), { execArgv: [] }));
});
afterAll(async () => {
  await Promise.all(
    workers.map(async (worker) => {
      if (worker.exitCode !== null) return;
      const exited = once(worker, 'exit');
      if (worker.connected) worker.disconnect();
      await exited;
    }),
  );
  await azurite?.stop();
});

const policyOf = (quota: number): PolicyInput => ({
  name: `shared-${quota}`,
  operations: ['audit'],
  scope: 'caller',
  limits: [{ quota, window: `${windowS}s` }],
});

/** Sends the same to every process and waits for an answer of each. */
async function askAll<A>(order: LimitOrder | Start): Promise<A[]> {
  return await Promise.all(
    workers.map(async (worker) => {
      worker.send(order);
      const ended = once(worker, 'exit').then(() => {
        throw new Error('a process of the test ended before it answered');
      });
      const [answer] = (await Promise.race([once(worker, 'message'), ended])) as [A];
      return answer;
    }),
  );
}

/** Offers every limit 2.5 times what a full bucket admits, all at once, and gives what happened by quota. */
async function offer(): Promise<Map<number, Timeline[]>> {
  const streams = quotas.map((quota) => ({
    policy: policyOf(quota),
    identifier: 'shared',
    perSecond: (overload * quota * (1 + seconds / windowS)) / seconds / processes,
  }));
  await askAll({ connectionString: azurite.connectionString, streams });
  const answers = await askAll<Timeline[]>({ startAt: Date.now() + 300, ms: seconds * 1000 });
  return new Map(quotas.map((quota, i) => [quota, answers.flatMap((timelines) => timelines[i] ?? [])]));
}

const inOrder = (times: readonly number[][]) => times.flat().sort((a, b) => a - b);

describe('four processes that share a limit over Table Storage', () => {
  it('together admit no more than the stated bound, and at least 95 of 100 of what one bucket would', async () => {
    const timelines = await offer();
    for (const [quota, parts] of timelines) {
      const arrivals = inOrder(parts.map((part) => part.arrivals));
      const admissions = inOrder(parts.map((part) => part.admissions));
      const degraded = parts.reduce((sum, part) => sum + part.degraded, 0);
      const policy = policySchema.parse(policyOf(quota));
      const [window] = policy.windows;
      if (!window) throw new Error('the policy has no window');
      // From the first arrival to the last answer, by the clock all processes share. Nobody held a lease before. What an
      // instance admits by itself while the store is slow is marked degraded; only those come on top.
      const spanMs = (admissions.at(-1) ?? 0) - (arrivals[0] ?? 0);
      const most = largestExcess(policy, window, { spanMs, instances: 0, skewMs: 2 }).admitted;
      const ideal = bucketIdeal(arrivals, { quota, windowS });

      expect(arrivals.length, `offered of ${quota}`).toBeGreaterThan(ideal);
      expect(admissions.length, `admitted of ${quota}`).toBeLessThanOrEqual(most + degraded);
      expect(admissions.length, `admitted of ${quota}`).toBeGreaterThanOrEqual(0.95 * ideal);
      expect(parts.filter((part) => part.admissions.length > 0)).toHaveLength(processes);
    }
  }, 40_000);
});
