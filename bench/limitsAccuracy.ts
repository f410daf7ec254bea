import { largestExcess } from '../shared/limits/bound.ts';
import { type ContenderName, contenderNames, type Limit, type Places } from './limitsContender.ts';
import { startWorker, type Worker } from './limitsCrew.ts';
import { policyOf } from './limitsGatehouse.ts';
import { bucketIdeal, effectiveBurst, fixedWindowIdeal } from './limitsIdeal.ts';
import type { Timeline } from './limitsLoad.ts';
import { type Judged, median, printTable, verdict } from './report.ts';

const processes = 4;
const quotas = [100, 1_000, 5_000];
const windowS = 10;
/** Requests offered for each that a perfect bucket would admit. */
const overload = 2.5;
/** Clocks of processes of one machine agree but for rounding. */
const skewMs = 2;
const leastShare = 0.95;

/** What all processes of a contender did together; latencies are the median process's, milliseconds. */
interface Tally extends Timeline {
  operations: number;
}

const inOrder = (times: readonly number[][]) => times.flat().sort((a, b) => a - b);

/** Requests per second and process that make `overload` times what a full bucket admits in the span. */
const perProcess = (quota: number, ms: number) =>
  (overload * quota * (1 + ms / (windowS * 1000))) / (ms / 1000) / processes;

async function offer(workers: readonly Worker[], limit: Limit, ms: number): Promise<Tally> {
  const startAt = Date.now() + 500;
  const open = { identifier: `of-${limit.quota}`, perSecond: perProcess(limit.quota, ms), startAt, ms };
  const answers = await Promise.all(workers.map((worker) => worker.ask({ limit, open })));
  const timelines = answers.map((answer) => {
    if (!('open' in answer)) throw new Error('a worker has answered something else than it was asked');
    return answer.open;
  });
  const sum = (pick: (one: Timeline) => number) => timelines.reduce((total, one) => total + pick(one), 0);
  return {
    arrivals: inOrder(timelines.map(({ arrivals }) => arrivals)),
    admissions: inOrder(timelines.map(({ admissions }) => admissions)),
    degraded: sum(({ degraded }) => degraded),
    failed: sum(({ failed }) => failed),
    p50: median(timelines.map(({ p50 }) => p50)),
    p99: median(timelines.map(({ p99 }) => p99)),
    operations: answers.reduce((total, { operations }) => total + operations, 0),
  };
}

/** The bound as stated for the time that really passed, and admissions the store did not know of on top. */
function mostAllowed(limit: Limit, { arrivals, admissions, degraded }: Tally): number {
  const policy = policyOf(limit);
  const [window] = policy.windows;
  if (!window) throw new Error('the policy has no window');
  const spanMs = (admissions.at(-1) ?? 0) - (arrivals[0] ?? 0);
  return largestExcess(policy, window, { spanMs, instances: 0, skewMs }).admitted + degraded;
}

function judge(limit: Limit, tally: Tally, ideal: number): Judged[] {
  const [name, value] = [`${limit.quota} per ${windowS} s`, tally.admissions.length];
  return [
    { name: `${name}, of the ideal`, value: value / ideal, is: '>=', goal: leastShare, unit: '' },
    { name: `${name}, of the bound`, value: value / mostAllowed(limit, tally), is: '<=', goal: 1, unit: '' },
  ];
}

type Crews = readonly (readonly [name: ContenderName, workers: readonly Worker[]])[];

const startCrews = (names: readonly ContenderName[], places: Places): Promise<Crews> =>
  Promise.all(
    names.map(async (name) => {
      const starting = Array.from({ length: processes }, () => startWorker(name, places));
      return [name, await Promise.all(starting)] as const;
    }),
  );

function lineOf(name: ContenderName, limit: Limit, tally: Tally, ideal: number, judged: readonly Judged[]) {
  const { arrivals, admissions, degraded, failed, p50, p99, operations } = tally;
  return [
    `${limit.quota} per ${windowS} s`,
    contenderNames[name],
    `${arrivals.length}`,
    `${ideal}`,
    `${admissions.length}`,
    `${((admissions.length / ideal) * 100).toFixed(1)} %`,
    name === 'gatehouse' ? mostAllowed(limit, tally).toFixed(0) : '-',
    effectiveBurst(admissions, limit).toFixed(0),
    `${degraded}`,
    `${failed}`,
    p50.toFixed(2),
    p99.toFixed(2),
    (operations / arrivals.length).toFixed(3),
    judged.map(verdict).join(', ') || '-',
  ];
}

/**
 * 4 processes share a limit and are offered more than it admits; one contender and one limit at a time. Gives what was
 * judged. `burst` is the smallest bucket that would have admitted as much, as it looked from outside.
 */
export async function accuracy(
  names: readonly ContenderName[],
  places: Places,
  seconds: number,
): Promise<Judged[]> {
  const head = ['limit', '', 'offered', 'ideal', 'admitted', 'of ideal', 'at most', 'burst', 'degraded'];
  const lines = [[...head, 'failed', 'p50 ms', 'p99 ms', 'ops/check', 'goals']];
  const judged: Judged[] = [];
  const crews = await startCrews(names, places);
  for (const quota of quotas)
    for (const [name, workers] of crews) {
      const limit = { quota, windowS };
      const tally = await offer(workers, limit, seconds * 1000);
      const ideal = (name === 'flexible' ? fixedWindowIdeal : bucketIdeal)(tally.arrivals, limit);
      const judgements = name === 'gatehouse' ? judge(limit, tally, ideal) : [];
      judged.push(...judgements);
      lines.push(lineOf(name, limit, tally, ideal, judgements));
    }
  await Promise.all(crews.flatMap(([, workers]) => workers.map((worker) => worker.dismiss())));
  const title = `${processes} processes, ${seconds} s, ${overload} x the ideal offered at random times`;
  printTable(`limits: ${title}`, lines, 2);
  return judged;
}
