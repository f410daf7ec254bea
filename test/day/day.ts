import { setTimeout as sleep } from 'node:timers/promises';
import { compareTenant } from './compare.ts';
import { Deliverer } from './deliverer.ts';
import { Differences } from './differences.ts';
import { type Expected, expectedOf } from './expected.ts';
import { Journal } from './journal.ts';
import { readTenant, readUsage } from './reading.ts';
import { type DayReport, toReport } from './report.ts';
import { settle } from './settle.ts';
import { calm, Forecast, type Service } from './weather.ts';
import { holderOf, startWorld, type World } from './world.ts';

export interface DayRun {
  seed: number;
  tenants: number;
  calls: number;
  /** Storage fails, and instances are killed. */
  hasFaults: boolean;
  /** Processes of the app that share the storage; two unless given. */
  instances?: number;
  /** Given all that a process of the app has printed, at the end. */
  keep?: (text: string) => void;
  /** Told how far the day has come. */
  say?: (text: string) => void;
}

/** How far the day has come, from 0 to 1, when an instance is killed. */
const killsAt: readonly number[] = [0.4, 0.78];
const concurrency = 24;
const settleMs = 400_000;
const lostMs = 1_000;
/** Calls that may ring unanswered, be turned away, or have a question fail, without a fault: the machine may have stood still. */
const excusedShare = 0.02;
const readersAtOnce = 4;

/**
 * A day of calls to many businesses: the app under the local host with Azurite, Vapi and the businesses' own systems
 * played. At its end what is stored is read over HTTP and held to what the plan says. @throws only where the day could
 * not be played at all.
 */
export async function runDay(run: DayRun): Promise<DayReport> {
  const { hasFaults, instances = 2, say = () => {} } = run;
  const began = performance.now();
  const journal = new Journal();
  const forecast = new Forecast();
  let planned = 1;
  const progress = () => journal.acknowledged / planned;
  const weather = (service: Service) => (hasFaults ? forecast.at(progress(), Date.now(), service) : calm);
  const world = await startWorld({ ...run, instances, weather });
  try {
    await putTenants(world);
    planned = Deliverer.count(world.plan);
    const played = await timed(() => play(world, journal, { hasFaults, instances, progress, say }));
    say('played; waiting until all is settled');
    const settled = await timed(() => settle({ ...world, patienceMs: settleMs }));
    say('settled; reading what is stored');
    const differences = await compare(world, journal, run);
    if (!settled.value.isSettled) differences.differs(`not settled within ${settleMs / 1000} s`);
    const leftInInbox = await world.storage.inbox();
    for (const text of world.fleet.output()) {
      world.leaks.look(text);
      run.keep?.(text);
    }
    for (const found of world.leaks.found) differences.differs(`planted and logged: ${found}`);
    const seconds = {
      play: played.seconds,
      settle: settled.seconds,
      all: (performance.now() - began) / 1000,
    };
    return toReport({
      run,
      planned,
      world,
      journal,
      settled: settled.value,
      differences,
      leftInInbox,
      seconds,
    });
  } finally {
    await world.stop();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const began = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - began) / 1000 };
}

async function putTenants({ plan, fleet, crm }: World): Promise<void> {
  const [base = ''] = fleet.bases;
  await inParallel(plan.tenants, async ({ tenantId, ...tenant }) => {
    const response = await fetch(`${base}/api/tenants/${tenantId}`, {
      method: 'PUT',
      body: JSON.stringify(tenant),
    });
    if (!response.ok) throw new Error(`${tenantId} is not stored: ${await response.text()}`);
    crm.know(tenantId, tenant.delivery?.secrets ?? []);
  });
}

interface Playing {
  hasFaults: boolean;
  instances: number;
  progress: () => number;
  say: (text: string) => void;
}

async function play(
  world: World,
  journal: Journal,
  { hasFaults, instances, progress, say }: Playing,
): Promise<void> {
  const { plan, fleet, leases } = world;
  const kills = hasFaults ? [...killsAt] : [];
  const restarts: Promise<void>[] = [];
  let told = 0;
  const onProgress = () => {
    if (progress() >= (kills[0] ?? 2)) {
      kills.shift();
      restarts.push(killAndRestart(world, kills.length % instances));
    }
    if (progress() < told) return;
    say(`${Math.round(told * 100)} % of the deliveries are acknowledged`);
    told += 0.1;
  };
  const over = new AbortController();
  const release = async () => {
    for (; !over.signal.aborted; await sleep(lostMs)) await leases.lapse(({ state }) => state === 'lost');
  };
  const releasing = release();
  const bases = () => fleet.bases;
  await new Deliverer(plan, journal, { bases, concurrency, onProgress }).play();
  await Promise.all(restarts);
  over.abort();
  await releasing;
}

async function killAndRestart({ fleet, leases }: World, i: number): Promise<void> {
  await fleet.kill(i);
  // The ten minutes pass after which others get what it was working on.
  await leases.lapse(({ holder, state }) => holder === holderOf(i) && state === 'taken');
  await fleet.restart(i);
}

async function compare(world: World, journal: Journal, { hasFaults, calls }: DayRun): Promise<Differences> {
  const differences = new Differences();
  const { fleet, crm, plan } = world;
  const [base = ''] = fleet.bases;
  const all = [...expectedOf(plan).values()];
  await inParallel(all, async (expected) => {
    const told = await readTenant(base, expected.tenantId);
    compareTenant(expected, { told, heard: crm.heard, journal }, differences);
  });
  await compareUsage(base, all, differences);
  for (const fault of [...journal.faults, ...crm.faults]) differences.differs(fault);
  const { unanswered, turnedAway, unhelped } = journal;
  if (!hasFaults && unanswered + turnedAway + unhelped > Math.max(1, calls * excusedShare))
    differences.differs(
      `${unanswered} calls rang unanswered, ${turnedAway} were turned away, ${unhelped} questions failed`,
    );
  return differences;
}

async function compareUsage(base: string, all: readonly Expected[], differences: Differences): Promise<void> {
  const told = await readUsage(base);
  for (const { tenantId, usage } of all) {
    const { voice_calls = 0, voice_minutes = 0, vapi_cost = 0 } = told.get(tenantId) ?? {};
    const minutes = usage.seconds / 60;
    if (
      voice_calls === usage.calls &&
      isClose(voice_minutes, minutes, 0.006) &&
      isClose(vapi_cost, usage.usd, 1e-7)
    )
      continue;
    const [is, should] = [
      [voice_calls, voice_minutes, vapi_cost],
      [usage.calls, minutes, usage.usd],
    ];
    const what = `usage of ${tenantId} is ${is.join(', ')} (calls, minutes, dollars), not ${should.join(', ')}`;
    if (Number(voice_calls) < usage.calls) differences.lacks(what);
    else if (Number(voice_calls) > usage.calls) differences.repeats(what);
    else differences.differs(what);
  }
}

const isClose = (value: unknown, expected: number, most: number) =>
  Math.abs(Number(value) - expected) <= most;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: readersAtOnce }, worker));
}
