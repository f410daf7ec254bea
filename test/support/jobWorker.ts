/**
 * An instance that works at one job in a process of its own, for tests in which it is killed. It gets one order over IPC
 * and answers `done` when the ticket is processed. Each step of the audit is noted when it is begun, takes a while, and
 * is remembered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditRunner } from '../../shared/audit/jobs/auditRunner.ts';
import { JobSlots } from '../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../shared/audit/jobs/jobStore.ts';
import { processJob } from '../../shared/audit/jobs/processJob.ts';
import { systemClock } from '../../shared/limits/clock.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { begunSteps, memoryRoom, progressAt, resultWith, stepContainer } from './auditJobs.ts';
import { memoryLog } from './http.ts';

export interface JobOrder {
  connectionString: string;
  ticket: unknown;
  steps: number;
  stepMs: number;
  /** How far this instance's clock is ahead. */
  aheadMs: number;
}

async function work({ connectionString, ticket, steps, stepMs, aheadMs }: JobOrder): Promise<void> {
  const stores = await createAzureStores({ connectionString });
  const step = async (name: string) => {
    if (await stores.blobs.get(stepContainer, name)) return;
    await stores.blobs.append(stepContainer, begunSteps, Buffer.from(`${name}\n`));
    await sleep(stepMs);
    await stores.blobs.put(stepContainer, name, Buffer.from('x'), 'text/plain');
  };
  const deps = {
    store: new JobStore(stores),
    queues: stores.queues,
    runner: async () => ({
      async audit(...[, , { progress } = {}]: Parameters<AuditRunner['audit']>) {
        for (let i = 0; i < steps; i++) {
          await step(`step-${i}`);
          progress?.(progressAt(i + 1, steps));
        }
        return resultWith('survived');
      },
    }),
    room: memoryRoom,
    slots: new JobSlots(),
    clock: systemClock(() => Date.now() + aheadMs),
    sliceMs: 60_000,
    retentionMs: 3_600_000,
  };
  await processJob(ticket, deps, memoryLog().log);
}

process.once('message', (order: JobOrder) => {
  void work(order).then(
    () => process.send?.('done'),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.once('disconnect', () => process.exit(0));
