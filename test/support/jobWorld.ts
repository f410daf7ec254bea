import type { AuditRequest } from '../../shared/audit/auditRequest.ts';
import type { AuditRunner } from '../../shared/audit/jobs/auditRunner.ts';
import { cancelJob } from '../../shared/audit/jobs/cancelJob.ts';
import { isUnfinished, type JobRow, type StoredJob } from '../../shared/audit/jobs/jobRow.ts';
import { JobSlots } from '../../shared/audit/jobs/jobSlots.ts';
import { JobStore } from '../../shared/audit/jobs/jobStore.ts';
import { pause } from '../../shared/audit/jobs/pause.ts';
import { type JobDeps, processJob } from '../../shared/audit/jobs/processJob.ts';
import { SharedRuns } from '../../shared/audit/jobs/sharedRuns.ts';
import { submitJob } from '../../shared/audit/jobs/submitJob.ts';
import { requeueOverdueJobs } from '../../shared/audit/jobs/upkeep.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/limits/clock.ts';
import { MemoryBlobStore } from '../../shared/storage/memory/memoryBlobStore.ts';
import { MemoryTableStore } from '../../shared/storage/memory/memoryTableStore.ts';
import { delaySeconds, type QueueStore, type SendOptions } from '../../shared/storage/queueStore.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { memoryRoom, progressAt, resultWith, smallRequest } from './auditJobs.ts';
import { type LogLine, memoryLog } from './http.ts';
import { Scheduler, skewedClock } from './simulation.ts';

/** How the host treats a message: leased while it is processed, hidden after a failure, given up after five. */
const leaseMs = 600_000;
const retryMs = 10_000;
const mostTaken = 5;
const pollMs = 500;
const upkeepMs = 600_000;
/** A client waits so long. */
const answerMs = 2_000;

/** What happens to a process before or after the n-th thing it asks of storage. */
export type Fate = 'fine' | 'crash-before' | 'crash-after' | 'fail-before' | 'fail-after' | 'stand-still';

export interface JobWorldOptions {
  fate: (operation: number) => Fate;
  random: () => number;
  /** Chance that a message is given to two workers. */
  twice: number;
  steps: number;
  /** How long one step of an audit takes. */
  stepMs: number;
  sliceMs: number;
  /** What the n-th paid step throws instead of its result. */
  failing: (paid: number) => AppError | undefined;
  /** Whether the n-th paid step ends its process. */
  deadly: (paid: number) => boolean;
}

interface Message {
  text: string;
  visibleAt: number;
  taken: number;
}

/** One process: once it is over, nothing it asks is done or answered; while it stands still, nothing goes on in it. */
interface Life {
  isOver: boolean;
  standsUntil: number;
  /** Gives its place for a job back: with a process goes all that it had taken. */
  leave?: (() => void) | undefined;
}

const never = () => new Promise<never>(() => {});

/** Jobs in virtual time, with their queue, two instances that can be lost at any moment, and an engine that counts. */
export class JobWorld {
  readonly scheduler = new Scheduler();
  readonly tables = new MemoryTableStore();
  readonly blobs = new MemoryBlobStore(() => this.scheduler.now);
  readonly lines: LogLine[] = [];
  readonly #o: JobWorldOptions;
  readonly #slots = [new JobSlots(), new JobSlots()];
  #messages: Message[] = [];
  operations = 0;
  crashes = 0;
  poisoned = 0;
  /** Times each step was paid for. */
  readonly paid = new Map<string, number>();
  /** Steps that were begun though they were finished, or another process was at them. */
  readonly wasted: string[] = [];
  readonly #underWay = new Map<string, Life>();

  constructor(options: Partial<JobWorldOptions> = {}) {
    this.#o = {
      fate: () => 'fine',
      random: () => 0,
      twice: 0,
      steps: 5,
      stepMs: 20_000,
      sliceMs: 480_000,
      failing: () => undefined,
      deadly: () => false,
      ...options,
    };
  }

  get paidInAll(): number {
    return [...this.paid.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Hands a job in from a process of its own; undefined where that was lost or told of a failure. */
  async submit(key = 'k1'): Promise<JobRow | undefined> {
    let row: JobRow | undefined;
    void this.#inProcess(async (deps, log) => {
      row = await submitJob(deps, smallRequest, { caller: 'key-1', key, log });
    });
    await this.scheduler.run(this.scheduler.now + answerMs);
    return row;
  }

  async cancel(id: string): Promise<JobRow | undefined> {
    let row: JobRow | undefined;
    void this.#inProcess(async (deps, log) => {
      row = await cancelJob(id, deps, log);
    });
    await this.scheduler.run(this.scheduler.now + answerMs);
    return row;
  }

  job(id: string): Promise<StoredJob | undefined> {
    return new JobStore(this).get(id);
  }

  async isUnfinished(): Promise<boolean> {
    for await (const row of this.tables.listKey<JobRow>('jobs', 'job')) if (isUnfinished(row)) return true;
    return false;
  }

  /** Lets time pass, messages be delivered and the timer sweep. */
  async run(ms: number): Promise<void> {
    const { scheduler } = this;
    const end = scheduler.now + ms;
    while (scheduler.now < end) {
      if (scheduler.now % upkeepMs < pollMs)
        void this.#inProcess((deps) =>
          requeueOverdueJobs(deps.store, deps.queues, new Date(scheduler.now), 1_000),
        );
      this.#deliver();
      await scheduler.run(Math.min(end, scheduler.now + pollMs));
    }
  }

  /** As {@link run}, until nothing is left to do. */
  async runToEnd(): Promise<void> {
    for (let minutes = 0; minutes < 48 * 60; minutes++) {
      await this.run(60_000);
      if (this.#messages.length === 0 && !(await this.isUnfinished())) return;
    }
    throw new Error('the world does not come to rest');
  }

  /** Messages that can be read go to workers, in no order. */
  #deliver(): void {
    const { now } = this.scheduler;
    const ready = this.#messages.filter(({ visibleAt }) => visibleAt <= now);
    const mixed = ready.map((message) => ({ message, key: this.#o.random() })).sort((a, b) => a.key - b.key);
    for (const { message } of mixed) {
      message.visibleAt = now + leaseMs;
      message.taken++;
      void this.#process(message);
      if (this.#o.random() < this.#o.twice) void this.#process(message);
    }
  }

  async #process(message: Message): Promise<void> {
    const outcome = await this.#inProcess((deps, log) => processJob(JSON.parse(message.text), deps, log));
    if (outcome === 'failed' && message.taken < mostTaken) {
      message.visibleAt = this.scheduler.now + retryMs;
      return;
    }
    if (outcome === 'failed') this.poisoned++;
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  async #inProcess(
    work: (deps: JobDeps, log: ReturnType<typeof memoryLog>['log']) => Promise<unknown>,
  ): Promise<'done' | 'failed'> {
    const life: Life = { isOver: false, standsUntil: 0 };
    const through = <T>(ask: () => Promise<T>) => this.#through(life, ask);
    const stores: Stores = {
      tables: behind(this.tables, through),
      blobs: behind(this.blobs, through),
      queues: behind(this.#queues, through),
    };
    const { log, lines } = memoryLog();
    const ended = new Promise<'done' | 'failed'>((resolve) => {
      const settle = (outcome: 'done' | 'failed') => {
        this.lines.push(...lines);
        if (!life.isOver) resolve(outcome);
      };
      work(this.#deps(stores, life), log).then(
        () => settle('done'),
        () => settle('failed'),
      );
    });
    return ended;
  }

  #deps(stores: Stores, life: Life): JobDeps {
    const { random, sliceMs } = this.#o;
    const all = skewedClock(this.scheduler, 0, random);
    const clock: Clock = {
      ...all,
      wait: (ms) => {
        const wait = all.wait(ms);
        return { ...wait, done: wait.done.then(() => this.#alive(life)) };
      },
    };
    const slots = this.#slots[random() < 0.5 ? 0 : 1] as JobSlots;
    return {
      store: new PlainJobStore(stores),
      queues: stores.queues,
      runner: async () => ({ audit: (...given) => this.#audit(stores, clock, life, ...given) }),
      room: memoryRoom,
      slots: {
        take: () => {
          const leave = slots.take();
          life.leave = leave;
          return leave && (() => (life.isOver ? undefined : leave()));
        },
      },
      clock,
      sliceMs,
      retentionMs: 72 * 3_600_000,
    };
  }

  /** What an auditor does: one run under a key, step by step, each step's result remembered before the next. */
  async #audit(
    { blobs }: Stores,
    clock: Clock,
    life: Life,
    ...[, { log }, { signal = new AbortController().signal, progress = () => {} } = {}]: Parameters<
      AuditRunner['audit']
    >
  ) {
    const answered = async () => (await blobs.get('audit-cache', 'k1.json')) !== undefined;
    if (await answered()) return resultWith('cached');
    const shared = await new SharedRuns(blobs, clock).share('k1', signal, {
      answered,
      log,
      run: async (either) => {
        for (let step = 0; step < this.#o.steps; step++) {
          progress(progressAt(step, this.#o.steps));
          await this.#step(`step-${step}`, blobs, clock, life, either);
        }
        progress(progressAt(this.#o.steps, this.#o.steps));
        await blobs.put('audit-cache', 'k1.json', Buffer.from('{}'), 'application/json');
        return resultWith('assessed');
      },
    });
    return shared.kind === 'ran' ? shared.value : resultWith('cached');
  }

  /** A step is paid for when it is begun. */
  async #step(name: string, blobs: Stores['blobs'], clock: Clock, life: Life, signal: AbortSignal) {
    if (await blobs.get('steps', name)) return;
    signal.throwIfAborted();
    const other = this.#underWay.get(name);
    const isDone = this.blobs.names('steps').includes(name);
    const isBusy = other && !other.isOver && other.standsUntil <= this.scheduler.now;
    // In the very moment in which it wakes a process cannot know better.
    const hasWoken = life.standsUntil === this.scheduler.now;
    if ((isDone || isBusy) && !hasWoken) this.wasted.push(name);
    this.#underWay.set(name, life);
    const failure = this.#o.failing(this.paidInAll);
    if (this.#o.deadly(this.paidInAll)) this.#end(life);
    this.paid.set(name, (this.paid.get(name) ?? 0) + 1);
    try {
      await pause(clock, this.#o.stepMs, signal);
      if (failure) throw failure;
      await blobs.put('steps', name, Buffer.from('x'), 'text/plain');
    } finally {
      if (this.#underWay.get(name) === life) this.#underWay.delete(name);
    }
  }

  async #through<T>(life: Life, ask: () => Promise<T>): Promise<T> {
    await this.#alive(life);
    const fate = this.#o.fate(this.operations++);
    await this.scheduler.wait(1 + this.#o.random() * 30);
    if (fate === 'stand-still') life.standsUntil = this.scheduler.now + 65_000;
    if (fate === 'crash-before') this.#end(life);
    await this.#alive(life);
    if (fate === 'fail-before') throw unreachable();
    const done = await ask();
    if (fate === 'crash-after') this.#end(life);
    await this.#alive(life);
    if (fate === 'fail-after') throw unreachable();
    return done;
  }

  #end(life: Life): void {
    this.crashes++;
    life.isOver = true;
    life.leave?.();
  }

  async #alive(life: Life): Promise<void> {
    while (life.standsUntil > this.scheduler.now)
      await this.scheduler.wait(life.standsUntil - this.scheduler.now);
    if (life.isOver) await never();
  }

  readonly #queues: QueueStore = {
    send: async (_queue: string, text: string, options?: SendOptions) => {
      const visibleAt = this.scheduler.now + delaySeconds(options) * 1000;
      this.#messages.push({ text, visibleAt, taken: 0 });
    },
    ping: async () => {},
  };
}

/** Requests as they are: packing them takes time that is not virtual. */
class PlainJobStore extends JobStore {
  readonly #blobs: Stores['blobs'];

  constructor(stores: Stores) {
    super(stores);
    this.#blobs = stores.blobs;
  }

  override async putRequest(id: string, request: AuditRequest): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(request));
    await this.#blobs.put('audit-jobs', `${id}/request.jsonl.gz`, bytes, 'application/json');
  }

  override async request(id: string): Promise<AuditRequest | undefined> {
    const bytes = await this.#blobs.get('audit-jobs', `${id}/request.jsonl.gz`);
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as AuditRequest);
  }
}

const unreachable = () => new AppError('storage-unavailable', 'Storage is gone.', { retryAfter: 5 });

/** The store, each of its promised answers through the weather. Listings are left alone. */
function behind<T extends object>(store: T, through: <R>(work: () => Promise<R>) => Promise<R>): T {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (typeof name === 'string' && (name.startsWith('list') || name === 'expired'))
        return member.bind(target);
      return (...given: unknown[]) => through(() => member.apply(target, given) as Promise<unknown>);
    },
  });
}
