import type { Decision } from '../../../shared/limits/decision.ts';
import { Limiter } from '../../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../../shared/limits/policy.ts';
import { calm, Scheduler, SimulatedBuckets, skewedClock, type Weather } from '../simulation.ts';

/** A limiter on simulated storage and time; a check lets 200 ms pass. */
export function simulateLimiter(
  inputs: readonly PolicyInput[],
  options: { weather?: Weather; mostIdentifiers?: number } = {},
) {
  const scheduler = new Scheduler();
  const table = new SimulatedBuckets(scheduler, () => 0.5, options.weather ?? calm);
  const policies = inputs.map((input) => policySchema.parse(input));
  const limiter = new Limiter({
    policies,
    store: table,
    instance: 'i',
    clock: skewedClock(scheduler, 0, () => 0.5),
    ...(options.mostIdentifiers === undefined ? {} : { mostIdentifiers: options.mostIdentifiers }),
  });
  const pass = (ms: number) => scheduler.run(scheduler.now + ms);
  const check = async (...asked: Parameters<Limiter['check']>): Promise<Decision> => {
    const decision = limiter.check(...asked);
    await pass(200);
    return decision;
  };
  return { scheduler, table, policies, limiter, pass, check };
}
