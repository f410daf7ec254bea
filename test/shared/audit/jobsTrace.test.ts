import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobSlots } from '../../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../../shared/audit/jobs/jobStore.ts';
import { type JobDeps, processJob } from '../../../shared/audit/jobs/processJob.ts';
import { submitJob } from '../../../shared/audit/jobs/submitJob.ts';
import { requeueOverdueJobs } from '../../../shared/audit/jobs/upkeep.ts';
import { AppError } from '../../../shared/errors.ts';
import { systemClock } from '../../../shared/limits/clock.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { traced } from '../../../shared/telemetry/spans.ts';
import { memoryRoom, resultWith, smallRequest } from '../../support/auditJobs.ts';
import { memoryLog } from '../../support/http.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

let telemetry: MemoryTelemetry;
beforeEach(() => {
  telemetry = startMemoryTelemetry();
});
afterEach(() => telemetry.stop());

const start = Date.parse('2026-11-21T00:49:00Z');
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;

/** A job that is put off once and then done. */
async function runJob() {
  const time = { now: start };
  const stores = createMemoryStores(() => time.now);
  let runs = 0;
  const deps: JobDeps = {
    store: new JobStore(stores),
    queues: stores.queues,
    runner: async () => ({
      audit: () =>
        traced('audit', async () => {
          if (++runs === 1) throw new AppError('quota-exceeded', 'The limit is reached.', { retryAfter: 60 });
          return resultWith('fine');
        }),
    }),
    room: memoryRoom,
    slots: new JobSlots(),
    clock: systemClock(() => time.now),
    sliceMs: 60_000,
    retentionMs: 3_600_000,
  };
  const { log } = memoryLog();
  const { partitionKey: id } = await traced('POST /api/audit', () =>
    submitJob(deps, smallRequest, { caller: 'key-1', key: 'k1', log }),
  );
  const work = async () => {
    for (const text of stores.queues.drain('audit-jobs')) await processJob(JSON.parse(text), deps, log);
  };
  time.now += 40_000;
  await work();
  // The ticket is lost, and another one stands in for it.
  time.now += 60_000;
  stores.queues.drain('audit-jobs');
  time.now += 15 * 60_000 + 1_000;
  await requeueOverdueJobs(deps.store, stores.queues, new Date(time.now), 10);
  await work();
  return { state: (await deps.store.get(id))?.state };
}

describe('an audit that becomes a job', () => {
  it('is one trace from the request to the end, though its ticket was lost', async () => {
    expect(await runJob()).toEqual({ state: 'done' });
    const spans = telemetry.spans();
    const [request] = spans.filter(({ name }) => name === 'POST /api/audit');
    const processed = spans.filter(({ name }) => name === 'process audit-jobs');
    const audits = spans.filter(({ name }) => name === 'audit');
    expect(audits).toHaveLength(2);
    for (const span of [...processed, ...audits])
      expect(span.spanContext().traceId).toBe(request?.spanContext().traceId);
    expect(processed.map((span) => span.parentSpanContext?.spanId)).toEqual(
      processed.map(() => idOf(request)),
    );
    expect(audits.map((span) => span.parentSpanContext?.spanId)).toEqual([
      idOf(processed[0]),
      idOf(processed.at(-1)),
    ]);
    expect(processed.at(-1)?.attributes).toMatchObject({ 'gatehouse.state': 'done' });
  });

  it('is counted, with the time it waited and the time it took', async () => {
    await runJob();
    const metrics = await telemetry.metrics();
    const points = (name: string) =>
      metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    expect(points('gatehouse.audit.jobs')).toMatchObject([
      { attributes: { 'gatehouse.state': 'queued' }, value: 1 },
      { attributes: { 'gatehouse.state': 'done' }, value: 1 },
    ]);
    expect(points('gatehouse.audit.job.queue_age')).toMatchObject([{ value: { sum: 40, count: 1 } }]);
    expect(points('gatehouse.audit.job.duration')).toMatchObject([
      { attributes: { 'gatehouse.state': 'done' }, value: { sum: 1_001, count: 1 } },
    ]);
  });
});
