import { describe, expect, it } from 'vitest';
import { SharedRuns } from '../../../shared/audit/jobs/sharedRuns.ts';
import { AppError } from '../../../shared/errors.ts';
import { MemoryBlobStore } from '../../../shared/storage/memory/memoryBlobStore.ts';
import { memoryLog } from '../../support/http.ts';
import { Scheduler, skewedClock } from '../../support/simulation.ts';

function createWorld() {
  const scheduler = new Scheduler();
  const blobs = new MemoryBlobStore(() => scheduler.now);
  const clock = skewedClock(scheduler, 0, () => 0);
  const { log, lines } = memoryLog();
  const signal = new AbortController().signal;
  return { scheduler, blobs, clock, log, lines, signal };
}

const never = () => new Promise<never>(() => {});
const endOf = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a shared run', () => {
  it('is not begun where the answer came while its lease was asked for', async () => {
    const { blobs, clock, log, signal } = createWorld();
    const run = () => Promise.reject(new Error('run again'));
    const answered = async () => true;
    expect(await new SharedRuns(blobs, clock).share('k', signal, { answered, run, log })).toEqual({
      kind: 'answered',
    });
    expect(blobs.names('audit-cache')).toEqual([]);
  });

  it('holds its lease for as long as it takes', async () => {
    const { scheduler, blobs, clock, log, signal } = createWorld();
    const work = Promise.withResolvers<string>();
    const answered = async () => false;
    const shared = new SharedRuns(blobs, clock).share('k', signal, {
      answered,
      run: () => work.promise,
      log,
    });
    for (let seconds = 0; seconds < 300; seconds += 5) {
      await scheduler.run(scheduler.now + 5_000);
      expect(await blobs.lease('audit-cache', 'k.lock', 15)).toBeUndefined();
    }
    work.resolve('done');
    expect(await shared).toEqual({ kind: 'ran', value: 'done' });
    expect(await blobs.lease('audit-cache', 'k.lock', 15)).toEqual(expect.any(String));
  });

  it('that lost its lease stops, and is answered by whoever has it', async () => {
    const { scheduler, blobs, clock, log, signal } = createWorld();
    let isAnswered = false;
    const answered = async () => isAnswered;
    const shared = new SharedRuns(blobs, clock).share('k', signal, { answered, run: endOf, log });
    await scheduler.run(scheduler.now + 1_000);
    // Another instance took it while this one's renewals were lost.
    const { renew } = blobs;
    blobs.renew = () => Promise.reject(new AppError('storage-unavailable', 'gone'));
    await scheduler.run(scheduler.now + 35_000);
    expect(await blobs.lease('audit-cache', 'k.lock', 60)).toEqual(expect.any(String));
    blobs.renew = renew;
    await scheduler.run(scheduler.now + 12_000);
    isAnswered = true;
    await scheduler.run(scheduler.now + 3_000);
    expect(await shared).toEqual({ kind: 'answered' });
  });

  it('whose machine stood still for longer than its lease is stopped before it goes on', async () => {
    const { scheduler, blobs, clock, log, signal } = createWorld();
    const asked: string[] = [];
    const watched = {
      lease: blobs.lease.bind(blobs),
      delete: blobs.delete.bind(blobs),
      renew: async () => {
        asked.push('renew');
        return true;
      },
    };
    let runs = 0;
    const shared = new SharedRuns(watched, clock).share('k', signal, {
      answered: async () => false,
      run: async (ends) => (++runs === 1 ? endOf(ends) : 'the second one'),
      log,
    });
    await scheduler.run(scheduler.now + 1_000);
    scheduler.now += 60_000;
    await scheduler.run(scheduler.now + 5_000);
    expect(await shared).toEqual({ kind: 'ran', value: 'the second one' });
    expect(asked).toEqual([]);
  });

  it('runs without a lease where none can be had, and says so', async () => {
    const { scheduler, blobs, clock, log, lines, signal } = createWorld();
    blobs.lease = () => Promise.reject(new AppError('storage-unavailable', 'gone'));
    const shared = new SharedRuns(blobs, clock).share('k', signal, {
      answered: async () => false,
      run: async () => 'alone',
      log,
    });
    await scheduler.run(scheduler.now + 1_000);
    expect(await shared).toEqual({ kind: 'ran', value: 'alone' });
    expect(lines.map(({ event }) => event)).toEqual(['audit-lease-unavailable', 'audit-lease-unavailable']);
  });

  it('is ended by whoever asked for it, with the reason of that', async () => {
    const { scheduler, blobs, clock, log } = createWorld();
    const stop = new AbortController();
    const runs = new SharedRuns(blobs, clock);
    const answered = async () => false;
    const first = runs.share('k', stop.signal, { answered, run: endOf, log });
    const second = runs.share('k', stop.signal, { answered, run: never, log });
    await scheduler.run(scheduler.now + 5_000);
    stop.abort(new Error('canceled'));
    await expect(first).rejects.toThrow('canceled');
    await expect(second).rejects.toThrow('canceled');
    expect(blobs.names('audit-cache')).toEqual([]);
    await expect(runs.share('k', stop.signal, { answered, run: never, log })).rejects.toThrow('canceled');
  });
});
