import type { z } from 'zod';

/**
 * Results of the steps of audits, by content: a step that was finished once, on whatever instance, is not done again.
 * Keys are JSON values that name everything which shapes the result.
 */
export interface StepMemory {
  /** Undefined where the step was not finished, or its result cannot be read. */
  get<T>(kind: string, key: unknown, schema: z.ZodType<T>): Promise<T | undefined>;
  put(kind: string, key: unknown, value: unknown): Promise<void>;
}
