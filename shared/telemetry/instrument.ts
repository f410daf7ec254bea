/** A metric as the table of instruments has it. */
export interface Instrument {
  /** A `gauge` is read by a callback at each export; the others are recorded with `recordMetric`. */
  kind: 'counter' | 'histogram' | 'gauge' | 'upDownCounter';
  /** A unit of the UCUM. */
  unit: string;
  description: string;
  /** The only attributes that leave the process; each has few values. */
  attributes: readonly string[];
  /** Upper bounds of a histogram's buckets, in `unit`. */
  buckets?: readonly number[];
}

/** Of `http.server.request.duration` in the semantic conventions, in seconds. */
export const requestSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;
/** Of `gen_ai.client.operation.duration` in the semantic conventions, in seconds. */
export const modelSeconds = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;
export const auditSeconds = [...modelSeconds, 163.84, 327.68, 655.36] as const;
export const queueSeconds = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 3600] as const;
export const storeSeconds = [0.001, 0.0025, ...requestSeconds] as const;
export const fractions = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;
/** Of `gen_ai.client.token.usage` in the semantic conventions. */
export const tokens = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
] as const;
