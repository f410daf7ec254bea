import { setTimeout as sleep } from 'node:timers/promises';
import type { Check, Outcome } from './limitsContender.ts';

/** Callers that each check again as soon as they are answered. */
export interface ClosedLoad {
  callers: number;
  /** Identifiers are `prefix` and a number from `from` up to, not including, `to`. */
  prefix: string;
  from: number;
  to: number;
  /** Milliseconds of checks of identifiers picked at random; undefined: each is checked once. */
  ms: number | undefined;
}

/** Latencies in milliseconds. */
export interface ClosedResult {
  checks: number;
  ms: number;
  p50: number;
  p99: number;
  outcomes: Record<Outcome, number>;
}

/** Requests that arrive whether or not earlier ones are answered, at random times (Poisson). */
export interface OpenLoad {
  identifier: string;
  perSecond: number;
  /** Begins then, milliseconds since the epoch, and lasts `ms`. */
  startAt: number;
  ms: number;
}

/** What happened when, in milliseconds since the epoch. */
export interface Timeline {
  arrivals: number[];
  admissions: number[];
  /** How many of the admissions the store did not know of. */
  degraded: number;
  /** Checks that ended neither admitted nor refused. */
  failed: number;
  /** Latencies in milliseconds. */
  p50: number;
  p99: number;
}

const noOutcomes = (): Record<Outcome, number> => ({ allowed: 0, degraded: 0, refused: 0, failed: 0 });

/** Percentiles of milliseconds. */
function percentiles(latencies: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Identifiers one after the other, or at random until `end`; undefined where there are no more. */
function chooser({ prefix, from, to, ms }: ClosedLoad, end: number): (now: number) => string | undefined {
  const only = `${prefix}${from}`;
  let next = from;
  if (ms === undefined) return () => (next < to ? `${prefix}${next++}` : undefined);
  if (to - from === 1) return (now) => (now < end ? only : undefined);
  return (now) => (now < end ? `${prefix}${from + Math.floor(Math.random() * (to - from))}` : undefined);
}

/** Keeps the callers busy. A caller's time between two checks is none, so that one clock reading serves both. */
export async function closedLoop(check: Check, load: ClosedLoad): Promise<ClosedResult> {
  const latencies: number[] = [];
  const outcomes = noOutcomes();
  const began = performance.now();
  const choose = chooser(load, began + (load.ms ?? 0));
  const caller = async () => {
    let last = performance.now();
    for (let id = choose(last); id !== undefined; id = choose(last)) {
      outcomes[await check(id)]++;
      const now = performance.now();
      latencies.push(now - last);
      last = now;
    }
  };
  await Promise.all(Array.from({ length: load.callers }, caller));
  const ms = performance.now() - began;
  return { checks: latencies.length, ms, outcomes, ...percentiles(latencies) };
}

/** Lets requests arrive. One that is late because the process was busy arrives when it is made. */
export async function openLoop(
  check: Check,
  { identifier, perSecond, startAt, ms }: OpenLoad,
): Promise<Timeline> {
  const arrivals: number[] = [];
  const admissions: number[] = [];
  const latencies: number[] = [];
  const count = noOutcomes();
  const request = async () => {
    arrivals.push(Date.now());
    const began = performance.now();
    const outcome = await check(identifier);
    latencies.push(performance.now() - began);
    count[outcome]++;
    if (outcome === 'allowed' || outcome === 'degraded') admissions.push(Date.now());
  };
  const gap = () => (-Math.log(1 - Math.random()) * 1000) / perSecond;
  const pending: Promise<void>[] = [];
  let due = startAt + gap();
  while (due < startAt + ms) {
    const early = due - Date.now();
    if (early > 0) await sleep(early);
    for (const now = Date.now(); due <= now && due < startAt + ms; due += gap()) pending.push(request());
  }
  await Promise.all(pending);
  const { degraded, failed } = count;
  return { arrivals, admissions, degraded, failed, ...percentiles(latencies) };
}
