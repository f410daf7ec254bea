/** What one code tool may take. Sizes are of JSON text in UTF-16 units unless they say bytes; times are ms. */
export interface CodeLimits {
  codeBytes: number;
  input: number;
  result: number;
  /** Of what the code exports, its `run` aside. */
  definition: number;
  /** Of one request's or one answer's body, in bytes. */
  fetchBytes: number;
  /** Requests and secrets that one call may ask for, and how many at a time. */
  asks: number;
  asksAtOnce: number;
  logLine: number;
  logLines: number;
  loadMs: number;
  /** From a call that is late to the end of a process that does not answer. */
  pingMs: number;
  /** Without calls, until the process is ended. */
  idleMs: number;
  callsAtOnce: number;
  callsWaiting: number;
  /** MB of V8's old space. */
  heapMb: number;
  /** MB resident, buffers and all. */
  residentMb: number;
}

const KiB = 1024;

export const defaultLimits: CodeLimits = {
  codeBytes: KiB * KiB,
  input: 64 * KiB,
  result: 64 * KiB,
  definition: 64 * KiB,
  fetchBytes: 256 * KiB,
  asks: 32,
  asksAtOnce: 8,
  logLine: 2 * KiB,
  logLines: 20,
  loadMs: 3_000,
  pingMs: 250,
  idleMs: 60_000,
  callsAtOnce: 16,
  callsWaiting: 64,
  heapMb: 64,
  residentMb: 192,
};

/** The limits that the process itself holds to, so that it is not heard where it goes beyond. */
export type ChildLimits = Pick<
  CodeLimits,
  'result' | 'definition' | 'fetchBytes' | 'asks' | 'asksAtOnce' | 'logLine' | 'logLines'
>;
