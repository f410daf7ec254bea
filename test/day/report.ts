import type { DayRun } from './day.ts';
import type { Differences } from './differences.ts';
import type { Journal } from './journal.ts';
import type { Settled } from './settle.ts';
import { faultKinds } from './weather.ts';
import type { World } from './world.ts';

/** A day in numbers. */
export interface DayReport {
  seed: number;
  hasFaults: boolean;
  tenants: number;
  calls: number;
  /** Deliveries that the plan has, and those that were made, tries included. */
  planned: number;
  sent: number;
  acknowledged: number;
  duplicates: number;
  retries: number;
  /** Retries by status, `reset` or `timeout`. */
  causes: Readonly<Record<string, number>>;
  askedAgain: number;
  unanswered: number;
  turnedAway: number;
  storageRequests: number;
  /** Faults of storage by kind. */
  injected: Readonly<Record<string, number>>;
  kills: number;
  replayed: number;
  quarters: number;
  leftInInbox: number;
  events: number;
  eventRequests: number;
  /** Characters of output and telemetry that were searched for what was planted. */
  searched: number;
  exports: number;
  missing: number;
  twice: number;
  differences: readonly string[];
  seconds: { play: number; settle: number; all: number };
}

interface Parts {
  run: DayRun;
  planned: number;
  world: World;
  journal: Journal;
  settled: Settled;
  differences: Differences;
  leftInInbox: number;
  seconds: DayReport['seconds'];
}

export function toReport(parts: Parts): DayReport {
  const { run, planned, world, journal, settled, differences, leftInInbox, seconds } = parts;
  const { faulty, crm, fleet, leaks, sink } = world;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const { sent, acknowledged, duplicates, retries, causes, askedAgain, unanswered, turnedAway } = journal;
  return {
    seed: run.seed,
    hasFaults: run.hasFaults,
    tenants: run.tenants,
    calls: run.calls,
    planned,
    ...{ sent, acknowledged, duplicates, retries, causes, askedAgain, unanswered, turnedAway },
    storageRequests: sum(faulty.map((one) => one.requests())),
    injected: Object.fromEntries(
      faultKinds.map((kind) => [kind, sum(faulty.map(({ injected }) => injected[kind]))]),
    ),
    kills: fleet.kills,
    replayed: settled.replayed,
    quarters: settled.quarters,
    leftInInbox,
    events: crm.heard.size,
    eventRequests: crm.requests(),
    searched: leaks.characters,
    exports: sink.exports(),
    missing: differences.missing,
    twice: differences.twice,
    differences: differences.list,
    seconds,
  };
}

const mostShown = 40;

/** A report as a person reads it in a terminal. */
export function sayReport(report: DayReport): string {
  const { seconds, differences, causes, injected } = report;
  const listed = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const lines = [
    [
      'day',
      `${report.tenants} tenants, ${report.calls} calls, seed ${report.seed}${report.hasFaults ? ', with faults' : ''}`,
    ],
    [
      'deliveries',
      `${report.sent} sent, ${report.acknowledged} acknowledged; ${report.duplicates} duplicates, ${report.retries} retries (${listed(causes)})`,
    ],
    [
      'tools',
      `${report.askedAgain} asked for again; ${report.unanswered} calls rang unanswered, ${report.turnedAway} were turned away`,
    ],
    ['storage', `${report.storageRequests} requests; faults: ${listed(injected)}`],
    [
      'instances',
      `${report.kills} killed and restarted; ${report.replayed} messages replayed, ${report.quarters} quarters of an hour let pass`,
    ],
    [
      'events',
      `${report.events} told in ${report.eventRequests} requests; ${report.leftInInbox} bodies left in the inbox`,
    ],
    [
      'searched',
      `${(report.searched / 1e6).toFixed(1)} million characters of output and ${report.exports} exports of telemetry`,
    ],
    [
      'took',
      `${seconds.all.toFixed(1)} s: ${seconds.play.toFixed(1)} s played, ${seconds.settle.toFixed(1)} s to settle`,
    ],
    [
      'result',
      differences.length === 0
        ? 'exactly as expected'
        : `${differences.length} differences: ${report.missing} missing, ${report.twice} twice`,
    ],
  ];
  const width = Math.max(...lines.map(([name = '']) => name.length));
  const shown = differences.slice(0, mostShown).map((text) => `  - ${text}`);
  return [...lines.map(([name = '', text = '']) => `${name.padEnd(width)}  ${text}`), ...shown].join('\n');
}
