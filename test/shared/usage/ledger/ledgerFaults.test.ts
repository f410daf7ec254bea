import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { Ledger, usageQueue } from '../../../../shared/usage/ledger/ledger.ts';
import { usageStatistics } from '../../../../shared/usage/ledger/statistics.ts';
import { pick, seeded } from '../../../support/simulation.ts';
import { calm, Network, UnreliableQueues, UnreliableTables, type Weather } from './unreliableStores.ts';

const now = new Date('2026-11-21T10:00:00Z');
const patienceMs = 50;
const lastMs = 2_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Outage {
  from: number;
  ms: number;
}

/** What a run is like; the seed decides the rest. */
interface Course {
  seed: number;
  tables: Weather;
  queues: Weather;
  tableOutage: Outage;
  queueOutage: Outage;
  plain: number;
  calls: number;
}

const chance = fc.constantFrom(0, 0.05, 0.3);
const weather: fc.Arbitrary<Weather> = fc.record({
  latencyMs: fc.constantFrom(1, 5, 15),
  failing: chance,
  lost: chance,
  late: chance,
  lateMs: fc.constantFrom(60, 400),
  repeated: chance,
});
const outage = fc.record({ from: fc.nat({ max: lastMs }), ms: fc.constantFrom(0, 100, 1_000) });
const course: fc.Arbitrary<Course> = fc.record({
  seed: fc.nat(),
  tables: weather,
  queues: weather,
  tableOutage: outage,
  queueOutage: outage,
  plain: fc.integer({ min: 1, max: 60 }),
  calls: fc.integer({ min: 0, max: 25 }),
});

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Three instances on shared stores, a worker of the queue, and what became of each entry. */
class Run {
  readonly #inner = createMemoryStores();
  readonly #random: () => number;
  readonly #tables: Network;
  readonly #queues: Network;
  readonly #ledgers: Ledger[];
  readonly #reliable: Ledger;
  /** Micro-dollars: of all entries, and of those that were answered. */
  issued = 0;
  #isOver = false;
  answered = 0;
  settled = 0;
  readonly counted = new Map<string, number>();

  constructor({ seed, tables, queues }: Course) {
    this.#random = seeded(seed);
    this.#tables = new Network(this.#random, tables);
    this.#queues = new Network(this.#random, queues);
    const stores = {
      tables: new UnreliableTables(this.#inner.tables, this.#tables),
      queues: new UnreliableQueues(this.#inner.queues, this.#queues),
    };
    this.#ledgers = ['one', 'two', 'three'].map(
      (instance) => new Ledger({ stores, instance, now: () => now, patienceMs, mostWriters: 3 }),
    );
    this.#reliable = new Ledger({ stores: this.#inner, instance: 'reliable', now: () => now });
  }

  async live({ plain, calls, tableOutage, queueOutage }: Course): Promise<void> {
    const entries = Promise.all([
      ...Array.from({ length: plain }, (_, i) => this.#plain(2 ** (i % 40) + i)),
      ...Array.from({ length: calls }, (_, i) => this.#call(`call ${i % 10}`)),
      outageOf(this.#tables, tableOutage),
      outageOf(this.#queues, queueOutage),
    ]).then(() => {
      this.#isOver = true;
    });
    await Promise.all([entries, this.#work()]);
  }

  /** The weather clears: every instance writes once more to each of its rows, and the queue is emptied. */
  async recover(): Promise<void> {
    this.#tables.weather = calm;
    this.#queues.weather = calm;
    for (const ledger of this.#ledgers)
      for (const caller of callers) await ledger.record({ caller, amounts: { calls: 1 } });
    await this.drain();
  }

  async drain(): Promise<void> {
    for (const message of this.#shuffled(this.#inner.queues.drain(usageQueue)))
      await this.#reliable.apply(JSON.parse(message));
  }

  async totals() {
    return (await usageStatistics(this.#inner.tables, now, 1, [])).totals;
  }

  async #plain(cost: number): Promise<void> {
    await wait(lastMs * this.#random());
    this.issued += cost;
    const ledger = pick(this.#ledgers, this.#random());
    const caller = pick(callers, this.#random());
    const outcome = await ledger.record({ caller, amounts: { cost } }).catch(() => 'lost');
    this.settled++;
    if (outcome !== 'lost') this.answered += cost;
  }

  /** As a queue brings a call's report: until it is taken, each time to any instance, and sometimes twice. */
  async #call(once: string): Promise<void> {
    await wait(lastMs * this.#random());
    for (let isTaken = false; !isTaken; ) {
      const ledger = pick(this.#ledgers, this.#random());
      const number = Number(once.slice(5));
      const amounts = { voiceCalls: 1, vapiCost: number + 1 };
      const caller = callers[number % callers.length];
      const outcome = await ledger.record({ caller, amounts, once }).catch(() => 'lost');
      if (outcome === 'stored') this.counted.set(once, (this.counted.get(once) ?? 0) + 1);
      isTaken = outcome !== 'lost' && this.#random() < 0.9;
      await wait(100 * this.#random());
    }
    this.settled++;
  }

  /** The queue's worker: late, out of order, and now and then twice. */
  async #work(): Promise<void> {
    while (!this.#isOver) {
      await wait(300 * this.#random());
      const [first, ...others] = this.#shuffled(this.#inner.queues.drain(usageQueue));
      for (const message of others) await this.#inner.queues.send(usageQueue, message);
      if (first === undefined) continue;
      const worker = pick(this.#ledgers, this.#random());
      const outcome = await worker.apply(JSON.parse(first)).catch(() => 'lost');
      if (outcome === 'lost' || this.#random() < 0.3) await this.#inner.queues.send(usageQueue, first);
    }
  }

  #shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => [this.#random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  }
}

const callers = ['a', 'b', 'c', 'd'];

async function outageOf(network: Network, { from, ms }: Outage): Promise<void> {
  await wait(from);
  network.isDown = ms > 0;
  await wait(ms);
  network.isDown = false;
}

/** Runs timers until the work has ended. @throws Error where it waits for something that is no timer. */
async function toEnd(work: Promise<void>): Promise<void> {
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  for (let idle = 0; !isOver && idle < 50; idle = vi.getTimerCount() > 0 ? 0 : idle + 1)
    await vi.advanceTimersToNextTimerAsync();
  if (!isOver) throw new Error('an entry never settled');
  await ended;
}

async function live(given: Course): Promise<Run> {
  const run = new Run(given);
  await toEnd(run.live(given));
  expect(run.settled).toBe(given.plain + given.calls);
  return run;
}

describe('three instances on unreliable stores', () => {
  it('lose nothing that was answered, count nothing twice, and are exact once all is told', async () => {
    await fc.assert(
      fc.asyncProperty(course, async (given) => {
        const run = await live(given);
        await toEnd(run.drain());
        const before = await run.totals();
        expect(before.cost_micro_usd).toBeGreaterThanOrEqual(run.answered);
        expect(before.cost_micro_usd).toBeLessThanOrEqual(run.issued);
        await toEnd(run.recover());
        const after = await run.totals();
        expect(after.cost_micro_usd).toBe(run.issued);
        const calls = Math.min(given.calls, 10);
        expect(after.voice_calls).toBe(calls);
        expect(after.vapi_cost * 1e6).toBeCloseTo((calls * (calls + 1)) / 2, 3);
        for (const times of run.counted.values()) expect(times).toBe(1);
      }),
      { seed: 4, numRuns: 150 },
    );
  });
});
