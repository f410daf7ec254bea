import { describe, expect, it } from 'vitest';
import { MemoryRoom } from '../../../shared/audit/intake/memoryRoom.ts';
import { cancelJob } from '../../../shared/audit/jobs/cancelJob.ts';
import { endJob } from '../../../shared/audit/jobs/endJob.ts';
import { acceptedAnswer, statusAnswer } from '../../../shared/audit/jobs/jobAnswers.ts';
import { isJobId, newJobId, type StoredJob } from '../../../shared/audit/jobs/jobRow.ts';
import { JobSlots } from '../../../shared/audit/jobs/jobSlots.ts';
import { claimedJob } from '../../../shared/audit/jobs/jobSteps.ts';
import { JobStore } from '../../../shared/audit/jobs/jobStore.ts';
import { type JobDeps, processJob } from '../../../shared/audit/jobs/processJob.ts';
import { packRequest, unpackRequest } from '../../../shared/audit/jobs/requestFile.ts';
import { prefersAsync, respond } from '../../../shared/audit/jobs/respond.ts';
import { submitJob } from '../../../shared/audit/jobs/submitJob.ts';
import { deleteExpiredJobs, requeueOverdueJobs } from '../../../shared/audit/jobs/upkeep.ts';
import { readAnswerForm } from '../../../shared/audit/report/answerForm.ts';
import { toJunit } from '../../../shared/audit/report/junit.ts';
import { toMarkdown } from '../../../shared/audit/report/markdown.ts';
import { toSarif } from '../../../shared/audit/report/sarif.ts';
import { AppError } from '../../../shared/errors.ts';
import { systemClock } from '../../../shared/limits/clock.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { estimateOf, memoryRoom, progressAt, resultWith, smallRequest } from '../../support/auditJobs.ts';
import { memoryLog } from '../../support/http.ts';
import { seeded } from '../../support/simulation.ts';

const start = Date.parse('2026-11-21T00:49:00Z');
const hourMs = 3_600_000;

function createJobs(audit: Awaited<ReturnType<JobDeps['runner']>>['audit'] = async () => resultWith('fine')) {
  const time = { now: start };
  const stores = createMemoryStores(() => time.now);
  const store = new JobStore(stores);
  const { log, lines } = memoryLog();
  const deps: JobDeps = {
    store,
    queues: stores.queues,
    runner: async () => ({ audit }),
    room: memoryRoom,
    slots: new JobSlots(),
    clock: { ...systemClock(() => time.now), random: () => 0 },
    sliceMs: 480_000,
    retentionMs: 72 * hourMs,
  };
  const submit = () => submitJob(deps, smallRequest, { caller: 'key-1', key: 'k1', log });
  const processAll = async () => {
    for (const text of stores.queues.drain('audit-jobs')) await processJob(JSON.parse(text), deps, log);
  };
  const status = async (id: string, query = '') => {
    const form = readAnswerForm(new URLSearchParams(query), new Headers());
    return statusAnswer(id, form, { store, now: new Date(time.now) });
  };
  return { time, stores, store, deps, log, lines, submit, processAll, status };
}

describe('respond', () => {
  const asked = (seconds: number, isCached = false) => ({ isCached, estimate: estimateOf(seconds) });

  it.each([
    ['short', asked(59.9), false, 60, 'directly'],
    ['long', asked(60), false, 60, 'as-job'],
    ['short, but preferred so', asked(1), true, 60, 'as-job'],
    ['long, but cached', asked(900, true), false, 60, 'directly'],
    ['cached, whatever is preferred', asked(1, true), true, 60, 'directly'],
    ['never direct', asked(0), false, 0, 'as-job'],
  ] as const)('%s', (_, prepared, preferAsync, directS, expected) => {
    expect(respond(prepared, preferAsync, directS)).toBe(expected);
  });

  it.each([
    ['respond-async', true],
    ['Respond-Async, wait=10', true],
    ['handling=lenient,  respond-async;x=1', true],
    ['respond-asynchronously', false],
    ['return=minimal', false],
    ['', false],
  ])('Prefer: %s', (prefer, expected) => {
    expect(prefersAsync(new Headers({ prefer }))).toBe(expected);
  });
});

describe('a stored request', () => {
  it('comes back as it was, whatever is in it', async () => {
    const random = seeded(7);
    const odd = ['\n', '\r', '\u2028', '\u2029', '\u0000', '"', '\\', '🚪', '\ud800', 'a', ' ', '{', ']'];
    const text = () =>
      Array.from({ length: Math.floor(random() * 40) }, () => odd[Math.floor(random() * odd.length)]).join(
        '',
      );
    for (let i = 0; i < 100; i++) {
      const files = Array.from({ length: Math.floor(random() * 5) }, () => ({ path: text(), text: text() }));
      const request = {
        options: { ...smallRequest.options, project: text(), maxTokens: 7 },
        input: { ...smallRequest.input, files, question: text(), unselected: { '.png': 3 } },
      };
      expect(await unpackRequest(await packRequest(request))).toEqual(request);
    }
  });

  it('is small, and of a large tree soon made', async () => {
    const line = 'export const answer = computeTheAnswer(question, universe);\n';
    const files = Array.from({ length: 200 }, (_, i) => ({ path: `src/${i}.ts`, text: line.repeat(900) }));
    const packed = await packRequest({ ...smallRequest, input: { ...smallRequest.input, files } });
    expect(packed.byteLength).toBeLessThan(1_000_000);
    expect((await unpackRequest(packed)).input.files).toEqual(files);
  });

  it('tells its size while it is read, and stops where that is too much', async () => {
    const files = Array.from({ length: 10 }, (_, i) => ({ path: `${i}.ts`, text: 'x'.repeat(1_000) }));
    const packed = await packRequest({ ...smallRequest, input: { ...smallRequest.input, files } });
    const told: number[] = [];
    await unpackRequest(packed, (bytes) => void told.push(bytes));
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBeGreaterThan(10_000);
    const full = unpackRequest(packed, (bytes) => {
      if (bytes > 5_000) throw new AppError('at-capacity', 'full', { retryAfter: 15 });
      return undefined;
    });
    await expect(full).rejects.toMatchObject({ code: 'at-capacity' });
  });

  it('that breaks off or is something else is refused', async () => {
    const packed = await packRequest(smallRequest);
    await expect(unpackRequest(packed.subarray(0, packed.length - 12))).rejects.toThrow();
    await expect(unpackRequest(Buffer.from('{}'))).rejects.toThrow();
  });
});

describe('ids of jobs', () => {
  it('are of one form, each another one', () => {
    const ids = new Set(Array.from({ length: 200 }, newJobId));
    expect(ids.size).toBe(200);
    for (const id of ids) expect(isJobId(id)).toBe(true);
    for (const other of ['', 'aud_', 'aud_/../x', `x${newJobId()}`, `${newJobId()}x`])
      expect(isJobId(other)).toBe(false);
  });
});

describe('a job that is gone on with', () => {
  const usage = {
    calls: 3,
    input_tokens: 900,
    output_tokens: 100,
    cached_input_tokens: 0,
    written_input_tokens: 0,
    total_tokens: 1_000,
    remembered_steps: 0,
    cost: null,
  };

  it('knows what it has used before, also where it had come less far again', async () => {
    const seen: unknown[] = [];
    const jobs = createJobs(async (_request, _scope, { progress, before } = {}) => {
      seen.push(before);
      if (seen.length === 3) return resultWith('fine');
      const spent = { usage: { ...usage, calls: 3 * seen.length }, steps: 2 };
      progress?.({ ...progressAt(seen.length === 1 ? 5 : 1, 5), tokens: 1_000 * seen.length, spent });
      throw new AppError('quota-exceeded', 'wait', { retryAfter: 1 });
    });
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    jobs.time.now += 60_000;
    await jobs.processAll();
    expect((await jobs.status(id)).jsonBody).toMatchObject({ progress: { steps_done: 5, tokens: 2_000 } });
    jobs.time.now += 60_000;
    await jobs.processAll();
    expect(seen).toEqual([
      undefined,
      { usage: { ...usage, calls: 3 }, steps: 2 },
      { usage: { ...usage, calls: 6 }, steps: 2 },
    ]);
  });
});

describe('a job over HTTP', () => {
  it('is told of from its acceptance to its result', async () => {
    const jobs = createJobs(async (_request, _scope, { progress } = {}) => {
      progress?.(progressAt(5, 5));
      return resultWith('fine');
    });
    const row = await jobs.submit();
    const id = row.partitionKey;
    expect(acceptedAnswer(row, new Date(start), { ratelimit: '"a";r=1' })).toEqual({
      status: 202,
      headers: { ratelimit: '"a";r=1', location: `/api/audit/${id}`, 'retry-after': '2' },
      jsonBody: {
        id,
        state: 'queued',
        created_at: '2026-11-21T00:49:00.000Z',
        updated_at: '2026-11-21T00:49:00.000Z',
        expires_at: null,
        waits_until: null,
        progress: null,
      },
    });
    expect(await jobs.status(id)).toMatchObject({ status: 200, headers: { 'retry-after': '2' } });
    expect(await jobs.status(id, 'format=markdown')).toMatchObject({
      status: 202,
      headers: { location: `/api/audit/${id}` },
      jsonBody: { state: 'queued' },
    });
    jobs.time.now += 30_000;
    expect(await jobs.status(id)).toMatchObject({ headers: { 'retry-after': '8' } });
    await jobs.processAll();
    expect(await jobs.status(id, 'reports=markdown,%20sarif')).toEqual({
      status: 200,
      jsonBody: {
        id,
        state: 'done',
        created_at: '2026-11-21T00:49:00.000Z',
        updated_at: '2026-11-21T00:49:30.000Z',
        expires_at: '2026-11-24T00:49:30.000Z',
        waits_until: null,
        progress: { stage: 'assessing', steps_done: 5, steps: 5, tokens: 500, cost_usd: 0.005 },
        result: resultWith('fine'),
        reports: {
          markdown: toMarkdown(resultWith('fine')),
          sarif: toSarif(resultWith('fine')),
        },
      },
    });
    expect(await jobs.status(id, 'format=junit')).toEqual({
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: toJunit(resultWith('fine')),
    });
    expect(jobs.stores.blobs.names('audit-jobs')).toEqual([`${id}/result.json`]);
  });

  it('that failed says why, and with a format answers with it', async () => {
    const failure = new AppError('budget-spent', 'The budget does not cover it.', {
      details: { 'violated-policies': ['day'] },
    });
    const jobs = createJobs(() => Promise.reject(failure));
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    expect(await jobs.status(id)).toMatchObject({
      status: 200,
      jsonBody: {
        state: 'failed',
        problem: {
          type: 'urn:gatehouse:problem:budget-spent',
          title: 'The budget does not cover this request',
          status: 403,
          detail: 'The budget does not cover it.',
          code: 'budget-spent',
          'violated-policies': ['day'],
        },
      },
    });
    await expect(jobs.status(id, 'format=markdown')).rejects.toMatchObject({
      code: 'budget-spent',
      status: 403,
      message: 'The budget does not cover it.',
      details: { 'violated-policies': ['day'] },
    });
    expect(jobs.stores.blobs.names('audit-jobs')).toEqual([]);
  });

  it('is not there under another id, with an unknown format, or once it has expired', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    for (const other of [newJobId(), '../secret', ''])
      await expect(jobs.status(other)).rejects.toMatchObject({ code: 'not-found', status: 404 });
    for (const query of ['format=pdf', 'reports=markdown,pdf', 'format=toString'])
      await expect(jobs.status(id, query)).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('json, markdown'),
      });
    await jobs.processAll();
    jobs.time.now += 72 * hourMs - 1;
    expect(await jobs.status(id)).toMatchObject({ status: 200 });
    expect(await deleteExpiredJobs(jobs.store, new Date(jobs.time.now), 10)).toBe(0);
    jobs.time.now += 1;
    await expect(jobs.status(id)).rejects.toMatchObject({ code: 'not-found' });
    jobs.time.now += 1;
    expect(await deleteExpiredJobs(jobs.store, new Date(jobs.time.now), 10)).toBe(1);
    expect([await jobs.store.get(id), jobs.stores.blobs.names('audit-jobs')]).toEqual([undefined, []]);
  });

  it('is deleted once it has ended, as often as that is asked for', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    for (let i = 0; i < 2; i++) expect(await cancelJob(id, jobs.deps, jobs.log)).toBeUndefined();
    await expect(jobs.status(id)).rejects.toMatchObject({ code: 'not-found' });
    expect(jobs.stores.blobs.names('audit-jobs')).toEqual([]);
    expect(await cancelJob('../secret', jobs.deps, jobs.log)).toBeUndefined();
  });

  it('that was canceled has no report', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    for (let i = 0; i < 2; i++)
      expect(await cancelJob(id, jobs.deps, jobs.log)).toMatchObject({ state: 'canceled' });
    expect(await jobs.status(id)).toMatchObject({ status: 200, jsonBody: { state: 'canceled' } });
    expect((await jobs.status(id)).headers).not.toHaveProperty('retry-after');
    await expect(jobs.status(id, 'format=markdown')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('whose result is being deleted at this moment is not there', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    await jobs.store.dropResult(id);
    for (const query of ['', 'format=markdown'])
      await expect(jobs.status(id, query)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('whose result comes too late stays canceled, and keeps nothing', async () => {
    const jobs = createJobs(async () => {
      await cancelJob(id, jobs.deps, jobs.log);
      return resultWith('too late');
    });
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    expect(await jobs.store.get(id)).toMatchObject({ state: 'canceled' });
    expect(jobs.stores.blobs.names('audit-jobs')).toEqual([]);
  });
});

describe('a job that cannot be handed in', () => {
  it.each(['put', 'send'] as const)('leaves nothing behind: %s', async (broken) => {
    const jobs = createJobs();
    const gone = () => Promise.reject(new AppError('storage-unavailable', 'gone'));
    const { blobs, queues, tables } = jobs.stores;
    Object.assign(broken === 'put' ? blobs : queues, { [broken]: gone });
    await expect(jobs.submit()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await Array.fromAsync(tables.listKey('jobs', 'job'))).toEqual([]);
    expect(blobs.names('audit-jobs')).toEqual([]);
  });

  it('says why, also where what is left of it cannot be deleted', async () => {
    const jobs = createJobs();
    const failing = (message: string) => () => Promise.reject(new AppError('storage-unavailable', message));
    Object.assign(jobs.stores.blobs, { put: failing('full'), delete: failing('gone') });
    await expect(jobs.submit()).rejects.toThrow('full');
  });

  it('whole fails and says to send it again', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    await jobs.store.dropRequest(id);
    await jobs.processAll();
    expect(await jobs.status(id)).toMatchObject({
      jsonBody: { state: 'failed', problem: { detail: expect.stringContaining('Send it again') } },
    });
  });
});

describe('a job that ends', () => {
  const failed = { state: 'failed', error: new AppError('engine-failed', 'no') } as const;

  it('is failed by nobody but the one who has it', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    const row = (await jobs.store.get(id)) as StoredJob;
    await jobs.store.move(row, claimedJob(row, 'another', new Date(start)));
    expect(await endJob(row, failed, jobs.deps, jobs.log)).toMatchObject({ owner: 'another' });
    expect(await jobs.store.get(id)).toMatchObject({ state: 'running' });
    expect(await jobs.store.request(id)).toBeDefined();
  });

  it('is not told as ended where that could not be written', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    jobs.store.move = async () => undefined;
    await expect(cancelJob(id, jobs.deps, jobs.log)).rejects.toMatchObject({
      code: 'storage-unavailable',
      retryAfter: 1,
    });
    expect(await jobs.store.request(id)).toBeDefined();
  });
});

describe('a job whose source does not fit into memory now', () => {
  it('waits until it does', async () => {
    const jobs = createJobs();
    const room = new MemoryRoom();
    const size = { bytes: 1024 * 1024, setting: 'ROOM' };
    const others = room.open(size);
    await others.hold(1024 * 1024);
    jobs.deps.room = () => room.open(size, 0);
    const { partitionKey: id } = await jobs.submit();
    await jobs.processAll();
    expect(await jobs.status(id)).toMatchObject({
      jsonBody: { state: 'running', waits_until: '2026-11-21T00:49:15.000Z' },
    });
    others[Symbol.dispose]();
    jobs.time.now += 16_000;
    await jobs.processAll();
    expect(await jobs.store.get(id)).toMatchObject({ state: 'done' });
    expect(room.held).toBe(0);
  });
});

describe('a job whose ticket is lost', () => {
  it('gets another one, once in a while', async () => {
    const jobs = createJobs();
    const { partitionKey: id } = await jobs.submit();
    jobs.stores.queues.drain('audit-jobs');
    const sweep = () => requeueOverdueJobs(jobs.store, jobs.stores.queues, new Date(jobs.time.now), 10);
    expect(await sweep()).toBe(0);
    jobs.time.now += 15 * 60_000 + 1;
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    await jobs.processAll();
    expect(await jobs.store.get(id)).toMatchObject({ state: 'done' });
    jobs.time.now += 15 * 60_000 + 1;
    expect(await sweep()).toBe(0);
  });

  it('gets none from one who comes second', async () => {
    const jobs = createJobs();
    await jobs.submit();
    jobs.stores.queues.drain('audit-jobs');
    jobs.store.move = async () => undefined;
    const later = new Date(start + 15 * 60_000 + 1);
    expect(await requeueOverdueJobs(jobs.store, jobs.stores.queues, later, 10)).toBe(0);
    expect(jobs.stores.queues.drain('audit-jobs')).toEqual([]);
  });

  it('is seen to with so many others at a time, as it is deleted in the end', async () => {
    const jobs = createJobs();
    for (let n = 0; n < 3; n++) await jobs.submit();
    const later = new Date(start + 15 * 60_000 + 1);
    const { store, stores } = jobs;
    const requeued = () => requeueOverdueJobs(store, stores.queues, later, 2);
    expect([await requeued(), await requeued()]).toEqual([2, 1]);
    const last = new Date(start + 1_000 * hourMs);
    expect([await deleteExpiredJobs(store, last, 2), await deleteExpiredJobs(store, last, 2)]).toEqual([
      2, 1,
    ]);
  });

  it('is no ticket of a job that there is not', async () => {
    const jobs = createJobs();
    await processJob({ job: newJobId(), trace: {} }, jobs.deps, jobs.log);
    expect(jobs.stores.queues.nextVisibleAt('audit-jobs')).toBeUndefined();
    await expect(processJob({ what: 'else' }, jobs.deps, jobs.log)).rejects.toThrow();
  });
});
