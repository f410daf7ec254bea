import type { PolicyInput } from '../../../shared/limits/policy.ts';
import { pick, type Weather } from '../simulation.ts';
import { Fleet } from './fleet.ts';
import { type Line, lengthOf, promised, worstSpan } from './timeline.ts';

/** What sets a kind of schedule apart from a calm one with waiting callers. */
export interface Kind {
  skewMs?: number;
  weather?: (random: () => number) => Weather;
  deaths?: boolean;
  /** Callers who do not wait, to instances that may admit by themselves. */
  cold?: boolean;
  /** More identifiers than an instance remembers. */
  crowded?: boolean;
  policy?: Partial<PolicyInput>;
  limits?: readonly PolicyInput['limits'][number][];
}

const limits = [
  { quota: 4, window: '1s' },
  { quota: 24, window: '2s' },
  { quota: 40, window: '5s' },
  { quota: 60, window: '10s' },
  { quota: 80, window: '4s' },
];

export const storm = (random: () => number): Weather => ({
  latencyMs: () => 1 + random() * 20,
  failing: pick([0.02, 0.3], random()),
  late: 0.15,
  lateMs: 400,
  repeated: 0.1,
});

/** Random phases that make instances hold what they do not use, fill the bucket meanwhile, and then take all at once. */
export class Schedule {
  readonly fleet: Fleet;
  readonly #kind: Kind;
  readonly #quota: number;
  readonly #leaseMs: number;
  readonly #windowMs: number;
  readonly #input: PolicyInput;

  constructor(seed: number, kind: Kind) {
    this.#kind = kind;
    const choices = kind.limits ?? limits;
    const limit = choices[seed % choices.length] as (typeof choices)[number];
    this.#input = {
      name: 'p',
      operations: ['audit'],
      scope: 'caller',
      localShare: kind.cold ? 0.05 : 0,
      leaseLifeMs: [100, 200, 400][seed % 7] ?? 200,
      ...kind.policy,
      limits: [limit],
    };
    this.fleet = new Fleet({
      seed: seed * 7919,
      policies: [this.#input],
      instances: 1 + (seed % 4),
      ...(kind.skewMs ? { skewMs: kind.skewMs } : {}),
      ...(kind.crowded ? { mostIdentifiers: 3 } : {}),
    });
    if (kind.weather) this.fleet.store.weather = kind.weather(this.fleet.random);
    this.#quota = limit.quota;
    this.#windowMs = lengthOf(limit.window);
    this.#leaseMs = this.#input.leaseLifeMs ?? 0;
  }

  /** Units by which the worst span of any caller exceeds what is promised; negative where none does. */
  async excess(): Promise<number> {
    const phases = [this.#flood, this.#hoard, this.#trickle, this.#idle, this.#hoardAndFlood];
    if (this.#kind.deaths) phases.push(this.#die);
    if (this.#kind.crowded) phases.push(this.#crowd, this.#crowd);
    const { random, scheduler } = this.fleet;
    for (const latest = scheduler.now + 6_000; scheduler.now < latest; )
      await pick(phases, random()).call(this);
    await this.fleet.finish();
    const line = this.line();
    return Math.max(...this.fleet.callers.map((caller) => worstSpan(this.fleet.admissions(caller), line)));
  }

  line(): Line {
    const { lives } = this.fleet;
    return promised(this.#input, { instances: lives, skewMs: this.#kind.skewMs ?? 0 });
  }

  async #flood(): Promise<void> {
    void this.#ask(Math.ceil(this.#quota * 1.2));
    await this.fleet.pass(20 + 150 * this.fleet.random());
  }

  /** Leaves tokens in hands: what is given back stays with the instance until its lease ends. */
  async #hoard(): Promise<void> {
    const { fleet } = this;
    const heldMs = this.#leaseMs * 0.4;
    void this.#ask(Math.ceil(this.#quota * (0.1 + 0.6 * fleet.random())), heldMs);
    await fleet.pass(heldMs + this.#leaseMs * 0.1);
  }

  /** The same, then a pause around the end of the lease or long after, then everybody. */
  async #hoardAndFlood(): Promise<void> {
    await this.#hoard();
    await this.fleet.pass(this.#leaseMs * pick([0.3, 0.45, 0.6, 3, 7], this.fleet.random()));
    await this.#flood();
  }

  async #trickle(): Promise<void> {
    const gapMs = this.#windowMs / this.#quota / pick([0.8, 2, 6], this.fleet.random());
    for (let i = 0; i < 12; i++) {
      void this.#ask(1);
      await this.fleet.pass(gapMs);
    }
  }

  #idle(): Promise<void> {
    return this.fleet.pass(this.#windowMs * pick([0.05, 0.2, 0.6], this.fleet.random()));
  }

  async #die(): Promise<void> {
    this.fleet.replace(this.#anyone());
  }

  /** Pushes the caller out of an instance's memory and comes back, time and again. */
  async #crowd(): Promise<void> {
    const { fleet } = this;
    const instance = this.#anyone();
    for (let round = 0; round < 6; round++) {
      for (const caller of ['a', 'b', 'c', 'd']) void fleet.ask({ instance, caller, patience: 'none' });
      await fleet.pass(1 + 10 * fleet.random());
    }
  }

  #ask(checks: number, releasedAfterMs?: number): Promise<unknown> {
    const patience = this.#kind.cold ? 'none' : 'some';
    return this.fleet.askAll(
      Array.from({ length: checks }, () => ({
        instance: this.#anyone(),
        patience,
        ...(releasedAfterMs === undefined ? {} : { releasedAfterMs }),
      })),
    );
  }

  #anyone(): number {
    return Math.floor(this.fleet.random() * this.fleet.limiters.length);
  }
}

/** Runs schedules and gives those that exceeded what is promised, and what all of them let through. */
export async function runSchedules(count: number, kind: Kind) {
  const exceeding: { seed: number; excess: number }[] = [];
  let [admitted, refused] = [0, 0];
  for (let seed = 1; seed <= count; seed++) {
    const schedule = new Schedule(seed, kind);
    const excess = await schedule.excess();
    if (excess > 0) exceeding.push({ seed, excess });
    admitted += schedule.fleet.kinds.allowed;
    refused += schedule.fleet.kinds.refused;
  }
  return { exceeding, admitted, refused };
}
