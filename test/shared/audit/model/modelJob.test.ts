import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { JobSlots } from '../../../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../../../shared/audit/jobs/jobStore.ts';
import { type JobDeps, processJob } from '../../../../shared/audit/jobs/processJob.ts';
import { submitJob } from '../../../../shared/audit/jobs/submitJob.ts';
import type { AuditInput } from '../../../../shared/audit/sourceTree.ts';
import { systemClock } from '../../../../shared/limits/clock.ts';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { input } from '../../../support/audit.ts';
import { memoryRoom } from '../../../support/auditJobs.ts';
import { createAuditor, plainOptions } from '../../../support/auditor.ts';
import { memoryLog } from '../../../support/http.ts';
import { promptOf, scriptedModel } from '../../../support/scriptedModel.ts';
import { startWorld } from './world.ts';

const hourMs = 3_600_000;
/** Twelve requirements, each shown by a file of its own, in a tree of several parts. */
const features = Array.from({ length: 12 }, (_, n) => `feature${String.fromCharCode(97 + n)}`);
const large: AuditInput = {
  ...input,
  files: features.map((name) => ({
    path: `src/${name}.ts`,
    text: `export function ${name}() {}\n${Array.from({ length: 220 }, (_, n) => `export const ${name}Value${n} = '${name} ${n}';`).join('\n')}\n`,
  })),
  designs: [
    { path: 'docs/hld.md', text: features.map((name) => `- There must be a \`${name}\`.`).join('\n') },
  ],
};

const script = scriptedModel({
  opinion: (requirement, files) => {
    const name = features.find((feature) => requirement.includes(feature)) ?? '';
    const file = `src/${name}.ts`;
    return files.includes(file)
      ? { verdict: 'implemented', evidence: [{ file, quote: `export function ${name}() {}` }] }
      : { verdict: 'missing' };
  },
});

/** A job of a model's audit, on one storage, whose every invocation has so many milliseconds. */
async function startJob(sliceMs: number, delayMs: number) {
  const world = await startWorld(
    {},
    {
      env: { GATEHOUSE_AUDIT_PROMPT_TOKENS: '14000' },
      answer: async (request, attempt) => ({ ...(await script(request, attempt)), delayMs }),
    },
  );
  const stores = createMemoryStores();
  const { log, lines } = memoryLog();
  const auditor = createAuditor(world.engine, { stores });
  const deps: JobDeps = {
    store: new JobStore(stores),
    queues: stores.queues,
    runner: async () => auditor,
    room: memoryRoom,
    slots: new JobSlots(),
    clock: systemClock(),
    sliceMs,
    retentionMs: hourMs,
  };
  const request = { input: large, options: plainOptions };
  const row = await submitJob(deps, request, { caller: 'key-1', key: 'k', log });
  const work = async () => {
    for (const text of stores.queues.drain('audit-jobs')) await processJob(JSON.parse(text), deps, log);
    return deps.store.get(row.partitionKey);
  };
  const finished = async () => {
    for (let n = 0; n < 200; n++) {
      const now = await work();
      if (now && !['queued', 'running'].includes(now.state)) return now;
      await sleep(25);
    }
    throw new Error('the job did not end');
  };
  const answeredPrompts = () =>
    world.service.requests.flatMap(({ request, status }) => {
      const prompt = request && status === 200 ? promptOf(request) : undefined;
      return prompt ? [JSON.stringify(prompt)] : [];
    });
  const putOffs = () => lines.filter(({ event }) => event === 'audit-job-put-off').length;
  return { ...world, deps, id: row.partitionKey, finished, answeredPrompts, putOffs };
}

describe('a job of a model', () => {
  it('goes on where its time in an invocation ran out, and asks nothing again that was heard', async () => {
    const job = await startJob(700, 400);
    const row = await job.finished();
    expect(row.state).toBe('done');
    const result = await job.deps.store.result(job.id);
    expect(result?.counts).toMatchObject({ implemented: features.length, missing: 0 });
    const prompts = job.answeredPrompts();
    expect(prompts.length).toBeGreaterThan(4);
    expect(job.putOffs()).toBeGreaterThan(0);
    // An answer that arrives as the invocation ends may be heard by nobody.
    expect(prompts.length - new Set(prompts).size).toBeLessThanOrEqual(job.putOffs());
    expect(job.service.requests.length).toBeGreaterThan(new Set(prompts).size);
    expect(result?.token_report.total_tokens_billed).toBeGreaterThan(5_000);
  }, 20_000);

  it('tells how far it is, and at the end what it cost', async () => {
    const job = await startJob(60_000, 0);
    const row = await job.finished();
    expect(JSON.parse(row.progress ?? '{}')).toMatchObject({ stage: 'done', stepsDone: expect.any(Number) });
    const report = (await job.deps.store.result(job.id))?.token_report;
    expect(report).toMatchObject({
      model_called: true,
      local_cache_hit: false,
      model_calls: job.service.requests.length,
    });
    expect(report?.cost.billed_usd).toBeGreaterThan(0);
  });
});
