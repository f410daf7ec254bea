import type { z } from 'zod';
import type { StepMemory } from '../stepMemory.ts';
import type { Account } from './account.ts';

/** What a step is remembered by: `key` names everything that shapes its result, `schema` what was stored. */
export interface Step<T> {
  kind: string;
  key: unknown;
  schema: z.ZodType<T>;
}

/** A step's result: remembered, or else asked for and remembered. Either way it is done on the account. */
export async function rememberedStep<T>(
  { kind, key, schema }: Step<T>,
  { steps, account }: { steps: StepMemory; account: Pick<Account, 'stepDone'> },
  ask: () => Promise<T>,
): Promise<T> {
  const known = await steps.get(kind, key, schema);
  const result = known ?? (await ask());
  if (known === undefined) await steps.put(kind, key, result);
  account.stepDone(known !== undefined);
  return result;
}
