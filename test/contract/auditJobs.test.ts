import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { cancelJob } from '../../shared/audit/jobs/cancelJob.ts';
import { JobSlots } from '../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../shared/audit/jobs/jobStore.ts';
import { type JobDeps, processJob } from '../../shared/audit/jobs/processJob.ts';
import { type Shared, SharedRuns } from '../../shared/audit/jobs/sharedRuns.ts';
import { submitJob } from '../../shared/audit/jobs/submitJob.ts';
import { deleteExpiredJobs } from '../../shared/audit/jobs/upkeep.ts';
import { systemClock } from '../../shared/limits/clock.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import {
  begunSteps,
  memoryRoom,
  progressAt,
  resultWith,
  smallRequest,
  stepContainer,
} from '../support/auditJobs.ts';
import { memoryLog } from '../support/http.ts';
import type { JobOrder } from '../support/jobWorker.ts';
import { root } from '../support/process.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** All messages of the queue of jobs that can be read, decoded. */
async function drain(): Promise<string[]> {
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  const client = service.getQueueClient('audit-jobs');
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
}

const twins: Record<string, () => Promise<{ stores: Stores; take: () => Promise<string[]> }>> = {
  async memory() {
    const stores = createMemoryStores();
    return { stores, take: async () => stores.queues.drain('audit-jobs') };
  },
  async azure() {
    return {
      stores: await createAzureStores({ connectionString: azurite.connectionString }),
      take: drain,
    };
  },
};

const { log } = memoryLog();

describe.each(Object.keys(twins))('equal audits of two instances on %s storage', (name) => {
  let stores: Stores;
  let runs = 0;
  beforeEach(async () => {
    ({ stores } = await (twins[name] as (typeof twins)['memory'])());
    runs = 0;
  });

  const ask = (key: string, run: () => Promise<void>, signal = AbortSignal.timeout(20_000)) =>
    new SharedRuns(stores.blobs).share(key, signal, {
      log,
      answered: async () => (await stores.blobs.get('audit-cache', `${key}.json`)) !== undefined,
      async run() {
        runs++;
        await run();
        await stores.blobs.put('audit-cache', `${key}.json`, Buffer.from('{}'), 'application/json');
        return runs;
      },
    });
  const kinds = (shared: Shared<number>[]) => shared.map(({ kind }) => kind).sort();

  it('are one run, whose answer the others read', async () => {
    const slowly = () => sleep(150);
    const all = await Promise.all(Array.from({ length: 5 }, () => ask('one', slowly)));
    expect(kinds(all)).toEqual(['answered', 'answered', 'answered', 'answered', 'ran']);
    expect(runs).toBe(1);
    expect(await Array.fromAsync(stores.blobs.list('audit-cache', 'one'))).toEqual(['one.json']);
  });

  it('are taken over where the first one fails', async () => {
    const failing = ask('two', async () => {
      await sleep(150);
      throw new Error('the first one failed');
    });
    await sleep(50);
    const others = Promise.all([ask('two', async () => {}), ask('two', async () => {})]);
    await expect(failing).rejects.toThrow('the first one failed');
    expect(kinds(await others)).toEqual(['answered', 'ran']);
    expect(runs).toBe(2);
  });

  it('are not waited for longer than the signal allows', async () => {
    const held = Promise.withResolvers<void>();
    const first = ask('three', () => held.promise);
    await sleep(100);
    const signal = AbortSignal.timeout(100);
    await expect(ask('three', async () => {}, signal)).rejects.toMatchObject({ name: 'TimeoutError' });
    held.resolve();
    expect(await first).toEqual({ kind: 'ran', value: 1 });
  });
});

describe.each(Object.keys(twins))('a job on %s storage', (name) => {
  it('is handed in, worked at, read, canceled and forgotten', async () => {
    const { stores, take } = await (twins[name] as (typeof twins)['memory'])();
    const store = new JobStore(stores);
    const asked: unknown[] = [];
    const deps: JobDeps = {
      store,
      queues: stores.queues,
      runner: async () => ({
        async audit(request, { caller }, { progress } = {}) {
          asked.push(request, caller);
          progress?.(progressAt(3, 4));
          return resultWith('fine');
        },
      }),
      room: memoryRoom,
      slots: new JobSlots(),
      clock: systemClock(),
      sliceMs: 60_000,
      retentionMs: 3_600_000,
    };
    const submit = () => submitJob(deps, smallRequest, { caller: 'key-1', key: 'k1', log });
    const { partitionKey: id } = await submit();
    const [ticket = ''] = await take();
    await Promise.all([1, 2, 3].map(() => processJob(JSON.parse(ticket), deps, log)));
    expect(asked).toEqual([smallRequest, 'key-1']);
    const done = await store.get(id);
    expect(done).toMatchObject({ state: 'done', losses: 0, caller: 'key-1' });
    expect(JSON.parse(done?.progress ?? '')).toEqual(progressAt(3, 4));
    expect(await store.result(id)).toEqual(resultWith('fine'));
    expect(await store.request(id)).toBeUndefined();
    const { partitionKey: second } = await submit();
    expect(await cancelJob(second, deps, log)).toMatchObject({ state: 'canceled' });
    expect(await cancelJob(second, deps, log)).toMatchObject({ state: 'canceled' });
    for (const text of await take()) await processJob(JSON.parse(text), deps, log);
    expect(asked).toHaveLength(2);
    const later = new Date(Date.now() + 4_000_000);
    expect(await deleteExpiredJobs(store, later, 10)).toBe(2);
    expect(await store.result(id)).toBeUndefined();
    expect(await Array.fromAsync(stores.tables.listKey('jobs', 'job'))).toEqual([]);
  });
});

describe('a worker that is killed', () => {
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
  });
  const workAt = (order: JobOrder) => {
    const child = fork(join(root, 'test/support/jobWorker.ts'), { execArgv: [] });
    started.push(child);
    child.send(order);
    return child;
  };

  it('leaves its job to the next one, which does no finished step again', async () => {
    const { connectionString } = azurite;
    const stores = await createAzureStores({ connectionString });
    const store = new JobStore(stores);
    const clock = systemClock();
    const row = await submitJob(
      { store, queues: stores.queues, clock, retentionMs: 3_600_000 },
      smallRequest,
      { caller: 'key-1', key: 'k1', log },
    );
    const [text = ''] = await drain();
    const order = { connectionString, ticket: JSON.parse(text), steps: 6, stepMs: 150, aheadMs: 0 };
    const begun = async () =>
      Buffer.from((await stores.blobs.get(stepContainer, begunSteps)) ?? [])
        .toString()
        .split('\n')
        .filter(Boolean);
    const first = workAt(order);
    while ((await begun()).length < 3) await sleep(20);
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await store.get(row.partitionKey)).toMatchObject({ state: 'running' });
    const finished = (await Array.fromAsync(stores.blobs.list(stepContainer, 'step-'))).length;
    expect(finished).toBeGreaterThanOrEqual(2);
    expect(finished).toBeLessThan(6);

    // Before its claim has run out nobody else begins.
    const early = workAt(order);
    expect(await once(early, 'message')).toEqual(['done', undefined]);
    expect((await begun()).length).toBeLessThanOrEqual(finished + 1);

    const second = workAt({ ...order, aheadMs: 31_000 });
    expect(await once(second, 'message')).toEqual(['done', undefined]);
    expect(await store.get(row.partitionKey)).toMatchObject({ state: 'done', losses: 1 });
    expect(await store.result(row.partitionKey)).toEqual(resultWith('survived'));
    const counts = Object.groupBy(await begun(), (step) => step);
    expect(Object.keys(counts)).toHaveLength(6);
    const again = Object.values(counts).filter((times) => times && times.length > 1);
    // Only what was under way when it was killed.
    expect(again.length).toBeLessThanOrEqual(1);
    expect((await begun()).length).toBeLessThanOrEqual(7);
  });
});
