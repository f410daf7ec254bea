/** What the ledger counts; all whole numbers, so that sums are exact. */
export const counterNames = [
  /** Calls of a model. */
  'calls',
  /** Of these, answered without anything usable. */
  'failures',
  /** Of these, answered at a price that is not known, or without usage: their cost is missing from the sum. */
  'unpricedCalls',
  /** Tokens as billed; input includes cached and written. */
  'inputTokens',
  'cachedTokens',
  'writtenTokens',
  'outputTokens',
  /** Micro-dollars. */
  'cost',
  /** Audits answered from our own cache. */
  'cacheHits',
  /** Tokens and micro-dollars that cache hits and packing have saved. */
  'savedTokens',
  'savedCost',
  /** Finished phone calls, their length in milliseconds, and what Vapi bills for them in micro-dollars. */
  'voiceCalls',
  'voiceMs',
  'vapiCost',
] as const;

export type Counter = (typeof counterNames)[number];
export type Counters = Record<Counter, number>;

export function zero(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}

export function sum(a: Readonly<Counters>, b: Readonly<Partial<Counters>>): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, a[name] + (b[name] ?? 0)])) as Counters;
}

/** US dollars as whole micro-dollars. */
export const toMicroUsd = (usd: number) => Math.round(usd * 1_000_000);
