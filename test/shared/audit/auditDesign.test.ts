import { describe, expect, it } from 'vitest';
import type { Auditor } from '../../../shared/audit/auditor.ts';
import type { AuditRequest } from '../../../shared/audit/auditRequest.ts';
import { readGateTerms } from '../../../shared/audit/gate/terms.ts';
import type { AuditRunner } from '../../../shared/audit/jobs/auditRunner.ts';
import { cancelJob } from '../../../shared/audit/jobs/cancelJob.ts';
import { newJobId } from '../../../shared/audit/jobs/jobRow.ts';
import { JobSlots } from '../../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../../shared/audit/jobs/jobStore.ts';
import { type JobDeps, processJob } from '../../../shared/audit/jobs/processJob.ts';
import { auditShelf } from '../../../shared/audit/tools/auditShelf.ts';
import { toSentences } from '../../../shared/audit/tools/sentences.ts';
import { AppError } from '../../../shared/errors.ts';
import { systemClock } from '../../../shared/limits/clock.ts';
import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { readSettings } from '../../../shared/settings.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { auditSettings, createModelAccess } from '../../support/audit.ts';
import { estimateOf, memoryRoom, progressAt, resultWith } from '../../support/auditJobs.ts';
import { memoryLog } from '../../support/http.ts';

const now = new Date('2026-11-21T00:49:00Z');
const design = '- The shop must hash every password.\n';
const files = {
  'src/orders.ts': 'export const orders = [];\n',
  'src/users.ts': 'export const users = [];\n',
};

interface ShelfOptions {
  policies?: readonly PolicyInput[];
  audit?: AuditRunner['audit'];
  /** What the audit is estimated to take. */
  seconds?: number;
}

function shelf({ policies = [], audit = async () => resultWith('fine'), seconds = 1 }: ShelfOptions = {}) {
  const { limiter } = createModelAccess(policies);
  const asked: { caller: string; request: AuditRequest }[] = [];
  const auditor: AuditRunner & Pick<Auditor, 'prepare' | 'run'> = {
    prepare: async (request) => ({
      request,
      key: 'k1',
      terms: readGateTerms(request.options),
      encoding: 'o200k_base',
      cached: undefined,
      isCached: false,
      tokens: undefined,
      estimate: estimateOf(seconds),
    }),
    run: ({ request }, scope, run) => auditor.audit(request, scope, run),
    audit(request, scope, run) {
      asked.push({ caller: scope.caller, request });
      return audit(request, scope, run);
    },
  };
  const stores = createMemoryStores();
  const jobs: JobDeps = {
    store: new JobStore(stores),
    queues: stores.queues,
    runner: async () => auditor,
    room: memoryRoom,
    slots: new JobSlots(),
    // Waits are over at once, and the time they take has passed.
    clock: { ...systemClock(), now: () => time.now, wait },
    sliceMs: 1e6,
    retentionMs: 3_600_000,
  };
  const time = { now: now.getTime(), looks: 0 };
  function wait(ms: number) {
    const isLook = ms === 1_000;
    if (isLook) time.looks++;
    if (isLook) time.now += ms;
    return { done: isLook ? Promise.resolve() : new Promise<void>(() => {}), cancel: () => {} };
  }
  const { registry, say, timeoutMs } = auditShelf(readSettings({}).audit, {
    auditor: async () => auditor,
    jobs: async () => jobs,
    limiter,
  });
  const { log, lines } = memoryLog();
  const context = {
    tenantId: 'unassigned',
    caller: 'mcp-k',
    conversationId: undefined,
    idempotencyKey: 'i',
    askedAt: now,
    now,
    log,
  };
  const run = (args: unknown, tool = 'audit_design') => registry.run(tool, args, context, 30_000);
  const work = async () => {
    for (const text of stores.queues.drain('audit-jobs')) await processJob(JSON.parse(text), jobs, log);
  };
  return { registry, say, timeoutMs, run, work, asked, lines, jobs, time };
}

describe('audit_design', () => {
  it('gives the result of an audit, under the name of whoever asks', async () => {
    const { run, asked, say } = shelf();
    const outcome = await run({ design, files: { ...files, 'logo.png': 'no source' }, advice: true });
    if (!outcome.ok) throw new Error(outcome.error);
    expect(outcome.result).toEqual(resultWith('fine'));
    expect(say(outcome.result)).toBe(toSentences(resultWith('fine')));
    expect(asked).toMatchObject([
      {
        caller: 'mcp-k',
        request: {
          input: {
            designs: [{ path: 'design', text: design }],
            files: [{ path: 'src/orders.ts' }, { path: 'src/users.ts' }],
          },
          options: { advice: true, project: undefined },
        },
      },
    ]);
  });

  it('takes the path of a design among the files for the design', async () => {
    const { run, asked } = shelf();
    await run({ design: 'docs/hld.md', files: { ...files, 'docs/hld.md': design } });
    expect(asked[0]?.request.input.designs).toEqual([{ path: 'docs/hld.md', text: design }]);
    expect(asked[0]?.request.options.advice).toBe(false);
  });

  it('gives a job where it would take too long, of which audit_status tells the end', async () => {
    const { run, work, say, asked, time, jobs, lines } = shelf({ seconds: 60 });
    const outcome = await run({ design, files });
    if (!outcome.ok) throw new Error(outcome.error);
    const { id } = outcome.result as { id: string };
    expect(outcome.result).toMatchObject({ state: 'queued', progress: null });
    expect(say(outcome.result)).toContain(`Call audit_status with the id ${id}`);
    expect(asked).toEqual([]);
    const waiting = await run({ id }, 'audit_status');
    expect(waiting).toMatchObject({ ok: true, result: { state: 'queued' } });
    expect(time.looks).toBe(20);
    await work();
    expect(asked).toMatchObject([{ caller: 'mcp-k' }]);
    const done = await run({ id }, 'audit_status');
    if (!done.ok) throw new Error(done.error);
    expect(done.result).toMatchObject({ id, state: 'done', result: resultWith('fine') });
    expect(say(done.result)).toBe(toSentences(resultWith('fine')));
    expect((await jobs.store.get(id))?.caller).toBe('mcp-k');
    expect(JSON.stringify(lines)).not.toContain('password');
  });

  it.each([
    ['no source', { design, files: { 'a.txt': 'x' } }, 'has no source file'],
    ['an unsafe path', { design, files: { '../a.ts': 'x' } }, 'a.ts'],
    ['an empty design', { design: '  ', files }, 'is empty'],
    ['no files', { design }, 'files: '],
    [
      'too many files',
      { design, files: Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`${i}.ts`, 'x'])) },
      'at most 2000 files',
    ],
  ])('says what is wrong with %s, and asks nobody', async (_, args, said) => {
    const { run, asked } = shelf();
    expect(await run(args)).toEqual({ ok: false, error: expect.stringContaining(said) });
    expect(asked).toEqual([]);
  });

  it('is limited as an audit is, by caller', async () => {
    const policy: PolicyInput = {
      name: 'audit-caller',
      operations: ['audit'],
      scope: 'caller',
      limits: [{ quota: 1, window: '1d' }],
    };
    const { run, asked } = shelf({ policies: [policy] });
    expect(await run({ design, files })).toMatchObject({ ok: true });
    expect(await run({ design, files })).toEqual({
      ok: false,
      error: expect.stringContaining('"audit-caller" is reached'),
    });
    expect(asked).toHaveLength(1);
  });

  it('tells a refusal in its own words, and of a fault nothing', async () => {
    const failing = (error: Error) => shelf({ audit: () => Promise.reject(error) });
    const spent = failing(new AppError('budget-spent', 'The budget does not cover it.'));
    expect(await spent.run({ design, files })).toEqual({ ok: false, error: 'The budget does not cover it.' });
    const broken = failing(new Error('secret text'));
    expect(JSON.stringify(await broken.run({ design, files }))).not.toContain('secret text');
  });

  it('is not there while the settings of the audit are wrong', () => {
    const { audit } = readSettings({ GATEHOUSE_AUDIT_TIMEOUT_S: 'soon' });
    const { limiter } = createModelAccess();
    const asked = () => Promise.reject(new Error('asked'));
    const { registry } = auditShelf(audit, { auditor: asked, jobs: asked, limiter });
    expect(registry.current().tools).toEqual([]);
    expect(shelf().registry.current().tools).toMatchObject([
      { name: 'audit_design', sideEffect: false },
      { name: 'audit_status', sideEffect: false },
    ]);
    expect(shelf().timeoutMs).toBeGreaterThan(auditSettings().timeoutMs);
  });
});

describe('audit_status', () => {
  const submitted = async (options: ShelfOptions) => {
    const made = shelf({ seconds: 60, ...options });
    const outcome = await made.run({ design, files });
    if (!outcome.ok) throw new Error(outcome.error);
    const { id } = outcome.result as { id: string };
    const told = async () => {
      const answer = await made.run({ id }, 'audit_status');
      if (!answer.ok) throw new Error(answer.error);
      return made.say(answer.result);
    };
    return { ...made, id, told };
  };

  it('says how far a job is that waits for a limit', async () => {
    const { work, told, id } = await submitted({
      async audit(_request, _scope, { progress } = {}) {
        progress?.(progressAt(3, 12));
        throw new AppError('quota-exceeded', 'The limit is reached.', { retryAfter: 300 });
      },
    });
    await work();
    expect(await told()).toBe(
      `The audit ${id} is running (assessing, 3 of 12 steps done, 300 tokens for 0.00 USD so far), and goes on at 2026-11-21T00:54:00.000Z, when a limit allows it. Call audit_status with the id ${id} to see how far it is; do not send the audit again.`,
    );
  });

  it('says why a job failed, or that it was canceled, and that neither is a pass', async () => {
    const failed = await submitted({
      audit: () => Promise.reject(new AppError('engine-failed', 'No usable answer came.')),
    });
    await failed.work();
    expect(await failed.told()).toBe(
      `The audit ${failed.id} failed: No usable answer came. There is no verdict: this is not a pass.`,
    );
    const canceled = await submitted({});
    await cancelJob(canceled.id, canceled.jobs, memoryLog().log);
    expect(await canceled.told()).toContain('was canceled. There is no verdict');
  });

  it('says so where there is no such job', async () => {
    const { run } = shelf();
    for (const id of [newJobId(), 'x'])
      expect(await run({ id }, 'audit_status')).toEqual({
        ok: false,
        error: expect.stringContaining('There is no audit of this id'),
      });
  });
});
