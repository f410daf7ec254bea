import { type ContenderName, contenderNames, type Limit, type Outcome } from './limitsContender.ts';
import type { Worker } from './limitsCrew.ts';
import type { ClosedLoad } from './limitsLoad.ts';
import { type Judged, median, printTable, verdict } from './report.ts';

export interface ThroughputPlan {
  rounds: number;
  /** Length of a timed round. */
  ms: number;
  /** Identifiers of the two crowds. */
  crowds: readonly number[];
}

/** Far more than a run can use. */
const limit: Limit = { quota: 1_000_000_000, windowS: 3_600 };
const hotCallers = [1, 16, 64];
const crowdCallers = 16;

interface Scenario {
  name: string;
  /** How much faster than the quicker of the peers we mean to be. */
  ratioGoal?: number;
  /** Most storage operations a check may cost us. */
  operationsGoal?: number;
  /** Not measured, before the rounds. */
  warmUp?: ClosedLoad;
  load(round: number): ClosedLoad;
}

/** What one contender did in one round. */
interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
  operations: number;
  outcomes: Record<Outcome, number>;
}

type Table = Map<ContenderName, Figures[]>;

const count = (n: number) => n.toLocaleString('en');

function scenarios({ rounds, ms, crowds }: ThroughputPlan): Scenario[] {
  const hot = hotCallers.map((callers): Scenario => {
    const load = { callers, prefix: 'hot-', from: 0, to: 1, ms };
    return {
      name: `1 identifier, ${callers} caller${callers > 1 ? 's' : ''}`,
      ratioGoal: callers === 1 ? 10 : 1,
      warmUp: load,
      load: () => load,
    };
  });
  const crowded = crowds.flatMap((size): Scenario[] => {
    const all = { callers: crowdCallers, prefix: `of-${size}-`, from: 0, to: size };
    const part = (round: number) => Math.round((size * round) / rounds);
    return [
      {
        name: `${count(size)} identifiers, cold, ${crowdCallers} callers`,
        operationsGoal: 1.1,
        load: (round) => ({ ...all, from: part(round), to: part(round + 1), ms: undefined }),
      },
      {
        name: `${count(size)} identifiers, warm, ${crowdCallers} callers`,
        load: () => ({ ...all, ms }),
      },
    ];
  });
  return [...hot, ...crowded];
}

async function measure(worker: Worker, load: ClosedLoad): Promise<Figures> {
  const answer = await worker.ask({ limit, closed: load });
  if (!('closed' in answer)) throw new Error('a worker has answered something else than it was asked');
  const { checks, ms, p50, p99, outcomes } = answer.closed;
  return { perSecond: (checks / ms) * 1000, p50, p99, operations: answer.operations / checks, outcomes };
}

/** Measures the contenders in turn, round by round, so that noise of the machine hits all of them alike. */
async function compete(
  workers: ReadonlyMap<ContenderName, Worker>,
  scenario: Scenario,
  rounds: number,
): Promise<Table> {
  const table: Table = new Map([...workers.keys()].map((name) => [name, []]));
  if (scenario.warmUp) for (const worker of workers.values()) await measure(worker, scenario.warmUp);
  for (let round = 0; round < rounds; round++)
    for (const [name, worker] of workers) table.get(name)?.push(await measure(worker, scenario.load(round)));
  return table;
}

/**
 * Median over the rounds of how many times as fast we were as the quicker peer of the same round; undefined where there
 * is no peer, or where it was not the store that answered.
 */
function ratioOf(table: Table): number | undefined {
  const peers = [...table].filter(([name]) => name !== 'gatehouse').map(([, figures]) => figures);
  if (peers.length === 0) return undefined;
  const ours = table.get('gatehouse') ?? [];
  if (notFromStore(ours) > mostNotFromStore) return undefined;
  return median(
    ours.map(
      ({ perSecond }, round) =>
        perSecond / Math.max(...peers.map((figures) => figures[round]?.perSecond ?? 0)),
    ),
  );
}

const sumOf = (figures: readonly Figures[], outcome: Outcome) =>
  figures.reduce((sum, { outcomes }) => sum + outcomes[outcome], 0);

const checksOf = (figures: readonly Figures[]) =>
  figures.reduce((sum, { outcomes }) => sum + Object.values(outcomes).reduce((a, b) => a + b, 0), 0);

/**
 * Part of our checks that were not answered with a token of the store. The limit is never reached here, so that whoever
 * is refused is refused wrongly; and an instance that decides alone is quick, but not what is measured.
 */
const notFromStore = (ours: readonly Figures[]) => 1 - sumOf(ours, 'allowed') / checksOf(ours);
/** One stall of the emulator sends every caller that waits away at once, and a short round has few hundred checks. */
const mostNotFromStore = 0.05;

function judge({ name, ratioGoal, operationsGoal }: Scenario, table: Table): Judged[] {
  const [ours, ratio] = [table.get('gatehouse') ?? [], ratioOf(table)];
  const judged: Judged[] = [];
  if (ratioGoal !== undefined && ratio !== undefined)
    judged.push({ name, value: ratio, is: '>=', goal: ratioGoal, unit: ' x' });
  if (operationsGoal !== undefined) {
    const worst = Math.max(...ours.map(({ operations }) => operations));
    judged.push({ name, value: worst, is: '<=', goal: operationsGoal, unit: ' ops' });
  }
  const alone = { value: notFromStore(ours), goal: mostNotFromStore, unit: ' without the store' };
  return [...judged, { name, is: '<=', ...alone }];
}

const time = (ms: number) => (ms < 0.1 ? `${(ms * 1000).toFixed(1)} us` : `${ms.toFixed(2)} ms`);

function linesOf(scenario: Scenario, table: Table): string[][] {
  const ratio = ratioOf(table);
  return [...table].map(([name, figures], i) => {
    const mid = (pick: (one: Figures) => number) => median(figures.map(pick));
    const total = (outcome: Outcome) => `${sumOf(figures, outcome)}`;
    const first = i === 0;
    return [
      first ? scenario.name : '',
      contenderNames[name],
      count(Math.round(mid(({ perSecond }) => perSecond))),
      time(mid(({ p50 }) => p50)),
      time(mid(({ p99 }) => p99)),
      mid(({ operations }) => operations).toFixed(3),
      total('refused'),
      total('degraded'),
      total('failed'),
      first && ratio !== undefined ? `${ratio.toFixed(ratio < 1 ? 3 : 1)} x` : '',
      first ? judge(scenario, table).map(verdict).join(', ') : '',
    ];
  });
}

/** Checks per second where the limit is never reached. Gives what was judged. */
export async function throughput(
  workers: ReadonlyMap<ContenderName, Worker>,
  plan: ThroughputPlan,
): Promise<Judged[]> {
  const outcomes = ['refused', 'degraded', 'failed'];
  const lines = [['', '', 'checks/s', 'p50', 'p99', 'ops/check', ...outcomes, 'ratio', 'goals']];
  const judged: Judged[] = [];
  for (const scenario of scenarios(plan)) {
    const table = await compete(workers, scenario, plan.rounds);
    lines.push(...linesOf(scenario, table));
    judged.push(...judge(scenario, table));
  }
  printTable(
    `limits: callers in closed loops, medians of ${plan.rounds} rounds in turn; ratio to the quicker peer`,
    lines,
    2,
  );
  return judged;
}
